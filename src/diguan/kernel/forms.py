"""A form that does something: it is done, or the form is shown again with the reasons where they belong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks
from diguan.kernel.evidence import dictionary, sniff
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import language

T = TypeVar("T")


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, by the browser's own picker; without one, 2026-08-31 is typed."""
    return forms.DateField(label=label, input_formats=["%Y-%m-%d"], widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more)


def file_field(label: Any, **more: Any) -> forms.FileField:
    """A file that proves something."""
    return forms.FileField(label=label, widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}), **{"help_text": gettext_lazy("PDF、JPG 或 PNG，不超过 10 兆"), **more})


def paper(file: Any, *, value: str = "", number: str = "", issued: dt.date | None = None) -> Paper:
    """What was filled in and the file that was sent, if any, as evidence takes it; of a file too large so much is read that it is refused as too large."""
    return Paper(value=value, number=number, issued=issued, file_name=(file.name or "") if file else "", content=file.read(sniff.MOST_BYTES + 1) if file else None)


def proof_of(file: Any) -> tuple[str, bytes] | None:
    """Name and content of a file that was sent as proof, None where none was; a too large one is not even read.

    Raises:
        ValidationError: it is too large, or no picture or PDF.
    """
    if file is None:
        return None
    if file.size > sniff.MOST_BYTES:
        raise ValidationError(_("凭证文件太大：最多 10 兆"))
    content: bytes = file.read()
    problem = sniff.proof_problem(content)
    if problem:
        raise ValidationError(problem.text(language()))
    return file.name, content


def done(request: HttpRequest, form: BaseForm, act: Callable[[], T]) -> T | None:
    """What was done with a form that was sent and is filled rightly; None where it is to be shown.

    Raises:
        Forbidden: a right that is lacking is no fault of the form.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return act()
    except Refusal as refusal:
        refuse(form, refusal)
        return None


def refuse(form: BaseForm, refusal: Refusal) -> None:
    """Say a refusal at the field it is about, or above the form, whose entries are kept.

    Raises:
        Forbidden: as :func:`done`.
    """
    if isinstance(refusal, Forbidden):
        raise refusal
    for text in refusal.texts(language()):
        form.add_error(refusal.field if refusal.field in form.fields else None, text)


def refused(act: Callable[[], object]) -> Refusal | None:
    """Do what a button without a form of its own does: None where it is done, else why it was refused, for the page that shows it again.

    Raises:
        Forbidden: a right that is lacking is no state of the page.
    """
    try:
        act()
    except Forbidden:
        raise
    except Refusal as refusal:
        return refusal
    return None


class PieceForm(forms.Form):
    """One piece of evidence, of those that ``entries`` name."""

    entry = forms.ChoiceField(label=gettext_lazy("材料"))
    value = forms.CharField(label=gettext_lazy("内容或结论"), max_length=200, required=False)
    number = forms.CharField(label=gettext_lazy("文号或证书号"), max_length=100, required=False)
    issued = day_field(gettext_lazy("出具日期"), required=False)
    file = file_field(gettext_lazy("文件"), required=False)

    def __init__(self, entries: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dictionary.known()
        self.fields["entry"].choices = [(name, known[name].label(language())) for name in entries if name in known]  # type: ignore[attr-defined]

    def clean_issued(self) -> Any:
        """A day to come is refused where it was written."""
        given = self.cleaned_data["issued"]
        if given and given > clocks.today():
            raise ValidationError(_("{day} 还没到").format(day=given))
        return given

    def clean_value(self) -> str:
        """Yes and no as the dictionary keeps them."""
        text = str(self.cleaned_data["value"]).strip()
        return YES_NO.get(text, text)

    def paper(self) -> Paper:
        """What was handed in, as the action takes it."""
        data = self.cleaned_data
        return paper(data["file"], value=data["value"], number=data["number"], issued=data["issued"])


YES_NO = {"通过": "true", "是": "true", "passed": "true", "yes": "true", "不通过": "false", "没有通过": "false", "未通过": "false", "否": "false", "not passed": "false", "no": "false"}
"""How people write what the dictionary keeps as true and false."""
