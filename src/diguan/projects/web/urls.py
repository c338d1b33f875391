"""Addresses of this room."""

from django.urls import path

from diguan.projects.web import assignments, dispatch, lead_done, leads, projects

app_name = "projects"
urlpatterns = [
    path("", projects.listing, name="list"),
    path("<int:number>/", projects.project, name="project"),
    path("leads/", leads.listing, name="leads"),
    path("leads/new/", leads.new, name="lead_new"),
    path("leads/lookup/", leads.look_up, name="lead_lookup"),
    path("leads/offers/", lead_done.offers, name="lead_offers"),
    path("leads/offers/<int:number>/", lead_done.answer, name="lead_offer_answer"),
    path("leads/<int:number>/", leads.lead, name="lead"),
    path("leads/<int:number>/change/", leads.change, name="lead_change"),
    path("leads/<int:number>/reveal/", leads.reveal, name="lead_reveal"),
    path("leads/<int:number>/claim/", lead_done.claim, name="lead_claim"),
    path("leads/<int:number>/steps/<int:step>/", lead_done.step_done, name="lead_step"),
    path("leads/<int:number>/do/<slug:deed>/", lead_done.do, name="lead_do"),
    path("assignments/", assignments.listing, name="assignments"),
    path("assignments/new/", assignments.new, name="assignment_new"),
    path("assignments/<int:number>/", assignments.change, name="assignment"),
    path("assignments/<int:number>/rows/", assignments.rows, name="assignment_rows"),
    path("dispatch/", dispatch.page, name="dispatch"),
]
