"""A form that does something: it is done, or the form is shown again with the reasons where they belong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.forms import BaseForm
from django.http import HttpRequest

from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import language

T = TypeVar("T")


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
