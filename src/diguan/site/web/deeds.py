"""What an administrator can do to a person or a unit: the words, the form and the action of each deed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy

from diguan.kernel.access import actions
from diguan.kernel.access.models import Delegation, Person, Post, Unit, UnitKind
from diguan.kernel.access.roles import roles

HELP = gettext_lazy("会写进留痕")


class DayField(forms.DateField):
    """A day that may be left open, chosen in the browser's calendar."""

    def __init__(self, label: Promise | str, help_text: Promise | str) -> None:
        super().__init__(label=label, help_text=help_text, required=False, widget=forms.DateInput(attrs={"type": "date"}))  # type: ignore[arg-type]


class Reasoned(forms.Form):
    """A deed that must say why."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200, help_text=HELP)


class MaybeReasoned(forms.Form):
    """A deed that may say why."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200, required=False, help_text=HELP)


class PasswordForm(forms.Form):
    password = forms.CharField(label=gettext_lazy("新的初始密码"), max_length=200, strip=False,
                               widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                               help_text=gettext_lazy("至少 10 位；当面或电话告诉本人，本人登录后必须改掉"))


class PersonForm(forms.Form):
    login_name = forms.CharField(label=gettext_lazy("登录名"), max_length=60, help_text=gettext_lazy("小写字母、数字和 . _ @ -"),
                                 widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}))
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=30, required=False)
    password = forms.CharField(label=gettext_lazy("初始密码"), max_length=200, strip=False,
                               widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                               help_text=gettext_lazy("至少 10 位；本人第一次登录必须改掉"))


class ChangeForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=30, required=False)
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200, required=False, help_text=HELP)


class AppointForm(forms.Form):
    """A role in a unit between two days."""

    role = forms.ChoiceField(label=gettext_lazy("角色"))
    unit = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("单位"), required=False, empty_label="—",
                                  help_text=gettext_lazy("企业经办人不选单位，要另外登记授权"))
    from_day = DayField(gettext_lazy("从哪天起"), gettext_lazy("空着为今天"))
    to_day = DayField(gettext_lazy("到哪天止"), gettext_lazy("空着为不限"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "zh"
        self.fields["role"].choices = [(name, role.label(language)) for name, role in roles().items()]  # type: ignore[attr-defined]
        self.fields["unit"].queryset = Unit.objects.filter(active=True)  # type: ignore[attr-defined]


class DelegateForm(forms.Form):
    uscc_code = forms.CharField(label=gettext_lazy("统一社会信用代码"), max_length=24)
    evidence = forms.CharField(label=gettext_lazy("授权依据"), max_length=200, help_text=gettext_lazy("如：法定代表人授权书，2026 年 10 月 8 日收到"))
    to_day = DayField(gettext_lazy("到哪天止"), gettext_lazy("空着为不限"))


class UnitForm(forms.Form):
    code = forms.SlugField(label=gettext_lazy("代码"), max_length=40, help_text=gettext_lazy("小写字母、数字和短横，定了不改"))
    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=UnitKind.choices[1:])
    parent = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("上级单位"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Unit.objects.filter(active=True)  # type: ignore[attr-defined]


class UnitChangeForm(forms.Form):
    """Name, place in the tree, whether it is open. The county itself has no parent and is never closed here."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    parent = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("上级单位"), empty_label=None)
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False)
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200, required=False, help_text=HELP)

    def __init__(self, unit: Unit, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"name": unit.name, "parent": unit.parent_id, "active": unit.active})
        super().__init__(*args, **kwargs)
        self.unit = unit
        if unit.parent_id is None:
            del self.fields["parent"], self.fields["active"]
        else:
            below = Unit.objects.filter(path__startswith=unit.path)
            self.fields["parent"].queryset = Unit.objects.exclude(pk__in=below)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Closing an office needs a reason; the county keeps its place."""
        data: dict[str, Any] = super().clean() or {}
        if self.unit.parent_id is None:
            return {**data, "parent": None, "active": True}
        if self.unit.active and not data.get("active") and not data.get("reason"):
            self.add_error("reason", gettext_lazy("停用单位要写理由"))
        return data


@dataclass(frozen=True)
class Deed:
    """``act(form data, person, target, by)`` calls the action; ``target`` is the kind of row the deed is on, if not the person."""

    title: Promise | str
    says: Promise | str
    button: Promise | str
    form: type[forms.Form]
    act: Callable[[dict[str, Any], Person, Any, Person], Any]
    permission: str = "access.manage_person"
    danger: bool = False
    target: type[Post | Delegation] | None = None
    start: Callable[[Person], dict[str, Any]] | None = None


DEEDS: dict[str, Deed] = {
    "appoint": Deed(gettext_lazy("给{name}任职"), gettext_lazy("任职从起始日开始生效，权限随角色来。自己不能给自己任职。"), gettext_lazy("任职"),
                    AppointForm, lambda data, row, _target, by: actions.appoint(person=row, **data, by=by)),
    "end_post": Deed(gettext_lazy("结束{name}的这项任职"), gettext_lazy("权限立即收回；做过的事仍在留痕里。"), gettext_lazy("结束任职"), MaybeReasoned,
                     lambda data, _row, target, by: actions.end_post(post=target, **data, by=by), danger=True, target=Post),
    "delegate": Deed(gettext_lazy("登记{name}的经办人授权"), gettext_lazy("登记后，本人能看到并代办这家企业的事；还要有“企业经办人”的任职。"), gettext_lazy("登记授权"),
                     DelegateForm, lambda data, row, _target, by: actions.delegate(person=row, **data, by=by), "access.manage_delegation"),
    "revoke": Deed(gettext_lazy("撤销{name}的这项授权"), gettext_lazy("撤销后本人立即看不到这家企业的事。"), gettext_lazy("撤销授权"), Reasoned,
                   lambda data, _row, target, by: actions.revoke_delegation(delegation=target, **data, by=by),
                   "access.manage_delegation", danger=True, target=Delegation),
    "change": Deed(gettext_lazy("修改{name}的姓名或电话"), gettext_lazy("登录名不能改。"), gettext_lazy("保存这些改动"), ChangeForm,
                   lambda data, row, _target, by: actions.change_person(person=row, **data, by=by),
                   start=lambda row: {"name": row.name, "phone": row.phone}),
    "reset": Deed(gettext_lazy("重设{name}的密码"), gettext_lazy("本人其他地方的登录都会退出，锁定也一并解除。"), gettext_lazy("重设密码"), PasswordForm,
                  lambda data, row, _target, by: actions.reset_password(person=row, **data, by=by)),
    "unlock": Deed(gettext_lazy("解除{name}的锁定"), gettext_lazy("先核实是不是本人输错的；解除后可以马上再登录。"), gettext_lazy("解除锁定"), MaybeReasoned,
                   lambda data, row, _target, by: actions.unlock_person(person=row, **data, by=by)),
    "deactivate": Deed(gettext_lazy("停用{name}的账号"), gettext_lazy("停用后不能登录，任职和授权都不再起作用；记录一条不删，可以恢复。"), gettext_lazy("停用账号"),
                       Reasoned, lambda data, row, _target, by: actions.deactivate_person(person=row, **data, by=by), danger=True),
    "reactivate": Deed(gettext_lazy("恢复{name}的账号"), gettext_lazy("恢复后，仍在期内的任职和授权会重新起作用，请先核对。"), gettext_lazy("恢复账号"), MaybeReasoned,
                       lambda data, row, _target, by: actions.reactivate_person(person=row, **data, by=by)),
}
