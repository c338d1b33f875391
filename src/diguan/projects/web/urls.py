"""Addresses of this room."""

from django.urls import path

from diguan.projects.web import agreements, figures, fulfilment, funds, leads, projects, proofs

app_name = "projects"
urlpatterns = [
    path("", projects.listing, name="list"),
    path("<int:number>/", projects.project, name="project"),
    path("leads/", leads.listing, name="leads"),
    path("leads/<int:number>/", leads.lead, name="lead"),
    # The ledger: agreements, funds, fulfilment, figures.
    path("agreements/", agreements.listing, name="agreements"),
    path("agreements/<int:number>/", agreements.detail, name="agreement"),
    path("agreements/<int:number>/proof/", agreements.proof, name="agreement_proof"),
    path("agreements/<int:number>/scan/", agreements.replace_proof, name="agreement_scan"),
    path("agreements/<int:number>/promises/", agreements.promise, name="promise_new"),
    path("agreements/<int:number>/obligations/", agreements.obligation, name="obligation_new"),
    path("agreements/<int:number>/<slug:deed>/", agreements.do, name="agreement_do"),
    path("<int:number>/agreements/new/", agreements.new, name="agreement_new"),
    path("promises/<int:number>/review/", agreements.review, name="promise_review"),
    path("promises/<int:number>/proof/", agreements.review_proof, name="promise_proof"),
    path("funds/", funds.listing, name="funds"),
    path("funds/waiting/", funds.waiting, name="funds_waiting"),
    path("funds/<int:number>/", funds.detail, name="fund"),
    path("funds/<int:number>/proof/", funds.proof, name="fund_proof"),
    path("funds/<int:number>/slip/", funds.slip, name="fund_slip"),
    path("funds/<int:number>/<slug:deed>/", funds.do, name="fund_do"),
    path("<int:number>/funds/", funds.ledger, name="project_funds"),
    path("obligations/", fulfilment.listing, name="obligations"),
    path("obligations/<int:number>/", fulfilment.detail, name="obligation"),
    path("obligations/<int:number>/claim/", fulfilment.claim, name="obligation_claim"),
    path("obligations/<int:number>/proof/", fulfilment.proof, name="obligation_proof"),
    path("obligations/<int:number>/<slug:deed>/", fulfilment.do, name="obligation_do"),
    path("<int:number>/performance/", fulfilment.performance, name="performance"),
    path("performance/<int:number>/proof/", fulfilment.check_proof, name="performance_proof"),
    path("performance/<int:number>/<slug:deed>/", fulfilment.decide, name="performance_do"),
    path("<int:number>/returnee/", proofs.returnee, name="returnee"),
    path("returnees/<int:number>/proof/", proofs.returnee_proof, name="returnee_proof"),
    path("returnees/<int:number>/<slug:deed>/", proofs.decide_returnee, name="returnee_do"),
    path("<int:number>/apart/<int:other>/", proofs.apart, name="apart"),
    path("rulings/<int:number>/proof/", proofs.ruling_proof, name="ruling_proof"),
    path("rulings/<int:number>/<slug:deed>/", proofs.decide_ruling, name="ruling_do"),
    path("figures/", figures.page, name="figures"),
    path("figures/<slug:name>/<slug:rule>/<str:start>/<str:end>/<str:as_of>/", figures.rows, name="figure_rows"),
    path("counting/", figures.counting_page, name="counting"),
]
