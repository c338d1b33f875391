"""One's own API tokens: issue one (shown once), see when each was last used, revoke."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from diguan.kernel import clocks
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.access.tokens.models import ApiToken
from diguan.kernel.forms import done
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, frame_of, language, or_404

DAYS = [("30", gettext_lazy("30 天")), ("90", gettext_lazy("90 天")), ("365", gettext_lazy("一年"))]


class TokenForm(forms.Form):
    """What the token is for, and how long it lives."""

    name = forms.CharField(label=gettext_lazy("给谁用"), max_length=60, help_text=gettext_lazy("写清楚是哪个程序，如：税务局每月报送"))
    days = forms.ChoiceField(label=gettext_lazy("用多久"), choices=DAYS, initial="90")


def tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form; the answer to the form is the only page that ever shows the token."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    fresh = _issue(request, form) if request.method == "POST" and form.is_valid() else ""
    status = 201 if fresh else 422 if form.is_bound else 200
    person = asking(request)
    return render(request, "site/tokens.html", {
        "form": TokenForm() if fresh else form, "fresh": fresh, "rows": [(row, state_of(row)) for row in queries.tokens_of(person)],
        "frame": frame_of(person)}, status=status)


def _issue(request: HttpRequest, form: TokenForm) -> str:
    """A new token, or an empty text where it was refused."""
    token, person = queries.make(), asking(request)
    last_day = clocks.today() + dt.timedelta(days=int(form.cleaned_data["days"]))
    issued = done(request, form, lambda: actions.issue_token(person=person, name=form.cleaned_data["name"], last_day=last_day, token=token, by=person))
    return token if issued else ""


@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own at once."""
    person = asking(request)
    row = or_404(queries.tokens_of(person).filter(pk=number).first())
    try:
        actions.revoke_token(person=person, token=row, by=person)
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
    else:
        messages.success(request, _("令牌已撤销，用它的程序马上进不来"))
    return redirect("site:tokens")


def state_of(row: ApiToken) -> tuple[str, Any]:
    """A token's state as kind and word."""
    if row.revoked_at is not None:
        return "mute", _("已撤销")
    return ("ok", _("在用")) if row.live else ("mute", _("已到期"))
