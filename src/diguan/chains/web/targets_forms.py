"""Forms of target firms: what somebody tells of one, and a note of what was done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.chains.actions import targets as actions
from diguan.chains.models import Approach, Pollution
from diguan.chains.queries import shelf
from diguan.chains.web import words
from diguan.kernel import clocks, money, packs
from diguan.kernel.forms import day_field
from diguan.kernel.shell import language
from diguan.kernel.units import UnitError

_SCALED = {"growth": 100, "local_share": 100, "land": 10_000, "jobs": 1}


class TellForm(forms.Form):
    """Some of what is known of a firm; an empty field tells nothing and takes nothing back."""

    growth = forms.DecimalField(label=gettext_lazy("营收增长（%）"), required=False, decimal_places=2)
    jobs = forms.IntegerField(label=gettext_lazy("预计用工（人）"), required=False)
    tax_per_mu = forms.CharField(label=gettext_lazy("亩均税收（每年）"), required=False, max_length=30, help_text=gettext_lazy("如 12 或 12 万元；不写单位就是万元"))
    land = forms.DecimalField(label=gettext_lazy("用地需求（亩）"), required=False, decimal_places=4)
    local_share = forms.DecimalField(label=gettext_lazy("本地采购比例（%）"), required=False, decimal_places=2)
    pollution = forms.ChoiceField(label=gettext_lazy("污染程度"), required=False)
    hometown_tie = forms.ChoiceField(label=gettext_lazy("乡情关联"), required=False, help_text=gettext_lazy("只记有没有；是谁，等“乡情”里本人同意后再记"))
    region = forms.CharField(label=gettext_lazy("总部所在地"), required=False, max_length=40, help_text=gettext_lazy("行政区划名称或代码"))
    industry = forms.CharField(label=gettext_lazy("行业"), required=False, max_length=40, help_text=gettext_lazy("国民经济行业名称或代码"))
    nodes = forms.MultipleChoiceField(label=gettext_lazy("能做的环节"), required=False, widget=forms.SelectMultiple(attrs={"size": 8}))
    source = forms.CharField(label=gettext_lazy("来源"), max_length=100, help_text=gettext_lazy("谁说的、凭什么，如：企业 2025 年报"))
    told_on = day_field(gettext_lazy("来源日期"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = ("", _("不填"))
        self.fields["pollution"].choices = [nothing, *Pollution.choices]  # type: ignore[attr-defined]
        self.fields["hometown_tie"].choices = [nothing, ("1", _("有")), ("0", _("没有"))]  # type: ignore[attr-defined]
        self.fields["nodes"].choices = [(key, f"{words.said(one.name)} · {words.chains_of(key)}") for key, one in shelf.nodes().items()]  # type: ignore[attr-defined]

    def clean_tax_per_mu(self) -> int | None:
        """Fen a year."""
        text = self.cleaned_data["tax_per_mu"].strip()
        try:
            return money.parse(text, "万元") if text else None
        except UnitError as error:
            raise forms.ValidationError(_("不是金额：如 852、2.86 亿元、1,286.50 元")) from error

    def clean(self) -> dict[str, Any]:
        """Ask the rules of the actions; what a field refused itself is not refused twice."""
        data = super().clean() or {}
        for name, problem in actions.problems(self.told()).items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, problem.text(language()))
        return data

    def told(self) -> dict[str, Any]:
        """What was filled in, by column in storage units."""
        data, codes = self.cleaned_data, packs.codes()
        found: dict[str, Any] = {name: int(Decimal(data[name]) * scale) for name, scale in _SCALED.items() if data.get(name) is not None}
        if data.get("tax_per_mu") is not None:
            found["tax_per_mu"] = data["tax_per_mu"]
        if data.get("pollution"):
            found["pollution"] = data["pollution"]
        if data.get("hometown_tie"):
            found["hometown_tie"] = int(data["hometown_tie"])
        for name, reading in (("region", codes.region_of), ("industry", codes.industry_of)):
            if data.get(name):
                found[name] = reading(data[name])
        return found


class ApproachForm(forms.Form):
    """What was done, in a line."""

    state = forms.ChoiceField(label=gettext_lazy("对接情况"), choices=Approach.choices)
    note = forms.CharField(label=gettext_lazy("做了什么，或为什么不再跟进"), max_length=200, help_text=gettext_lazy("不写姓名、电话"))
    on = day_field(gettext_lazy("日期"), initial=clocks.today)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
