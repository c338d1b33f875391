"""Addresses of the register."""

from django.urls import path

from diguan.enterprises.web import pages

app_name = "enterprises"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("<str:uscc>/", pages.overview, name="dossier"),
    path("<str:uscc>/facts/", pages.facts, name="facts"),
    path("<str:uscc>/facts/<str:name>/", pages.fact, name="fact"),
    path("<str:uscc>/history/", pages.history, name="history"),
    path("<str:uscc>/contacts/<int:number>/reveal/", pages.reveal, name="reveal"),
]
