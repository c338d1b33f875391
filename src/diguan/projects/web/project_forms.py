"""Forms of a project: open and change it, name its team, pass a gate, go back, hold it up, hand in evidence, note what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.enterprises.models import Enterprise
from diguan.kernel import clocks, money
from diguan.kernel.access.models import Person, Post, Unit
from diguan.kernel.evidence import dictionary
from diguan.kernel.forms import PieceForm, day_field
from diguan.kernel.units import UnitError
from diguan.projects.actions.board import Note
from diguan.projects.actions.projects import Said
from diguan.projects.models import LeadSource, Project, ProjectKind

MU = 10_000
"""Land is kept in 0.0001 mu."""




def officials() -> Any:
    """People with a post of the county's today, by name."""
    return Person.objects.filter(is_active=True, pk__in=Post.objects.current().exclude(role="enterprise_agent").values("person")).order_by("name", "id")


class ProjectForm(forms.Form):
    """What is told of a project. An empty figure is not known."""

    name = forms.CharField(label=gettext_lazy("项目"), max_length=120)
    investor = forms.CharField(label=gettext_lazy("投资方"), max_length=200)
    investor_uscc = forms.CharField(label=gettext_lazy("投资方信用代码"), max_length=18, required=False)
    region = forms.CharField(label=gettext_lazy("投资方所在地"), max_length=6, required=False, help_text=gettext_lazy("行政区划代码，6 位"))
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=ProjectKind.choices)
    extends = forms.CharField(label=gettext_lazy("在哪个项目上"), max_length=20, required=False, help_text=gettext_lazy("增资扩产、技改升级写原项目的编号"))
    source = forms.ChoiceField(label=gettext_lazy("线索来源"), choices=LeadSource.choices)
    told = forms.CharField(label=gettext_lazy("建什么"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    planned_fen = forms.CharField(label=gettext_lazy("计划投资"), max_length=30, required=False, help_text=gettext_lazy("如 3600 或 1.2 亿元；不写单位就是万元；不知道就空着"))
    land = forms.DecimalField(label=gettext_lazy("用地（亩）"), max_digits=12, decimal_places=4, min_value=0, required=False)
    jobs = forms.IntegerField(label=gettext_lazy("预计用工"), min_value=0, max_value=1_000_000, required=False)
    industry = forms.CharField(label=gettext_lazy("行业"), max_length=6, required=False, help_text=gettext_lazy("国民经济行业代码，如 4030"))
    node = forms.CharField(label=gettext_lazy("产业链环节"), max_length=60, required=False)
    cluster = forms.CharField(label=gettext_lazy("产业集群"), max_length=40, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def clean_planned_fen(self) -> int | None:
        """The amount in fen."""
        text = self.cleaned_data["planned_fen"].strip()
        try:
            return money.parse(text, "万元") if text else None
        except UnitError as error:
            raise forms.ValidationError(_("不是金额：如 3600、1.2 亿元")) from error

    def clean_land(self) -> int | None:
        """The land in 0.0001 mu."""
        mu: Decimal | None = self.cleaned_data["land"]
        return None if mu is None else int(mu * MU)

    def clean_extends(self) -> Project | None:
        """The project of that number that the person may see."""
        number = self.cleaned_data["extends"].strip()
        found = self.seen.filter(number=number).first() if number else None
        if number and found is None:
            raise forms.ValidationError(_("没有编号为 {number} 的项目").format(number=number))
        return found

    def __init__(self, seen: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = seen

    @property
    def said(self) -> Said:
        """What was filled in, as the actions take it."""
        return Said(**{one.name: self.cleaned_data[one.name] for one in fields(Said)})


class ChangeForm(ProjectForm):
    """As it is opened, and the firm registered for it in the county."""

    enterprise = forms.CharField(label=gettext_lazy("项目公司"), max_length=18, required=False, help_text=gettext_lazy("在县内登记的公司的统一社会信用代码"))

    def clean_enterprise(self) -> Enterprise | None:
        """The firm of that code."""
        code = self.cleaned_data["enterprise"].strip()
        found = Enterprise.objects.filter(uscc=code).first() if code else None
        if code and found is None:
            raise forms.ValidationError(_("企业库里没有 {code}").format(code=code))
        return found


def initial_of(row: Project) -> dict[str, Any]:
    """What the form of a project begins with."""
    kept = {one.name: getattr(row, one.name) for one in fields(Said)}
    return kept | {"version": row.version, "extends": row.extends.number if row.extends else "", "enterprise": row.enterprise.uscc if row.enterprise else "",
                   "planned_fen": f"{money.exact(row.planned_fen)} 元" if row.planned_fen is not None else "", "land": Decimal(row.land) / MU if row.land is not None else None}


class Versioned(forms.Form):
    """What every deed on a project carries."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}-%s", **kwargs})


class TeamForm(Versioned):
    """链长, 链班 and 服务专员."""

    chain_chief = forms.ModelChoiceField(label=gettext_lazy("链长"), queryset=Person.objects.none(), required=False, empty_label=gettext_lazy("还没定"))
    task_force = forms.ModelChoiceField(label=gettext_lazy("链班"), queryset=Unit.objects.filter(active=True).order_by("path", "id"), required=False, empty_label=gettext_lazy("还没定"))
    service_officer = forms.ModelChoiceField(label=gettext_lazy("服务专员"), queryset=Person.objects.none(), required=False, empty_label=gettext_lazy("还没定"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("chain_chief", "service_officer"):
            self.fields[name].queryset = officials()  # type: ignore[attr-defined]


class MoveForm(Versioned):
    """Go on to another stage."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=60)
    day = day_field(gettext_lazy("办理日期"), required=False, help_text=gettext_lazy("空着就是今天"))
    reason = forms.CharField(label=gettext_lazy("补充说明"), max_length=300, required=False)


class BackForm(Versioned):
    """Go back to an earlier stage."""

    to = forms.ChoiceField(label=gettext_lazy("退回到"))
    reason = forms.CharField(label=gettext_lazy("退回理由"), max_length=200)

    def __init__(self, targets: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = targets  # type: ignore[attr-defined]


class StatusForm(Versioned):
    """Delayed, dormant, lost, abandoned; or under way again."""

    to = forms.ChoiceField(label=gettext_lazy("改为"))
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200)

    def __init__(self, targets: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = targets  # type: ignore[attr-defined]


class WaiveForm(Versioned):
    """Let one item of a gate be done without."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=60)
    item = forms.CharField(widget=forms.HiddenInput, max_length=60)
    reason = forms.CharField(label=gettext_lazy("免予提供的理由"), max_length=200)


class PaperForm(PieceForm):
    """One piece of evidence of a project."""

    def __init__(self, entries: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(entries, *args, **{"auto_id": "paper-%s", **kwargs})
        self.fields["value"].help_text = _("是否一类写“是”或“否”")

    def clean(self) -> dict[str, Any]:
        """A certificate that tells a yes-or-no fact says yes unless it says otherwise."""
        told = super().clean() or self.cleaned_data
        entry = dictionary.known().get(told.get("entry", ""))
        if entry is not None and entry.value is not None and entry.value.type == "bool":
            told["value"] = told.get("value") or "true"
        return told


class NoteForm(forms.Form):
    """What was done, and what comes next."""

    on = day_field(gettext_lazy("日期"))
    what = forms.CharField(label=gettext_lazy("做了什么"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    next_step = forms.CharField(label=gettext_lazy("下一步"), max_length=200, required=False)
    next_on = day_field(gettext_lazy("下一步日期"), required=False)
    next_by = forms.ModelChoiceField(label=gettext_lazy("谁办"), queryset=Person.objects.none(), required=False, empty_label=gettext_lazy("还没定"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note-%s", "initial": {"on": clocks.today()}, **kwargs})
        self.fields["next_by"].queryset = officials()  # type: ignore[attr-defined]

    @property
    def note(self) -> Note:
        """What was filled in, as the action takes it."""
        return Note(**self.cleaned_data)
