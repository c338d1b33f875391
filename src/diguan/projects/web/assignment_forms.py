"""Forms of promotion targets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money
from diguan.kernel.units import UnitError
from diguan.projects.models import Measure
from diguan.projects.models.assignments import MONEY
from diguan.projects.queries import assignments


def number_of(form: forms.Form, measure: str) -> None:
    """Read the number: an amount where the task is money, else a count; what is neither is said at its field."""
    text = form.cleaned_data.get("number", "")
    if not text:
        return
    try:
        form.cleaned_data["number"] = money.parse(text, "亿元") if measure in MONEY else int(text)
    except (UnitError, ValueError):
        form.add_error("number", _("不是金额：如 12、12 亿元、8,600 万元") if measure in MONEY else _("写整数"))


class AssignmentForm(forms.Form):
    """A task for an office."""

    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=2000, max_value=2199)
    unit: Any = forms.ModelChoiceField(queryset=None, label=gettext_lazy("承担单位"), empty_label=gettext_lazy("请选择"))
    measure = forms.ChoiceField(label=gettext_lazy("任务"), choices=Measure.choices)
    number = forms.CharField(label=gettext_lazy("任务数"), max_length=30, help_text=gettext_lazy("金额不写单位就是亿元"))
    note = forms.CharField(label=gettext_lazy("依据"), max_length=200, required=False, help_text=gettext_lazy("哪份文件、哪次会定的"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["unit"].queryset = assignments.units()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The number in its measure's unit."""
        super().clean()
        number_of(self, self.cleaned_data.get("measure", ""))
        return self.cleaned_data


class ChangeForm(forms.Form):
    """Another number, and why."""

    number = forms.CharField(label=gettext_lazy("任务数"), max_length=30)
    note = forms.CharField(label=gettext_lazy("依据"), max_length=200, required=False)
    reason = forms.CharField(label=gettext_lazy("为什么调整"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, measure: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.measure = measure

    def clean(self) -> dict[str, Any]:
        """The number in its measure's unit."""
        super().clean()
        number_of(self, self.measure)
        return self.cleaned_data
