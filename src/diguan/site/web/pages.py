"""Login, logout, password, language, theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diguan.kernel.access import actions, passwords
from diguan.kernel.access.roles import roles
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import THEME_COOKIE, THEMES, asking
from diguan.site.demo.accounts import ACCOUNTS
from diguan.site.language import KNOWN
from diguan.site.login import UNSENT, before_change, public

YEAR = 365 * 24 * 3600


@public
def login(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; the brake answers before the password is looked at."""
    context = {"next": request.POST.get("next") or request.GET.get("next", ""), "unsent": UNSENT in request.GET, "demo_accounts": _demo_accounts()}
    if request.method != "POST":
        return render(request, "site/login.html", context)
    name = request.POST.get("login_name", "")
    tried = passwords.attempt(name, request.POST.get("password", ""), passwords.address_of(request), familiar=passwords.is_familiar(request, name))
    if tried.person is None:
        return render(request, "site/login.html", {**context, "login_name": name, "error": _why(tried)}, status=401)
    return _enter(request, tried)


@public
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("site:login")


@before_change
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    reasons: list[str] = []
    if request.method == "POST":
        try:
            _change_password(request)
        except Refusal as refusal:
            reasons = refusal.texts(get_language() or "zh")
        else:
            messages.info(request, _("密码已改，其他地方的登录都已退出"))
            return redirect("site:home")
    return render(request, "site/password.html", {"reasons": reasons}, status=422 if reasons else 200)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages."""
    response = redirect(_back(request))
    if request.POST.get("language") in KNOWN:
        chosen = request.POST["language"]
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, YEAR, samesite="Lax", secure=settings.DIGUAN_HTTPS)
    return response


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light or dark."""
    response = redirect(_back(request))
    if request.POST.get("theme") in THEMES:
        response.set_cookie(THEME_COOKIE, request.POST["theme"], YEAR, samesite="Lax", secure=settings.DIGUAN_HTTPS)
    return response


def _demo_accounts() -> list[dict[str, str]]:
    """The accounts a demo installation shows to everybody; nothing anywhere else."""
    if not settings.DIGUAN_DEMO:
        return []
    known, language_now = roles(), get_language() or "zh"
    return [{"login_name": name, "password": word, "role": known[role].label(language_now) if role in known else role}
            for name, (word, role, *_more) in ACCOUNTS.items()]


def _enter(request: HttpRequest, tried: passwords.Attempt) -> HttpResponse:
    person = tried.person
    assert person is not None  # the caller has looked
    # A session begun before the login may be known to somebody else: nothing of it lives on.
    request.session.flush()
    auth.login(request, person, backend="diguan.kernel.access.passwords.PersonBackend")
    actions.record_login(person=person, address=passwords.address_of(request), by=person)
    response = redirect(_back(request))
    response.set_cookie(passwords.FAMILIAR_COOKIE, passwords.familiar_token(person), passwords.FAMILIAR_SECONDS, path=reverse("site:login"),
                        httponly=True, samesite="Lax", secure=settings.DIGUAN_HTTPS)
    return response


def _why(tried: passwords.Attempt) -> str:
    if tried.locked:
        return _("连续输错次数太多，请 15 分钟后再试，或请系统管理员解锁。")
    return _("登录名或密码不对。")


def _change_password(request: HttpRequest) -> None:
    new = request.POST.get("password", "")
    if new != request.POST.get("again", ""):
        raise Refusal("differ", [Message(zh="两次输入的新密码不同", en="the two new passwords differ")], "again")
    person = asking(request)
    actions.change_password(person=person, current=request.POST.get("current", ""), password=new, by=person)
    auth.update_session_auth_hash(request, person)


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/"
