"""Addresses of payments, below those of policies."""

from django.urls import path, re_path

from diguan.policies.web.payments import ledger as ledgers
from diguan.policies.web.payments import pages as payments
from diguan.policies.web.payments import results

urlpatterns = [
    path("payments/", payments.listing, name="payments"),
    path("payments/new/", payments.new, name="payment_new"),
    path("payments/draft/", payments.draft, name="payment_draft"),
    path("payments/ledger/", ledgers.claims, name="ledger"),
    path("payments/entries/", ledgers.entries, name="entries"),
    path("payments/entries/<int:number>/reverse/", ledgers.reverse_entry, name="entry_reverse"),
    path("payments/reconcile/", ledgers.reconcile, name="reconcile"),
    path("payments/claims/<int:number>/", ledgers.claim, name="claim_ledger"),
    path("payments/claims/<int:number>/demand/", ledgers.demand, name="claim_demand"),
    path("payments/claims/<int:number>/repay/", ledgers.repay, name="claim_repay"),
    path("payments/claims/<int:number>/settle/", ledgers.settle, name="claim_settle"),
    path("payments/papers/<int:number>/", ledgers.paper, name="payment_paper"),
    path("payments/lines/<int:number>/", results.line, name="payment_line"),
    path("payments/lines/<int:number>/reveal/", results.reveal, name="payment_reveal"),
    re_path(r"^payments/results/(?P<number>[0-9]{1,18})/(?P<deed>book|reject)/$", results.decide, name="payment_result"),
    path("payments/<int:number>/", payments.order, name="payment"),
    path("payments/<int:number>/export/", payments.export, name="payment_export"),
    re_path(r"^payments/(?P<number>[0-9]{1,18})/(?P<deed>approve|send|cancel|recall)/$", payments.do, name="payment_deed"),
]
