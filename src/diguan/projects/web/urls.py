"""Addresses of this room."""

from django.urls import path

from diguan.projects.web import leads, projects

app_name = "projects"
urlpatterns = [
    path("", projects.listing, name="list"),
    path("<int:number>/", projects.project, name="project"),
    path("leads/", leads.listing, name="leads"),
    path("leads/<int:number>/", leads.lead, name="lead"),
]
