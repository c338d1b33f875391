"""The form of one row of coverage. It checks with the action's own rules, so page, import and command line refuse alike."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.chains.actions import coverage as actions
from diguan.chains.models import Confidence, Coverage, Role
from diguan.chains.queries import shelf
from diguan.chains.web import words
from diguan.kernel import money
from diguan.kernel.forms import day_field, file_field, proof_of
from diguan.kernel.shell import language
from diguan.kernel.units import UnitError

MONEY = (*actions.MONEY, "price_fen")
_MONEY_HINT = gettext_lazy("如 852 或 2.86 亿元；不写单位就是万元；不知道就空着")


class CoverageForm(forms.Form):
    """Where an enterprise stands. An empty amount is not known."""

    node = forms.ChoiceField(label=gettext_lazy("哪个环节"))
    role = forms.ChoiceField(label=gettext_lazy("生产或采购"), choices=Role.choices)
    year = forms.IntegerField(label=gettext_lazy("年份"), required=False, help_text=gettext_lazy("金额是哪一年的"))
    amount_fen = forms.CharField(label=gettext_lazy("年产值或年采购额"), max_length=30, required=False, help_text=_MONEY_HINT)
    local_fen = forms.CharField(label=gettext_lazy("其中卖给本县或从本县买的"), max_length=30, required=False)
    park_fen = forms.CharField(label=gettext_lazy("其中在本园区"), max_length=30, required=False, help_text=gettext_lazy("卖给或买自同一个园区的企业的"))
    capacity_fen = forms.CharField(label=gettext_lazy("年产能折合"), max_length=30, required=False, help_text=gettext_lazy("满负荷一年能做出多少钱的"))
    capacity = forms.IntegerField(label=gettext_lazy("年产能"), required=False)
    unit = forms.CharField(label=gettext_lazy("产能单位"), max_length=20, required=False, help_text=gettext_lazy("如：万只/年"))
    price_fen = forms.CharField(label=gettext_lazy("单价"), max_length=30, required=False, help_text=gettext_lazy("如 12.5 元；只由生产的一方填，撮合时用来比价"))
    price_unit = forms.CharField(label=gettext_lazy("计价单位"), max_length=20, required=False, help_text=gettext_lazy("如：只、吨"))
    source = forms.CharField(label=gettext_lazy("来源"), max_length=100, help_text=gettext_lazy("谁说的、凭什么，如：发票汇总表、2026-10 走访"))
    told_on = day_field(gettext_lazy("来源日期"))
    confidence = forms.ChoiceField(label=gettext_lazy("把握"), choices=Confidence.choices, initial=Confidence.MEDIUM)
    proof = file_field(gettext_lazy("凭证文件"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, row: Coverage | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        for name in ("node", "role"):
            if row is not None:
                del self.fields[name]
        if row is None:
            self.fields["node"].choices = [("", _("请选择")), *((key, f"{words.said(one.name)} · {words.chains_of(key)}") for key, one in shelf.nodes().items())]  # type: ignore[attr-defined]

    def clean_proof(self) -> tuple[str, bytes] | None:
        """The file as the action takes it."""
        return proof_of(self.cleaned_data["proof"])

    def clean(self) -> dict[str, Any]:
        """Read the amounts, then ask the rules of the actions; what a field refused itself is not refused twice."""
        data = super().clean() or {}
        for name in MONEY:
            try:
                data[name] = money.parse(data[name], "元" if name == "price_fen" else "万元") if data.get(name, "").strip() else None
            except UnitError:
                self.add_error(name, _("不是金额：如 852、2.86 亿元、1,286.50 元"))
                data[name] = None
        _values, wrong = actions.checked(self.told())
        for name, problem in wrong.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, problem.text(language()))
        return data

    def told(self) -> dict[str, Any]:
        """What was filled in, as the actions take it."""
        found = {name: self.cleaned_data.get(name) for name in actions.FIELDS}
        return {**found, "node": self.row.node, "role": self.row.role} if self.row else found


def initial_of(row: Coverage) -> dict[str, Any]:
    """What the form of a row begins with."""
    kept = {name: getattr(row, name) for name in (*actions.FIELDS, "version")}
    return kept | {name: f"{money.exact(kept[name])} 元" for name in MONEY if kept[name] is not None}
