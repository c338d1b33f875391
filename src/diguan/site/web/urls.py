"""Addresses of the site's own pages."""

from __future__ import annotations

from django.urls import path

from diguan.site.web import administration, home, import_urls, pages

app_name = "site"
urlpatterns = [
    path("", home.home, name="home"),
    path("login/", pages.login, name="login"),
    path("logout/", pages.logout, name="logout"),
    path("password/", pages.password, name="password"),
    path("language/", pages.language, name="language"),
    path("theme/", pages.theme, name="theme"),
    path("people/", administration.people, name="people"),
    path("people/<int:pk>/", administration.person, name="person"),
    path("units/", administration.units, name="units"),
    *import_urls.urlpatterns,
]
