"""A form that does something: it is done, or the form is shown again with the reasons where they belong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from diguan.kernel.evidence import sniff
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import language

T = TypeVar("T")


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
