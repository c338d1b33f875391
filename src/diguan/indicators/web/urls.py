"""Addresses of this room."""

from django.urls import path

from diguan.indicators.web import pages

app_name = "indicators"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("article/", pages.article, name="article"),
    path("snapshots/", pages.snapshot_list, name="snapshots"),
    path("snapshots/take/", pages.take, name="take_snapshot"),
    path("snapshots/<slug:run_id>/", pages.snapshot, name="snapshot"),
    path("of/<str:code>/", pages.indicator, name="indicator"),
    path("of/<str:code>/rows/", pages.rows, name="rows"),
]
