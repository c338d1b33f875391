"""Addresses of this room."""

from django.urls import path

from diguan.chains.web import coverage_pages as coverage
from diguan.chains.web import economy_estimates as estimates
from diguan.chains.web import economy_location, introductions, introductions_own, maps, sourcing
from diguan.chains.web import economy_pages as economy

app_name = "chains"
urlpatterns = [
    path("", maps.overview, name="chains"),
    path("coverage/", coverage.listing, name="coverages"),
    path("coverage/verify/", coverage.verify_many, name="verify_many"),
    path("coverage/<int:number>/", coverage.detail, name="coverage"),
    path("coverage/<int:number>/change/", coverage.change, name="coverage_change"),
    path("coverage/<int:number>/verify/", coverage.verify, name="coverage_verify"),
    path("coverage/<int:number>/reject/", coverage.reject, name="coverage_reject"),
    path("coverage/<int:number>/withdraw/", coverage.withdraw, name="coverage_withdraw"),
    path("coverage/<int:number>/proof/", coverage.proof, name="coverage_proof"),
    path("coverage/of/<str:uscc>/new/", coverage.new, name="coverage_new"),
    path("nodes/<slug:key>/suggested/", coverage.suggest, name="suggest"),
    path("nodes/<slug:key>/feasibility/", maps.feasibility, name="feasibility"),
    path("economy/", economy.overview, name="economy"),
    path("economy/export/", economy.export, name="economy_export"),
    path("economy/known/", economy.how_known, name="how_known"),
    path("economy/tables/", economy.tables, name="economy_tables"),
    path("economy/tables/example/", economy.take_example, name="take_example"),
    path("economy/tables/<int:number>/", economy.table, name="economy_table"),
    path("economy/tables/<int:number>/keep/", economy.keep, name="table_keep"),
    path("economy/tables/<int:number>/choose/", economy.choose, name="table_choose"),
    path("economy/tables/<int:number>/sectors/", economy.sectors, name="table_sectors"),
    path("economy/tables/<int:number>/region/", economy.region, name="region"),
    path("economy/location/", economy_location.location, name="location"),
    path("economy/estimates/", estimates.listing, name="estimates"),
    path("economy/estimates/project/", estimates.project, name="project_new"),
    path("economy/estimates/tourism/", estimates.tourism, name="tourism_new"),
    path("economy/estimates/sum/", estimates.added, name="estimate_sum"),
    path("economy/estimates/<int:number>/", estimates.detail, name="estimate"),
    path("nodes/<slug:key>/sourcing/", sourcing.node, name="sourcing_node"),
    path("introductions/", introductions.listing, name="introductions"),
    path("introductions/new/<int:supply>/<int:need>/", introductions.new, name="introduction_new"),
    path("introductions/own/", introductions_own.listing, name="own_introductions"),
    path("introductions/own/<int:number>/", introductions_own.detail, name="own_introduction"),
    path("introductions/own/<int:number>/consent/", introductions_own.consent, name="own_introduction_consent"),
    path("introductions/own/<int:number>/decline/", introductions_own.decline, name="own_introduction_decline"),
    path("introductions/own/<int:number>/withdraw/", introductions_own.withdraw, name="own_introduction_withdraw"),
    path("introductions/own/<int:number>/other/", introductions_own.other, name="own_introduction_other"),
    path("introductions/own/<int:number>/order/", introductions_own.order, name="own_introduction_order"),
    path("introductions/<int:number>/", introductions.detail, name="introduction"),
    path("introductions/<int:number>/end/", introductions.end, name="introduction_end"),
    path("introductions/<int:number>/order/", introductions.order, name="introduction_order"),
    path("introductions/<int:number>/orders/<int:order>/proof/", introductions.proof, name="introduction_proof"),
    path("introductions/<int:number>/orders/<int:order>/verify/", introductions.verify, name="introduction_verify"),
    path("introductions/<int:number>/orders/<int:order>/reject/", introductions.reject, name="introduction_reject"),
    path("<slug:key>/sourcing/", sourcing.chain, name="sourcing"),
    path("<slug:key>/", maps.chain, name="chain"),
    path("<slug:key>/list/", maps.as_list, name="chain_list"),
    path("<slug:key>/gaps/", maps.gaps, name="chain_gaps"),
]
