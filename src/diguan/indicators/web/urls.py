"""Addresses of this room."""

from django.urls import path

from diguan.indicators.web import briefings, exports, open_data, pages

app_name = "indicators"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("snapshots/", pages.snapshot_list, name="snapshots"),
    path("snapshots/take/", pages.take, name="take_snapshot"),
    path("snapshots/<slug:run_id>/", pages.snapshot, name="snapshot"),
    path("snapshots/<slug:run_id>/workbook/", exports.workbook, name="workbook"),
    path("open-data/", open_data.catalogue, name="open_data"),
    path("open-data/<str:code>.csv", open_data.as_csv, name="open_csv"),
    path("open-data/<str:code>.json", open_data.as_json, name="open_json"),
    path("open-data/<str:code>.jsonld", open_data.as_dataset, name="open_dataset"),
    path("of/<str:code>/series/", exports.series, name="series"),
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
