"""Addresses of this room."""

from django.urls import path

from diguan.ties.web import chambers, people, returns, ties

app_name = "ties"
urlpatterns = [
    path("", people.listing, name="people"),
    path("lapsed/", people.lapsed, name="lapsed"),
    path("new/", people.new, name="person_new"),
    path("<int:number>/", people.detail, name="person"),
    path("<int:number>/change/", people.change, name="person_change"),
    path("<int:number>/reveal/", people.reveal, name="person_reveal"),
    path("<int:number>/consent/", people.consent, name="consent"),
    path("<int:number>/consent/withdraw/", people.withdraw, name="consent_withdraw"),
    path("<int:number>/consent/proof/", people.proof, name="consent_proof"),
    path("chambers/", chambers.listing, name="chambers"),
    path("chambers/new/", chambers.new, name="chamber_new"),
    path("chambers/<int:number>/", chambers.detail, name="chamber"),
    path("chambers/<int:number>/change/", chambers.change, name="chamber_change"),
    path("chambers/<int:number>/reveal/", chambers.reveal, name="chamber_reveal"),
    path("edges/", ties.listing, name="ties"),
    path("edges/new/", ties.new, name="tie_new"),
    path("edges/<int:number>/", ties.detail, name="tie"),
    path("edges/<int:number>/verify/", ties.verify, name="tie_verify"),
    path("edges/<int:number>/reject/", ties.reject, name="tie_reject"),
    path("edges/<int:number>/end/", ties.end, name="tie_end"),
    path("edges/<int:number>/proof/", ties.proof, name="tie_proof"),
    path("paths/", ties.paths, name="paths"),
    path("returns/", returns.listing, name="returns"),
    path("returns/new/", returns.new, name="return_new"),
    path("returns/<int:number>/", returns.detail, name="return"),
    path("returns/<int:number>/verify/", returns.verify, name="return_verify"),
    path("returns/<int:number>/reject/", returns.reject, name="return_reject"),
    path("returns/<int:number>/withdraw/", returns.withdraw, name="return_withdraw"),
    path("returns/<int:number>/proof/", returns.proof, name="return_proof"),
]
