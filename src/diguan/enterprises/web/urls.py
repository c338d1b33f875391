"""Addresses of the register."""

from django.urls import path

from diguan.enterprises.web import changes, pages, standing

app_name = "enterprises"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("new/", changes.new, name="new"),
    path("new/duplicates/", changes.duplicates, name="duplicates"),
    path("<str:uscc>/", pages.overview, name="dossier"),
    path("<str:uscc>/facts/", pages.facts, name="facts"),
    path("<str:uscc>/facts/<str:name>/", pages.fact, name="fact"),
    path("<str:uscc>/standards/", standing.page, name="standards"),
    path("<str:uscc>/history/", pages.history, name="history"),
    path("<str:uscc>/contacts/<int:number>/reveal/", pages.reveal, name="reveal"),
    path("<str:uscc>/change/", changes.change, name="change"),
    path("<str:uscc>/former-names/new/", changes.add_former_name, name="add_former_name"),
    path("<str:uscc>/titles/new/", changes.add_title, name="add_title"),
    path("<str:uscc>/titles/<int:number>/withdraw/", changes.withdraw_title, name="withdraw_title"),
    path("<str:uscc>/contacts/new/", changes.add_contact, name="add_contact"),
    path("<str:uscc>/contacts/<int:number>/", changes.change_contact, name="change_contact"),
]
