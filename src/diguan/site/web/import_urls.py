"""Addresses of imports, batches and coverage; gathered by ``urls``."""

from __future__ import annotations

from django.urls import path

from diguan.site.web import batches, imports

urlpatterns = [
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:number>/", imports.preview, name="import_preview"),
    path("imports/<int:number>/marked/", imports.marked, name="import_marked"),
    path("imports/<int:number>/commit/", imports.commit, name="import_commit"),
    path("batches/", batches.batch_list, name="batches"),
    path("batches/<int:number>/", batches.batch, name="batch"),
    path("batches/<int:number>/withdraw/", batches.withdraw, name="batch_withdraw"),
    path("coverage/", batches.coverage_page, name="coverage"),
]
