"""Home, login, logout, password, language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from diguan.site.login import public


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


@public
def login(request: HttpRequest) -> HttpResponse:
    return HttpResponse("login")
