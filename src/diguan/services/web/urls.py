"""Addresses of this room."""

from django.urls import path

from diguan.services.web import events, pages

app_name = "services"
urlpatterns = [
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
