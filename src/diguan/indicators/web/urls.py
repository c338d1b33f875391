"""Addresses of this room."""

from django.urls import path

from diguan.indicators.web import cockpit, pages, timer

app_name = "indicators"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("snapshots/", pages.snapshot_list, name="snapshots"),
    path("snapshots/take/", pages.take, name="take_snapshot"),
    path("snapshots/<slug:run_id>/", pages.snapshot, name="snapshot"),
    path("cockpit/", cockpit.page, name="cockpit"),
    path("cockpit/<slug:chapter>/", cockpit.page, name="cockpit_chapter"),
    path("timer/", timer.page, name="timer"),
    path("timer/projects/", timer.projects, name="timer_projects"),
    path("of/<str:code>/", pages.indicator, name="indicator"),
    path("of/<str:code>/rows/", pages.rows, name="rows"),
]
