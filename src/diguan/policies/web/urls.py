"""Addresses of policies, entitlements and matches."""

from django.urls import path, re_path

from diguan.policies.web import allocations, pages, simulations
from diguan.policies.web.payments.urls import urlpatterns as payments

app_name = "policies"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("mine/", pages.mine, name="mine"),
    path("runs/", pages.run_list, name="runs"),
    path("runs/start/", pages.start_run, name="start_run"),
    path("runs/allocations/<str:run_id>/", allocations.one, name="allocation"),
    path("runs/allocations/<str:run_id>/<str:policy_id>/", allocations.listed, name="allocated"),
    path("runs/<str:run_id>/allocate/", allocations.start, name="start_allocation"),
    path("runs/<str:run_id>/", pages.run, name="run"),
    path("runs/<str:run_id>/since/<str:old_id>/", pages.changes, name="changes"),
    path("simulations/", simulations.listing, name="simulations"),
    path("simulations/new/", simulations.new, name="new_simulation"),
    path("simulations/<str:run_id>/", simulations.one, name="simulation"),
    path("simulations/<str:run_id>/<int:scenario>/firms/", simulations.firms, name="simulation_firms"),
    path("simulations/<str:run_id>/<int:scenario>/<slug:move>/", simulations.moved, name="simulation_moved"),
    *payments,
    path("<str:policy_id>/ask/", pages.ask, name="ask"),
    path("<str:policy_id>/", pages.policy, name="policy"),
    re_path(r"^(?P<policy_id>[^/]+)/(?P<group>entitled|near|unknown|out-[1-9][0-9]?)/$", pages.group, name="group"),
    re_path(r"^(?P<policy_id>[^/]+)/reach/(?P<stage>notified|delivered|opened|acted|refused|unreached)/$", pages.reached, name="reach"),
    path("<str:policy_id>/<str:uscc>/", pages.explanation, name="explanation"),
]
