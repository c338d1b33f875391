"""Forms of briefings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from diguan.indicators.queries import briefings as queries
from diguan.kernel.facts.runs import Run
from diguan.kernel.templatetags.diguan import moment


def _run_words(run: Run) -> str:
    return f"{run.as_of.isoformat()} · {moment(run.known_at)} · {run.run_id[:12]}"


class SnapshotForm(forms.Form):
    """From which snapshot."""

    run = forms.ChoiceField(label=gettext_lazy("快照"), help_text=gettext_lazy("数据截至 · 数据入库到 · 快照号；简报里的每个数都出自它"))

    def __init__(self, found: Sequence[Run], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.runs = {run.run_id: run for run in found}
        self.fields["run"].choices = [(run.run_id, _run_words(run)) for run in found]  # type: ignore[attr-defined]

    def clean_run(self) -> Run:
        """The snapshot itself."""
        return self.runs[self.cleaned_data["run"]]


class RewriteForm(SnapshotForm):
    """From which snapshot a draft is written anew, as it was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class DraftForm(SnapshotForm):
    """Of which month, and why there is a further edition."""

    month = forms.ChoiceField(label=gettext_lazy("月份"))
    reason = forms.CharField(label=gettext_lazy("为什么出新版"), max_length=300, required=False, help_text=gettext_lazy("这个月已经签发过一版时要写，例如：税务局补报了 8 月数据"))
    field_order = ("month", "run", "reason")

    def __init__(self, found: Sequence[Run], *args: Any, **kwargs: Any) -> None:
        super().__init__(found, *args, **kwargs)
        months = sorted({month for run in found for month in queries.months(run)}, reverse=True)
        self.fields["month"].choices = [(month, month) for month in months]  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    """The row and the text as they were seen, and a reason."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300, required=False)
