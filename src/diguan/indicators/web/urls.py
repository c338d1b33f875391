"""Addresses of this room."""

from django.urls import path

from diguan.indicators.web import changes, cultivation, disagreements, months, pages, plans, rankings, targets

app_name = "indicators"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("article/", pages.article, name="article"),
    path("snapshots/", pages.snapshot_list, name="snapshots"),
    path("snapshots/take/", pages.take, name="take_snapshot"),
    path("snapshots/<slug:run_id>/", pages.snapshot, name="snapshot"),
    path("snapshots/<slug:run_id>/against/<slug:other>/", changes.against, name="against"),
    path("months/", months.listing, name="months"),
    path("months/<str:month>/", months.month, name="month"),
    path("disagreements/", disagreements.listing, name="disagreements"),
    path("disagreements/<str:fact>/<str:period>/", disagreements.firms, name="disagreement"),
    path("of/<str:code>/changed/", changes.changed, name="changed"),
    path("of/<str:code>/", pages.indicator, name="indicator"),
    path("of/<str:code>/rows/", pages.rows, name="rows"),
    path("plans/", plans.listing, name="plans"),
    path("plans/new/", plans.new_plan, name="plan_new"),
    path("plans/<int:number>/", plans.plan, name="plan"),
    path("plans/<int:number>/change/", plans.change_plan, name="plan_change"),
    path("plans/<int:number>/tasks/new/", plans.new_task, name="task_new"),
    path("plans/<int:number>/targets/new/", targets.new, name="target_new"),
    path("plans/tasks/", plans.tasks, name="tasks"),
    path("plans/tasks/<int:number>/", plans.task, name="task"),
    path("plans/tasks/<int:number>/change/", plans.change_task, name="task_change"),
    path("plans/tasks/<int:number>/note/", plans.note, name="task_note"),
    path("plans/tasks/<int:number>/drop/", plans.drop_task, name="task_drop"),
    path("plans/tasks/<int:number>/reopen/", plans.reopen_task, name="task_reopen"),
    path("plans/notes/<int:number>/verify/", plans.verify, name="note_verify"),
    path("plans/notes/<int:number>/reject/", plans.reject, name="note_reject"),
    path("plans/notes/<int:number>/proof/", plans.proof, name="note_proof"),
    path("plans/targets/", targets.listing, name="targets"),
    path("plans/targets/<int:number>/", targets.target, name="target"),
    path("plans/targets/<int:number>/change/", targets.change, name="target_change"),
    path("plans/targets/<int:number>/take-back/", targets.take_back, name="target_take_back"),
    path("cultivation/", cultivation.first, name="cultivation_first"),
    path("cultivation/<slug:title>/", cultivation.listing, name="cultivation"),
    path("rankings/", rankings.listing, name="rankings"),
    path("rankings/<int:number>/", rankings.table, name="ranking"),
]
