"""Forms of agreements, promises, obligations and funds: what was typed is kept, money is read to the fen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money
from diguan.kernel.forms import day_field, file_field, proof_of
from diguan.kernel.units import UnitError, parse_number
from diguan.projects.actions import agreements, fulfilment, funds
from diguan.projects.engine import currency
from diguan.projects.models import (
    Agreement,
    AgreementKind,
    CheckPoint,
    FundKind,
    FundOrigin,
    Measured,
    Obligation,
    PromiseKind,
    ReviewConclusion,
    Side,
)

_RATE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,8})?")
SCALE = {"invested": 100, "output": 100, "tax": 100, "jobs": 1, "land": 10_000}
"""Storage units in one of what is typed: yuan, persons, mu."""




def version() -> forms.IntegerField:
    """The state the person saw."""
    return forms.IntegerField(widget=forms.HiddenInput, min_value=1)


def _area(label: Any, most: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": 2}), **more)


class WithProof(forms.Form):
    """Something with a file that proves it."""

    def clean_proof(self) -> tuple[str, bytes] | None:
        """The file as the action takes it."""
        return proof_of(self.cleaned_data["proof"])

    def fen(self, name: str, unit: str = "万元") -> int | None:
        """An amount that was typed, in fen; what is none is said at its field."""
        text = self.cleaned_data.get(name)
        if not text:
            return None
        try:
            return money.parse(text, unit)
        except UnitError:
            self.add_error(name, _("不是金额：如 852、2.86 亿元、1,286.50 元"))
            return None


class ProofForm(WithProof):
    """Another scan, as the row was seen."""

    proof = file_field(gettext_lazy("凭据文件"))
    version = version()


class DecideForm(forms.Form):
    """A decision on a row as it was seen, with a reason where it needs one."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, required=False)
    version = version()


