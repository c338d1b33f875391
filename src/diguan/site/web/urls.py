"""Addresses of the site's own pages."""

from __future__ import annotations

from django.urls import path

from diguan.site.web import administration, batches, home, imports, jobs, pages, requests, search, tokens, views

app_name = "site"
urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("login/", pages.login, name="login"),
    path("logout/", pages.logout, name="logout"),
    path("password/", pages.password, name="password"),
    path("language/", pages.language, name="language"),
    path("theme/", pages.theme, name="theme"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:number>/revoke/", tokens.revoke, name="token_revoke"),
    path("people/", administration.people, name="people"),
    path("people/new/", administration.new_person, name="person_new"),
    path("people/<int:pk>/", administration.person, name="person"),
    path("people/<int:pk>/<slug:name>/", administration.deed, name="person_deed"),
    path("units/", administration.units, name="units"),
    path("units/new/", administration.new_unit, name="unit_new"),
    path("units/<int:pk>/", administration.unit, name="unit"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:number>/", imports.preview, name="import_preview"),
    path("imports/<int:number>/marked/", imports.marked, name="import_marked"),
    path("imports/<int:number>/commit/", imports.commit, name="import_commit"),
    path("batches/", batches.batch_list, name="batches"),
    path("batches/<int:number>/", batches.batch, name="batch"),
    path("batches/<int:number>/withdraw/", batches.withdraw, name="batch_withdraw"),
    path("coverage/", batches.coverage_page, name="coverage"),
    path("coverage/disputes/", batches.disputes, name="disputes"),
    path("requests/", requests.listing, name="requests"),
    path("requests/<int:number>/", requests.one, name="request"),
    path("requests/<int:number>/sheets/<slug:name>/", requests.sheet, name="request_sheet"),
    path("requests/<int:number>/sheets/<slug:name>/upload/", requests.upload, name="request_upload"),
    path("requests/<int:number>/decline/", requests.decline, name="request_decline"),
    path("requests/<int:number>/withdraw/", requests.withdraw, name="request_withdraw"),
    path("requests/of/<str:uscc>/answer/", requests.answer, name="answer"),
    path("views/save/", views.save, name="save_view"),
    path("views/<int:number>/forget/", views.forget, name="forget_view"),
    path("jobs/<int:number>/", jobs.job, name="job"),
]
