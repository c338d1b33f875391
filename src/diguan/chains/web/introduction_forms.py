"""Forms of introductions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money
from diguan.kernel.forms import day_field, file_field, proof_of
from diguan.kernel.units import UnitError


def _fen(form: forms.Form, name: str, unit: str) -> None:
    """Read an amount where one was typed; what is none is said at its field."""
    if form.cleaned_data.get(name):
        try:
            form.cleaned_data[name] = money.parse(form.cleaned_data[name], unit)
        except UnitError:
            form.add_error(name, _("不是金额：如 852、2.86 亿元、1,286.50 元"))


class IntroduceForm(forms.Form):
    """Ask two firms whether they would meet."""

    proposed_fen = forms.CharField(label=gettext_lazy("建议金额（每年）"), max_length=30, help_text=gettext_lazy("如 852 或 2.86 亿元；不写单位就是万元。双方都同意之前企业看不到"))
    purpose = forms.CharField(label=gettext_lazy("为什么对接"), max_length=200, help_text=gettext_lazy("双方答复之前就看得到：不写企业名称，也不写金额"), widget=forms.Textarea(attrs={"rows": 2}))
    until = day_field(gettext_lazy("同意到哪天"), help_text=gettext_lazy("过了这天双方都看不到对方，最多半年"))

    def clean(self) -> dict[str, Any]:
        """The amount in fen."""
        super().clean()
        _fen(self, "proposed_fen", "万元")
        return self.cleaned_data


class ConsentForm(forms.Form):
    """Consent, and whom the other may call."""

    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=60)
    contact_phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=30, help_text=gettext_lazy("双方都同意以后对方才看得到，撤回或到期就删掉"))


class ReasonForm(forms.Form):
    """Why, where somebody wants to say."""

    reason = forms.CharField(label=gettext_lazy("原因（可以不写，只有专班看得到）"), max_length=200, required=False)


class EndForm(forms.Form):
    """End it, with a reason, as it was seen."""

    reason = forms.CharField(label=gettext_lazy("为什么结束"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class OrderForm(forms.Form):
    """An invoice that came of it."""

    amount_fen = forms.CharField(label=gettext_lazy("发票金额（含税）"), max_length=30, help_text=gettext_lazy("如 128,650.50；不写单位就是元"))
    invoice = forms.CharField(label=gettext_lazy("发票号码"), max_length=40)
    invoiced_on = day_field(gettext_lazy("开票日期"))
    proof = file_field(gettext_lazy("发票"))

    def clean_proof(self) -> tuple[str, bytes] | None:
        """The file as the action takes it."""
        return proof_of(self.cleaned_data["proof"])

    def clean(self) -> dict[str, Any]:
        """The amount in fen."""
        super().clean()
        _fen(self, "amount_fen", "元")
        return self.cleaned_data
