"""Forms of leads."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks, money, packs
from diguan.kernel.forms import day_field
from diguan.kernel.shell import language
from diguan.kernel.units import UnitError
from diguan.projects.actions.lead_work import News
from diguan.projects.actions.leads import Said
from diguan.projects.models import Lead, LeadSource
from diguan.projects.queries import leads
from diguan.ties.models import Purpose
from diguan.ties.queries import people

MU = 10_000
"""Land is kept in 0.0001 mu."""



def prefilled(asked: Any) -> dict[str, str]:
    """What a link from another page says already: the firm, and where the lead comes from."""
    source = asked.get("source", "")
    return {"firm_name": asked.get("firm", "")[:200], "source": source if source in LeadSource.values else ""}


class LeadForm(forms.Form):
    """What is told of a lead; only firm, source and day are needed."""

    firm_name = forms.CharField(label=gettext_lazy("投资方"), max_length=200, help_text=gettext_lazy("写全称；边写边查有没有人在跟"))
    uscc = forms.CharField(label=gettext_lazy("统一社会信用代码"), max_length=18, required=False)
    contact_phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=30, required=False)
    title = forms.CharField(label=gettext_lazy("线索"), max_length=120, help_text=gettext_lazy("一句话：谁想来做什么"))
    source = forms.ChoiceField(label=gettext_lazy("线索来源"), choices=[("", gettext_lazy("请选择")), *LeadSource.choices])
    came_on = day_field(gettext_lazy("得到线索"))
    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=60, required=False)
    referrer: Any = forms.ModelChoiceField(queryset=None, label=gettext_lazy("引荐人"), required=False, empty_label=gettext_lazy("不在册或不清楚"), help_text=gettext_lazy("同意引荐企业的同乡；不在册的写在下面"))
    source_note = forms.CharField(label=gettext_lazy("怎么来的"), max_length=200, required=False, help_text=gettext_lazy("谁引荐的、在哪里谈起的"))
    told = forms.CharField(label=gettext_lazy("想投什么"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    investment_fen = forms.CharField(label=gettext_lazy("意向投资"), max_length=30, required=False, help_text=gettext_lazy("如 852 或 2.86 亿元；不写单位就是万元"))
    land = forms.DecimalField(label=gettext_lazy("用地需求（亩）"), min_value=0, max_digits=12, decimal_places=4, required=False)
    jobs = forms.IntegerField(label=gettext_lazy("预计用工"), min_value=0, max_value=10_000_000, required=False)
    node = forms.CharField(label=gettext_lazy("产业链环节"), max_length=60, required=False)
    region = forms.CharField(label=gettext_lazy("投资方所在地"), max_length=40, required=False, help_text=gettext_lazy("地名或六位代码"))
    checked = forms.BooleanField(label=gettext_lazy("已核对，不是同一家，或者和持有人说过了"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def __init__(self, person: Any, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["referrer"].queryset = people.visible_people(person, Purpose.INTRODUCE)  # type: ignore[attr-defined]
        self.fields["referrer"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]

    def clean_region(self) -> str:
        """Its code."""
        code = packs.codes().region_of(self.cleaned_data["region"]) if self.cleaned_data["region"] else ""
        problem = packs.codes().region_problem(code)
        if problem is not None:
            raise forms.ValidationError(problem.text(language()))
        return code

    def clean(self) -> dict[str, Any]:
        """Amounts in storage units."""
        super().clean()
        told = self.cleaned_data
        if "investment_fen" in told:
            try:
                told["investment_fen"] = money.parse(told["investment_fen"], "万元") if told["investment_fen"] else None
            except UnitError:
                self.add_error("investment_fen", _("不是金额：如 852、2.86 亿元、1,286.50 元"))
        if told.get("land") is not None:
            told["land"] = int(told["land"] * MU)
        return told

    def said(self, industry: str = "") -> Said:
        """What was filled in, as the actions take it."""
        told = {one.name: self.cleaned_data[one.name] for one in fields(Said) if one.name in self.cleaned_data}
        return Said(**told, industry=industry)


def initial_of(row: Lead) -> dict[str, Any]:
    """A lead as its form shows it."""
    told = {name: getattr(row, name) for name in LeadForm.base_fields if hasattr(row, name)}
    return told | {"investment_fen": f"{money.exact(row.investment_fen)} 元" if row.investment_fen is not None else "", "land": Decimal(row.land) / MU if row.land is not None else None}


class Versioned(forms.Form):
    """What is done to a lead as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class NewsForm(Versioned):
    """What was done, and what comes next."""

    on = day_field(gettext_lazy("日期"))
    what = forms.CharField(label=gettext_lazy("做了什么"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    next_step = forms.CharField(label=gettext_lazy("下一步"), max_length=200, required=False, help_text=gettext_lazy("没有就三样都不填"))
    next_on = day_field(gettext_lazy("下一步日期"), required=False)
    next_by: Any = forms.ModelChoiceField(queryset=None, label=gettext_lazy("谁办"), required=False, empty_label=gettext_lazy("还没定"))

    def __init__(self, person: Any, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["next_by"].queryset = leads.followers()  # type: ignore[attr-defined]
        self.fields["on"].initial = clocks.today()

    @property
    def news(self) -> News:
        """As the actions take it."""
        return News(**{name: self.cleaned_data[name] for name in ("on", "what", "next_step", "next_on", "next_by")})


class JudgeForm(Versioned):
    """What to make of it."""

    opinion = forms.CharField(label=gettext_lazy("研判意见"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("合不合产业方向、靠不靠谱、下一步谁去谈"))


class FeedbackForm(Versioned):
    """What the referrer was told."""

    on = day_field(gettext_lazy("日期"))
    what = forms.CharField(label=gettext_lazy("怎么答复的"), max_length=480)


class ReasonForm(Versioned):
    """Something that needs a reason."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)


class ToForm(Versioned):
    """To whom it goes."""

    to: Any = forms.ModelChoiceField(queryset=None, label=gettext_lazy("交给谁"), empty_label=gettext_lazy("请选择"))

    def __init__(self, person: Any, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["to"].queryset = leads.takers(person)  # type: ignore[attr-defined]


class OfferForm(ToForm):
    """An offer, with a note."""

    note = forms.CharField(label=gettext_lazy("交接说明"), max_length=200, required=False)


class AssignForm(ToForm):
    """Given by the office, with a reason."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)


class DuplicateForm(Versioned):
    """Of which lead it is a duplicate."""

    number = forms.CharField(label=gettext_lazy("和哪条线索重复（编号）"), max_length=20)
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)
