"""Addresses of this room."""

from django.urls import path

from diguan.chains.web import chain_lists, maps, warning
from diguan.chains.web import coverage_pages as coverage

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
    path("warnings/", warning.warnings, name="warnings"),
    path("warnings/<slug:key>/", warning.warning, name="warning"),
    path("warnings/<slug:key>/firms/", warning.firms, name="warning_firms"),
    path("<slug:key>/", maps.chain, name="chain"),
    path("<slug:key>/list/", maps.as_list, name="chain_list"),
    path("<slug:key>/gaps/", maps.gaps, name="chain_gaps"),
    path("<slug:key>/lists/", chain_lists.lists, name="chain_lists"),
    path("<slug:key>/lists.xlsx", chain_lists.lists_file, name="chain_lists_file"),
    path("<slug:key>/map.svg", chain_lists.map_file, name="chain_svg"),
]
