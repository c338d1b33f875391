"""Addresses of this room."""

from django.urls import path

from diguan.indicators.web import briefings, pages

app_name = "indicators"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("snapshots/", pages.snapshot_list, name="snapshots"),
    path("snapshots/take/", pages.take, name="take_snapshot"),
    path("snapshots/<slug:run_id>/", pages.snapshot, name="snapshot"),
    path("of/<str:code>/", pages.indicator, name="indicator"),
    path("of/<str:code>/rows/", pages.rows, name="rows"),
    path("briefings/", briefings.listing, name="briefings"),
    path("briefings/draft/", briefings.draft, name="draft_briefing"),
    path("briefings/subscribe/", briefings.subscribe, name="subscribe"),
    path("briefings/<str:month>/", briefings.latest, name="latest_briefing"),
    path("briefings/<str:month>/<int:edition>/", briefings.briefing, name="briefing"),
    path("briefings/<str:month>/<int:edition>/rewrite/", briefings.rewrite, name="rewrite_briefing"),
    path("briefings/<str:month>/<int:edition>/word/", briefings.word, name="briefing_word"),
    path("briefings/<str:month>/<int:edition>/pdf/", briefings.pdf, name="briefing_pdf"),
    path("briefings/<str:month>/<int:edition>/<str:deed>/", briefings.decide, name="decide_briefing"),
]
