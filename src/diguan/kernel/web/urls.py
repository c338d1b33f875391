"""Addresses of notices."""

from django.urls import path

from diguan.kernel.web import notices

app_name = "notices"
urlpatterns = [
    path("notices/", notices.inbox, name="inbox"),
    path("notices/outbox/", notices.outbox, name="outbox"),
    path("notices/rounds/", notices.rounds, name="rounds"),
    path("notices/rounds/new/", notices.hand_over, name="hand_over"),
    path("notices/rounds/<int:number>/file/", notices.take_again, name="take_again"),
    path("notices/<int:number>/", notices.one, name="one"),
    path("notices/<int:number>/answer/", notices.answer, name="answer"),
]
