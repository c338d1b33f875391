"""Addresses of this room."""

from django.urls import path

from diguan.chains.web import coverage_pages as coverage
from diguan.chains.web import maps, targets

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
    path("targets/", targets.listing, name="targets"),
    path("targets/weights/", targets.weights, name="target_weights"),
    path("targets/twins/", targets.twins, name="target_twins"),
    path("targets/members/<int:number>/prove/", targets.prove, name="target_prove"),
    path("targets/<int:number>/", targets.detail, name="target"),
    path("targets/<int:number>/tell/", targets.tell, name="target_tell"),
    path("targets/<int:number>/approach/", targets.approach, name="target_approach"),
    path("<slug:key>/", maps.chain, name="chain"),
    path("<slug:key>/list/", maps.as_list, name="chain_list"),
    path("<slug:key>/gaps/", maps.gaps, name="chain_gaps"),
]
