"""The nouns of this room."""

from diguan.outreach.models.guests import GuestState, Invitation, SiteVisit, SiteVisitState
from diguan.outreach.models.places import Place, TravelTime
from diguan.outreach.models.trips import (
    Call,
    CallState,
    Expense,
    ExpenseKind,
    ExpenseState,
    Party,
    Trip,
    TripCity,
    TripMember,
    TripPlan,
    TripState,
)
from diguan.outreach.models.visits import FollowState, FollowUp, Outcome, VisitLog

__all__ = [
    "Call", "CallState", "Expense", "ExpenseKind", "ExpenseState", "FollowState", "FollowUp", "GuestState", "Invitation", "Outcome", "Party", "Place", "SiteVisit", "SiteVisitState",
    "TravelTime", "Trip", "TripCity", "TripMember", "TripPlan", "TripState", "VisitLog",
]
