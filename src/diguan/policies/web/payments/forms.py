"""Forms of payments: what the treasury did with a line, and the papers of a clawback."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.evidence import sniff
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.forms import day_field, file_field
from diguan.policies.actions.clawbacks import DECISION, RETURN
from diguan.policies.actions.results import Told
from diguan.policies.models import Outcome


def _amount(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=Decimal("0.01"), max_digits=15, decimal_places=2, help_text=gettext_lazy("单位：元，最多两位小数"))



class _WithFile(forms.Form):
    """A paper with its number; a file that is too large is not even read."""

    def clean_file(self) -> tuple[str, bytes]:
        """The file's name and content."""
        file = self.cleaned_data["file"]
        if file.size > sniff.MOST_BYTES:
            raise forms.ValidationError(_("凭证文件太大：最多 10 兆"))
        return file.name, file.read()


class ResultForm(_WithFile):
    """What the treasury did with a line."""

    outcome = forms.ChoiceField(label=gettext_lazy("结果"), choices=Outcome.choices)
    fen = _amount(gettext_lazy("金额"))
    day = day_field(gettext_lazy("支付或退回日期"))
    number = forms.CharField(label=gettext_lazy("凭证号"), max_length=100)
    reason = forms.CharField(label=gettext_lazy("退回原因"), max_length=200, required=False, help_text=gettext_lazy("银行退回的要写"))
    file = file_field(gettext_lazy("凭证文件"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def told(self) -> Told:
        """What was said, as the action takes it."""
        data = self.cleaned_data
        return Told(data["outcome"], int(data["fen"] * 100), data["day"], data["number"], data["reason"])


class CheckForm(_WithFile):
    """The check before money."""

    met = forms.TypedChoiceField(label=gettext_lazy("兑现条件"), choices=[("1", gettext_lazy("已经达到")), ("0", gettext_lazy("没有达到"))], coerce=lambda text: text == "1")
    own = forms.TypedChoiceField(label=gettext_lazy("收款户名"), choices=[("1", gettext_lazy("是企业自己的账户")), ("0", gettext_lazy("不是企业自己的"))], coerce=lambda text: text == "1")
    file = file_field(gettext_lazy("核查意见"))


class PaperForm(_WithFile):
    """A decision to claw back, or proof that money came back."""

    entry = forms.ChoiceField(label=gettext_lazy("材料"), choices=[(DECISION, gettext_lazy("追回资金决定")), (RETURN, gettext_lazy("资金退回凭证"))])
    number = forms.CharField(label=gettext_lazy("文号或凭证号"), max_length=100)
    issued = day_field(gettext_lazy("日期"))
    file = file_field(gettext_lazy("文件"))

    def paper(self) -> Paper:
        """What was handed in, as the action takes it."""
        name, content = self.cleaned_data["file"]
        return Paper(number=self.cleaned_data["number"], issued=self.cleaned_data["issued"], file_name=name, content=content)


class MoneyForm(forms.Form):
    """So much, on a paper that is there."""

    paper = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    fen = _amount(gettext_lazy("金额"))
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, required=False)

    @property
    def amount(self) -> int:
        """The amount in fen."""
        return int(self.cleaned_data["fen"] * 100)
