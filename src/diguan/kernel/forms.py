"""A form that does something: it is done, or the form is shown again with the reasons where they belong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.forms import BaseForm
from django.http import HttpRequest

from diguan.kernel.evidence import sniff
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import language

T = TypeVar("T")


def paper(file: Any, *, value: str = "", number: str = "", issued: dt.date | None = None) -> Paper:
    """What was filled in and the file that was sent, if any, as evidence takes it; of a file too large so much is read that it is refused as too large."""
    return Paper(value=value, number=number, issued=issued, file_name=(file.name or "") if file else "", content=file.read(sniff.MOST_BYTES + 1) if file else None)


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
