"""Addresses of the site's own pages."""

from __future__ import annotations

from django.urls import path

from diguan.site.web import pages

app_name = "site"
urlpatterns = [
    path("", pages.home, name="home"),
    path("login/", pages.login, name="login"),
]
