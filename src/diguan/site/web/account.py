"""Logging in and out, one's own password, language and theme."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as begin_session
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diguan.kernel.access import actions, passwords
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import THEME_COOKIE, THEMES
from diguan.site.login import public

YEAR = 365 * 24 * 3600
BACKEND = "diguan.kernel.access.passwords.PersonBackend"


class LoginForm(forms.Form):
    """Name and password; the answer to a wrong pair does not say which was wrong."""

    login_name = forms.CharField(
        label=gettext_lazy("登录名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=gettext_lazy("密码"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class PasswordForm(forms.Form):
    """One's own password, twice."""

    current = forms.CharField(
        label=gettext_lazy("原密码"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    password = forms.CharField(
        label=gettext_lazy("新密码"),
        help_text=gettext_lazy("至少 10 个字符，不能全是数字"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("再写一遍新密码"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("password") != data.get("again"):
            self.add_error("again", _("两次写的不一样"))
        return data


@public
def login(request: HttpRequest) -> HttpResponse:
    """The login page."""
    form = LoginForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        tried = passwords.attempt(
            form.cleaned_data["login_name"], form.cleaned_data["password"], passwords.address_of(request)
        )
        if tried.person is not None:
            actions.record_login(person=tried.person, address=passwords.address_of(request), by=tried.person)
            begin_session(request, tried.person, backend=BACKEND)
            return _with_language(redirect(_next(request)), tried.person.language)
        wrong = _("试错太多次，请 15 分钟后再试") if tried.locked else _("登录名或密码不对")
        form.add_error(None, wrong)
    return render(request, "site/login.html", {"form": form, "next": request.GET.get("next", request.POST.get("next", ""))})


@public
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    end_session(request)
    return redirect("site:login")


def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = actions.change_password(
                person=request.user, current=data["current"], password=data["password"], by=request.user
            )
        except Refusal as refusal:
            for text in refusal.texts(get_language() or "zh"):
                form.add_error(refusal.field or None, text)
        else:
            update_session_auth_hash(request, person)
            messages.success(request, _("密码已改，其他地方的登录已退出"))
            return redirect("site:home")
    return render(request, "site/password.html", {"form": form})


password.diguan_before_change = True  # type: ignore[attr-defined]


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose a language; remembered with the person who is logged in."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return redirect(_next(request))
    if request.user.is_authenticated:
        actions.choose_language(person=request.user, language=chosen, by=request.user)
    return _with_language(redirect(_next(request)), chosen)


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light or dark."""
    answer = redirect(_next(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        # The page's script sets the same cookie, so it is readable there.
        answer.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=settings.DIGUAN_HTTPS)
    return answer


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and safe else "/"


def _with_language(answer: HttpResponse, chosen: str) -> HttpResponse:
    if chosen in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.DIGUAN_HTTPS)
    return answer
