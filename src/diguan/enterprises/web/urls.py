"""Addresses of the register."""

from django.urls import path

from diguan.enterprises.web import changes, pages, standing
from diguan.enterprises.web.capabilities import pages as claims

app_name = "enterprises"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("new/", changes.new, name="new"),
    path("new/duplicates/", changes.duplicates, name="duplicates"),
    path("capabilities/", claims.listing, name="capabilities"),
    path("capabilities/overview/", claims.what_we_can_do, name="capability_overview"),
    path("capabilities/<int:number>/", claims.claim, name="capability"),
    path("capabilities/<int:number>/change/", claims.change, name="change_capability"),
    path("capabilities/<int:number>/verify/", claims.verify, name="verify_capability"),
    path("capabilities/<int:number>/reject/", claims.reject, name="reject_capability"),
    path("capabilities/<int:number>/withdraw/", claims.withdraw, name="withdraw_capability"),
    path("capabilities/<int:number>/proof/", claims.proof, name="capability_proof"),
    path("<str:uscc>/capabilities/", claims.of_enterprise, name="enterprise_capabilities"),
    path("<str:uscc>/capabilities/new/", claims.new, name="claim_capability"),
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
