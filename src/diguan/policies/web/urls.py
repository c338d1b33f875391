"""Addresses of policies, entitlements and matches."""

from django.urls import path, re_path

from diguan.policies.web import allocations, claim_lists, claims, own_claims, pages, simulations

app_name = "policies"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("mine/", pages.mine, name="mine"),
    path("mine/claims/", own_claims.listing, name="own_claims"),
    path("claims/", claims.listing, name="claims"),
    path("claims/<int:number>/", claims.one, name="claim"),
    path("claims/<int:number>/pass/", claims.pass_on, name="claim_pass"),
    path("claims/<int:number>/back/", claims.send_back, name="claim_back"),
    path("claims/<int:number>/papers/", claims.enter, name="claim_enter"),
    path("claims/<int:number>/papers/<int:paper>/file/", claims.paper_file, name="claim_paper"),
    path("claims/<int:number>/papers/<int:paper>/decide/", claims.decide, name="claim_decide"),
    path("claims/<int:number>/papers/<int:paper>/reveal/", claims.reveal, name="claim_reveal"),
    path("claims/<int:number>/answer/", own_claims.answer, name="claim_answer"),
    path("claims/<int:number>/give-up/", own_claims.give_up, name="claim_give_up"),
    path("runs/", pages.run_list, name="runs"),
    path("runs/start/", pages.start_run, name="start_run"),
    path("runs/allocations/<str:run_id>/", allocations.one, name="allocation"),
    path("runs/allocations/<str:run_id>/<str:policy_id>/", allocations.listed, name="allocated"),
    path("runs/allocations/<str:run_id>/<str:policy_id>/open/", claims.open_list, name="open_claims"),
    path("runs/<str:run_id>/allocate/", allocations.start, name="start_allocation"),
    path("runs/<str:run_id>/", pages.run, name="run"),
    path("runs/<str:run_id>/since/<str:old_id>/", pages.changes, name="changes"),
    path("<str:policy_id>/claims/", claims.listing, name="claims_of"),
    path("<str:policy_id>/claims/notice/", claim_lists.notice, name="claim_notice"),
    re_path(r"^(?P<policy_id>[^/]+)/claims/(?P<step>confirmed|publicised|unobjected)/$", claim_lists.step, name="claim_step"),
    path("<str:policy_id>/publicity/", claim_lists.publicity, name="publicity"),
    path("<str:policy_id>/publicity/<int:number>/object/", own_claims.object_to, name="object"),
    path("<str:policy_id>/<str:uscc>/claim/", own_claims.start, name="start_claim"),
    path("simulations/", simulations.listing, name="simulations"),
    path("simulations/new/", simulations.new, name="new_simulation"),
    path("simulations/<str:run_id>/", simulations.one, name="simulation"),
    path("simulations/<str:run_id>/<int:scenario>/firms/", simulations.firms, name="simulation_firms"),
    path("simulations/<str:run_id>/<int:scenario>/<slug:move>/", simulations.moved, name="simulation_moved"),
    path("<str:policy_id>/ask/", pages.ask, name="ask"),
    path("<str:policy_id>/", pages.policy, name="policy"),
    re_path(r"^(?P<policy_id>[^/]+)/(?P<group>entitled|near|unknown|out-[1-9][0-9]?)/$", pages.group, name="group"),
    re_path(r"^(?P<policy_id>[^/]+)/reach/(?P<stage>notified|delivered|opened|acted|refused|unreached)/$", pages.reached, name="reach"),
    path("<str:policy_id>/<str:uscc>/", pages.explanation, name="explanation"),
]
