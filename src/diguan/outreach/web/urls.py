"""Addresses of this room."""

from django.urls import path

from diguan.outreach.web import pages

app_name = "outreach"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("new/", pages.new, name="new"),
    path("<int:number>/", pages.detail, name="detail"),
    path("<int:number>/change/", pages.change, name="change"),
]
