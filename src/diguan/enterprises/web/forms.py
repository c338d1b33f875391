"""Forms of the register. They check with the actions' own rules, so page, import and command line refuse alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from diguan.enterprises import actions, queries
from diguan.enterprises.models import BusinessStatus, Contact, Enterprise, ProductionStatus, TitleKind
from diguan.kernel import clocks, packs, periods, places
from diguan.kernel import uscc as codes
from diguan.kernel.forms import day_field
from diguan.kernel.messages import Message

FEN_IN_WAN = 1_000_000
_TEXTS = ("name", "registered_region", "registered_authority", "place_region", "town", "address", "industry", "cluster", "park",
          "business_status", "production_status", "legal_representative")
NONE_HINT = gettext_lazy("确定没有就写“无”，不知道就空着")




def say(form: forms.Form, problems: Mapping[str, Message]) -> None:
    """Put what the actions' rules say at the fields they say it of."""
    for name, message in problems.items():
        form.add_error(name if name in form.fields else None, message.text(get_language() or "zh"))


class EnterpriseForm(forms.Form):
    """What the register keeps of a firm. An empty field is unknown."""

    name = forms.CharField(label=gettext_lazy("企业名称"), max_length=200)
    registered_region = forms.ChoiceField(label=gettext_lazy("登记地"), required=False, help_text=gettext_lazy("登记机关所在地，不从信用代码推断"))
    registered_authority = forms.CharField(label=gettext_lazy("登记机关"), max_length=100, required=False)
    place_region = forms.ChoiceField(label=gettext_lazy("经营地"), required=False, help_text=gettext_lazy("实际经营所在的县市区"))
    town = forms.CharField(label=gettext_lazy("所在乡镇"), max_length=60, required=False, help_text=NONE_HINT)
    address = forms.CharField(label=gettext_lazy("经营地址"), max_length=200, required=False)
    industry = forms.CharField(label=gettext_lazy("行业代码"), max_length=8, required=False, help_text=gettext_lazy("GB/T 4754-2017，如 4030"))
    cluster = forms.CharField(label=gettext_lazy("产业集群"), max_length=40, required=False, help_text=NONE_HINT)
    park = forms.CharField(label=gettext_lazy("所在园区"), max_length=60, required=False, help_text=NONE_HINT)
    business_status = forms.ChoiceField(label=gettext_lazy("登记状态"), required=False)
    production_status = forms.ChoiceField(label=gettext_lazy("生产状态"), required=False)
    established = day_field(gettext_lazy("成立日期"), required=False)
    capital = forms.DecimalField(label=gettext_lazy("注册资本"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=6)
    legal_representative = forms.CharField(label=gettext_lazy("法定代表人"), max_length=60, required=False)

    def __init__(self, person: Any, *args: Any, row: Enterprise | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = [("", _("未知")), *((code, f"{code} {name}") for code, name in packs.codes().regions.items())]
        for name in ("registered_region", "place_region"):
            kept = getattr(row, name, "")
            self._offer(name, regions if not kept or kept in packs.codes().regions else [*regions, (kept, kept)])
        self._offer("business_status", [("", _("未知")), *BusinessStatus.choices])
        self._offer("production_status", [("", _("未知")), *ProductionStatus.choices])
        self.suggestions = {name: queries.choices(person, name) for name in ("town", "cluster", "park")}
        for name in self.suggestions:
            self.fields[name].widget.attrs["list"] = f"{name}-words"

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_industry(self) -> str:
        """The code without a padded letter."""
        return places.normal_industry(self.cleaned_data["industry"])

    def clean(self) -> dict[str, Any]:
        """Ask the rules of the actions; what a field refused itself is not refused twice."""
        data = super().clean() or {}
        say(self, {name: problem for name, problem in actions.problems(self.values()).items() if name not in self.errors})
        return data

    def values(self) -> dict[str, Any]:
        """What was filled in, as the actions take it."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name].strip() for name in _TEXTS if name in data}
        if "established" in data:
            found["established"] = data["established"]
        if "capital" in data:
            found["registered_capital_fen"] = None if data["capital"] is None else int(data["capital"] * FEN_IN_WAN)
        return found


class NewForm(EnterpriseForm):
    """A firm to register: its code as well, and the word that it is none of those alike."""

    uscc = forms.CharField(label=gettext_lazy("统一社会信用代码"), max_length=40, help_text=gettext_lazy("18 位；空格和全角会自动去掉"))
    checked = forms.BooleanField(label=gettext_lazy("已核对，和上面列出的不是同一家"), required=False)
    field_order = ("uscc", "name")

    def clean_uscc(self) -> str:
        """A code whose check character holds."""
        code = codes.normalise(self.cleaned_data["uscc"])
        problem = codes.problem(code)
        if problem:
            raise forms.ValidationError(problem.text(get_language() or "zh"))
        return code


class ChangeForm(EnterpriseForm):
    """A firm to change, as somebody saw it at a version."""

    renamed = forms.BooleanField(label=gettext_lazy("名称变了：旧名记为曾用名"), required=False)
    reason = forms.CharField(label=gettext_lazy("为什么改"), max_length=200, required=False, help_text=gettext_lazy("记在留痕里，如：市监局 10 月变更登记"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


def initial_of(row: Enterprise) -> dict[str, Any]:
    """What the form of a firm begins with."""
    capital = None if row.registered_capital_fen is None else (Decimal(row.registered_capital_fen) / FEN_IN_WAN).normalize()
    return {**{name: getattr(row, name) for name in _TEXTS}, "established": row.established, "version": row.version,
            "capital": None if capital is None else f"{capital:f}"}


class FormerNameForm(forms.Form):
    """A name the firm bore."""

    former_name = forms.CharField(label=gettext_lazy("曾用名"), max_length=200)
    until = day_field(gettext_lazy("用到哪一天"), required=False)


class TitleForm(forms.Form):
    """A dated title."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=TitleKind.choices)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=100, required=False, help_text=gettext_lazy("其他资质要写名称；别的空着就用类别的名字"))
    issuer = forms.CharField(label=gettext_lazy("发证机关"), max_length=100, required=False)
    issued = day_field(gettext_lazy("发证日期"))
    valid_until = day_field(gettext_lazy("有效期至"), required=False, help_text=gettext_lazy("空着就是长期有效"))

    def clean_issued(self) -> Any:
        """No title is of a day to come."""
        day = self.cleaned_data["issued"]
        if day > clocks.today():
            raise forms.ValidationError(_("发证日期还没到"))
        return day


class WithdrawForm(forms.Form):
    """A title taken back."""

    on_day = day_field(gettext_lazy("取消日期"), help_text=gettext_lazy("这一天起不再持有"))
    reason = forms.CharField(label=gettext_lazy("取消原因"), max_length=200)


LATEST = dt.date(2100, 12, 31)
TIMELY = [MinValueValidator(periods.EARLIEST), MaxValueValidator(LATEST)]


class DaysForm(forms.Form):
    """The two days a firm's standing is compared on."""

    on = day_field(gettext_lazy("判断日"), required=False, validators=TIMELY)
    against = day_field(gettext_lazy("和哪一天比"), required=False, validators=TIMELY)


class ContactForm(forms.Form):
    """A contact; the number that is there is not shown, and stays if none is typed."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    role = forms.CharField(label=gettext_lazy("职务"), max_length=60, required=False)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=30, required=False, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))

    def __init__(self, *args: Any, contact: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if contact is not None and contact.phone:
            self.fields["phone"].help_text = _("空着就不改；现在的号码尾号 %(end)s") % {"end": contact.phone_key[-4:]}


Save = Callable[[dict[str, Any]], Any]
