"""Addresses of this room."""

from django.urls import path, re_path

from diguan.projects.web import leads, project_access, project_board, project_joint, project_page, projects

app_name = "projects"
urlpatterns = [
    path("", projects.listing, name="list"),
    path("board/", project_board.show, name="board"),
    path("new/", project_page.new, name="new"),
    path("<int:number>/", project_page.one, name="project"),
    path("<int:number>/change/", project_page.change, name="change"),
    path("<int:number>/gate/<slug:to>/", project_page.gate, name="gate"),
    re_path(r"^(?P<number>[0-9]+)/(?P<name>move|back|status|waive|team|paper|note)/$", project_page.deed, name="deed"),
    path("<int:number>/progress/<int:progress>/done/", project_page.step_done, name="step_done"),
    re_path(r"^(?P<number>[0-9]+)/papers/(?P<piece>[0-9]+)/(?P<name>verify|reject|withdraw)/$", project_page.decide, name="decide"),
    path("<int:number>/papers/<int:piece>/", project_page.file, name="file"),
    path("<int:number>/access/", project_access.start, name="access_start"),
    path("access/<int:number>/", project_access.one, name="access"),
    path("access/<int:number>/answers/", project_access.answers, name="access_answers"),
    path("access/<int:number>/print/", project_access.printed, name="access_print"),
    re_path(r"^access/(?P<number>[0-9]+)/(?P<name>verify|meet|decide)/$", project_access.deed, name="access_deed"),
    path("<int:number>/joint/", project_joint.start, name="joint_start"),
    path("joint/", project_joint.listing, name="joints"),
    path("joint/<int:number>/", project_joint.one, name="joint"),
    path("joint/<int:number>/close/", project_joint.close, name="joint_close"),
    path("joint/<int:number>/<slug:key>/", project_joint.opinion, name="joint_opinion"),
    path("leads/", leads.listing, name="leads"),
    path("leads/<int:number>/", leads.lead, name="lead"),
]
