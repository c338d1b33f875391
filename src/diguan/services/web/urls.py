"""Addresses of this room."""

from django.urls import path, re_path

from diguan.services.web import bench, case_measures, cases, events, own_cases, pages

app_name = "services"
urlpatterns = [
    path("mine/", own_cases.listing, name="own_cases"),
    path("apply/", own_cases.choose, name="choose"),
    path("apply/<slug:key>/", own_cases.apply, name="apply"),
    path("cases/", cases.listing, name="cases"),
    path("cases/waiting/", cases.inbox, name="inbox"),
    path("cases/log.xes", case_measures.log, name="case_log"),
    path("measures/", case_measures.measures, name="case_measures"),
    path("measures/case/<int:number>/", case_measures.counted, name="case_counted"),
    path("measures/<slug:name>/", case_measures.measure, name="case_measure"),
    path("cases/<int:number>/", cases.one, name="case"),
    path("cases/<int:number>/supplement/", own_cases.supplement, name="case_supplement"),
    path("cases/<int:number>/rate/", own_cases.rate, name="case_rate"),
    path("cases/<int:number>/touch/", cases.touch, name="case_touch"),
    path("cases/<int:number>/reveal/", cases.reveal, name="case_reveal"),
    path("cases/<int:number>/chain/", cases.chain, name="case_chain"),
    path("cases/<int:number>/papers/<int:piece>/", cases.paper, name="case_paper"),
    re_path(rf"^cases/(?P<number>\d+)/(?P<key>[a-z0-9_]+)/(?P<name>{'|'.join(cases.DEEDS)})/$", cases.case_deed, name="case_deed"),
    path("bench/", bench.listing, name="studies"),
    path("bench/new/", bench.new, name="study_new"),
    path("bench/<int:number>/", bench.one, name="study"),
    path("bench/<int:number>/orders/", bench.orders, name="study_orders"),
    path("bench/<int:number>/plan/", bench.plan, name="study_plan"),
    path("bench/<int:number>/plan/assume/", bench.assume, name="study_assume"),
    path("bench/<int:number>/outcome/", bench.outcome, name="study_outcome"),
    path("bench/<int:number>/outcome/publish/", bench.publish, name="study_publish"),
    path("bench/<int:number>/cases/", bench.cases, name="study_cases"),
    path("bench/<int:number>/case/", bench.case, name="study_case"),
    path("bench/<int:number>/flow.bpmn", bench.flow, name="study_flow"),
    path("bench/<int:number>/log.xes", bench.log, name="study_log"),
    re_path(rf"^bench/(?P<number>\d+)/orders/(?P<name>{'|'.join(bench.DEEDS)})/$", bench.deed, name="study_deed"),
    path("", events.listing, name="life_events"),
    path("events/<slug:key>/", events.event, name="life_event"),
    path("events/<slug:key>/picture/", events.picture, name="life_event_picture"),
    path("matters/", pages.listing, name="matters"),
    path("matters/new/", pages.new, name="matter_new"),
    path("matters/adopt/", pages.adopt, name="adopt"),
    path("matters/<slug:key>/", pages.detail, name="matter"),
    path("matters/<slug:key>/draft/", pages.draft, name="matter_draft"),
    path("matters/<slug:key>/publish/", pages.publish, name="matter_publish"),
    path("matters/<slug:key>/drop/", pages.drop, name="matter_drop"),
]
