"""Addresses of this room."""

from django.urls import path

from diguan.indicators.web import changes, disagreements, months, pages

app_name = "indicators"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("snapshots/", pages.snapshot_list, name="snapshots"),
    path("snapshots/take/", pages.take, name="take_snapshot"),
    path("snapshots/<slug:run_id>/", pages.snapshot, name="snapshot"),
    path("snapshots/<slug:run_id>/against/<slug:other>/", changes.against, name="against"),
    path("months/", months.listing, name="months"),
    path("months/<str:month>/", months.month, name="month"),
    path("disagreements/", disagreements.listing, name="disagreements"),
    path("disagreements/<str:fact>/<str:period>/", disagreements.firms, name="disagreement"),
    path("of/<str:code>/changed/", changes.changed, name="changed"),
    path("of/<str:code>/", pages.indicator, name="indicator"),
    path("of/<str:code>/rows/", pages.rows, name="rows"),
]