class AgreementForm(WithProof):
    """A signed paper. Yuan are typed in 万元 unless a unit is written, other money in units of its own."""

    kind = forms.ChoiceField(label=gettext_lazy("协议类别"), choices=AgreementKind.choices, initial=AgreementKind.CONTRACT)
    number = forms.CharField(label=gettext_lazy("协议编号"), max_length=60)
    signed_on = day_field(gettext_lazy("签订日期"))
    counterparty = forms.CharField(label=gettext_lazy("签约方"), max_length=200)
    counterparty_uscc = forms.CharField(label=gettext_lazy("签约方信用代码"), max_length=18, required=False)
    currency = forms.ChoiceField(label=gettext_lazy("币种"), choices=[(name, name) for name in currency.DIGITS], initial=currency.CNY)
    minor = forms.CharField(label=gettext_lazy("合同金额"), max_length=30, required=False, help_text=gettext_lazy("人民币如 12000 或 1.2 亿元，不写单位就是万元；外币写原币数，如 12,500,000。框架协议可以不填；增资只写这次增加的"))
    rate = forms.CharField(label=gettext_lazy("折算汇率"), max_length=20, required=False, help_text=gettext_lazy("只有外币要填：1 单位外币合多少人民币元，如 7.1234"))
    rate_on = day_field(gettext_lazy("汇率日期"), required=False)
    rate_source = forms.CharField(label=gettext_lazy("汇率出处"), max_length=120, required=False, help_text=gettext_lazy("如 中国外汇交易中心人民币汇率中间价"))
    total_fen = forms.CharField(label=gettext_lazy("增资后总投资"), max_length=30, required=False, help_text=gettext_lazy("增资要填；不写单位就是万元。只有比原来多出来的才计入合同引资额"))
    replaces = forms.ModelChoiceField(label=gettext_lazy("替换哪份协议"), queryset=Agreement.objects.none(), required=False, empty_label=gettext_lazy("不替换"), help_text=gettext_lazy("变更投资方要选"))
    no_promises = forms.BooleanField(label=gettext_lazy("县里在协议里没有承诺"), required=False)
    proof = file_field(gettext_lazy("协议扫描件"))

    def __init__(self, *args: Any, replaceable: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if replaceable is not None:
            self.fields["replaces"].queryset = replaceable  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Amounts in minor units, the rate in 0.00000001 yuan."""
        super().clean()
        data, money_of = self.cleaned_data, self.cleaned_data.get("currency", currency.CNY)
        data["total_fen"] = self.fen("total_fen")
        data["minor"] = self.fen("minor") if money_of == currency.CNY else self._foreign(money_of)
        data["rate"] = self._rate()
        return data

    def _foreign(self, of: str) -> int | None:
        text = self.cleaned_data.get("minor")
        if not text:
            return None
        try:
            number, unit = parse_number(text)
        except UnitError:
            number, unit = None, ""
        found = currency.minor_of(number, of) if number is not None and not unit else None
        if found is None:
            self.add_error("minor", _("外币写原币的数，小数不超过这种币的最小单位：如 12,500,000 或 12,500,000.50"))
        return found

    def _rate(self) -> int | None:
        text = self.cleaned_data.get("rate")
        if not text:
            return None
        found = currency.rate_of(Decimal(text)) if _RATE.fullmatch(text) else None
        if found is None or not 0 < found < 10**18:
            self.add_error("rate", _("汇率写成 7.1234 这样的数，最多八位小数"))
        return found

    def said(self) -> agreements.Said:
        """What was said, as the action takes it."""
        return agreements.Said(**{name: value for name, value in self.cleaned_data.items() if name not in ("proof", "replaces")})


class PromiseForm(forms.Form):
    """One thing the county promises."""

    kind = forms.ChoiceField(label=gettext_lazy("承诺类别"), choices=PromiseKind.choices)
    text = _area(gettext_lazy("承诺内容"), 300)
    legal_basis = _area(gettext_lazy("法律依据"), 300, required=False, help_text=gettext_lazy("写到条；税收或财政支持没有依据的，公平竞争审查通不过"))
    version = version()


class ReviewForm(WithProof):
    """The conclusion of a fair-competition review."""

    conclusion = forms.ChoiceField(label=gettext_lazy("审查结论"), choices=[choice for choice in ReviewConclusion.choices if choice[0]])
    review_note = _area(gettext_lazy("审查意见"), 300)
    proof = file_field(gettext_lazy("公平竞争审查表"))
    version = version()


def scaled(form: forms.Form, name: str, measure: str) -> int | None:
    """A number that was typed in the storage unit of its measure; what is none is said at its field."""
    number = form.cleaned_data.get(name)
    if number is None or not measure:
        return None
    found = number * SCALE[measure]
    if found != found.to_integral_value():
        form.add_error(name, _("小数位太多"))
        return None
    return int(found)


class ObligationForm(forms.Form):
    """What one side owes by a day."""

    side = forms.ChoiceField(label=gettext_lazy("哪一方"), choices=Side.choices, initial=Side.INVESTOR)
    text = _area(gettext_lazy("约定内容"), 300)
    due_on = day_field(gettext_lazy("约定期限"))
    measure = forms.ChoiceField(label=gettext_lazy("量化指标"), choices=Measured.choices, required=False)
    target = forms.DecimalField(label=gettext_lazy("约定数值"), required=False, min_value=Decimal(0), max_digits=16, decimal_places=4, help_text=gettext_lazy("金额写元，用工写人，供地写亩"))

    def said(self) -> fulfilment.Said:
        """What was said, as the action takes it."""
        data = self.cleaned_data
        return fulfilment.Said(data["side"], data["text"], data["due_on"], data["measure"], scaled(self, "target", data["measure"]) if data["measure"] else (0 if data["target"] is not None else None))


class ClaimForm(WithProof):
    """That an obligation is met."""

    met_on = day_field(gettext_lazy("履行日期"))
    measured = forms.DecimalField(label=gettext_lazy("实际数值"), required=False, min_value=Decimal(0), max_digits=16, decimal_places=4, help_text=gettext_lazy("金额写元，用工写人，供地写亩；不量化的不填"))
    proof = file_field(gettext_lazy("履行凭据"))
    version = version()


class CheckForm(WithProof):
    """A performance check: one number for each obligation in figures."""

    point = forms.ChoiceField(label=gettext_lazy("核查环节"), choices=CheckPoint.choices)
    on = day_field(gettext_lazy("核查日期"))
    note = _area(gettext_lazy("核查意见"), 300, required=False)
    proof = file_field(gettext_lazy("核查表"))

    def __init__(self, *args: Any, promised: Iterable[Obligation] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.promised = list(promised)
        for one in self.promised:
            self.fields[f"measured-{one.pk}"] = forms.DecimalField(label=one.text, required=False, min_value=Decimal(0), max_digits=16, decimal_places=4, help_text=_("测不出来就空着，不要写 0"))

    def measured(self) -> dict[int, int | None]:
        """What was measured of each, in storage units."""
        return {one.pk: scaled(self, f"measured-{one.pk}", one.measure) for one in self.promised}


class FundForm(WithProof):
    """One payment, as its paper says."""

    kind = forms.ChoiceField(label=gettext_lazy("到资类别"), choices=FundKind.choices)
    origin = forms.ChoiceField(label=gettext_lazy("资金来源地"), choices=FundOrigin.choices, initial=FundOrigin.OTHER_PROVINCE)
    payer = forms.CharField(label=gettext_lazy("付款方"), max_length=200)
    payer_uscc = forms.CharField(label=gettext_lazy("付款方信用代码"), max_length=18, required=False)
    paid_on = day_field(gettext_lazy("付款日期"))
    amount_fen = forms.CharField(label=gettext_lazy("金额"), max_length=30, help_text=gettext_lazy("如 852 或 2.86 亿元；不写单位就是万元"))
    document = forms.CharField(label=gettext_lazy("凭证号"), max_length=80, help_text=gettext_lazy("银行回单、土地款票据、结算单或发票的号码，一张只算一次"))
    proof = file_field(gettext_lazy("凭证文件"))

    def clean(self) -> dict[str, Any]:
        """The amount in fen."""
        super().clean()
        self.cleaned_data["amount_fen"] = self.fen("amount_fen")
        return self.cleaned_data

    def said(self) -> funds.Said:
        """What was said, as the action takes it."""
        return funds.Said(**{name: value for name, value in self.cleaned_data.items() if name != "proof"})


class BasisForm(WithProof):
    """A claim with its reason and its proof."""

    basis = _area(gettext_lazy("依据"), 300)
    proof = file_field(gettext_lazy("凭据文件"))


class SpanForm(forms.Form):
    """A period, the day that is asked of, and two figures to divide."""

    start = day_field(gettext_lazy("自"))
    end = day_field(gettext_lazy("至"))
    as_of = day_field(gettext_lazy("数据截至"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        """The period begins before it ends."""
        super().clean()
        first, last = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if isinstance(first, dt.date) and isinstance(last, dt.date) and last < first:
            self.add_error("end", _("结束早于开始"))
        return self.cleaned_data
