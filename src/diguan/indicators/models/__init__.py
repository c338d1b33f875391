"""What this room keeps itself: plans with their tasks and targets, tables of peers, months that were published, the county's own honours, briefings and who wants them. Figures are never kept here; they are in snapshots."""

from diguan.indicators.models.briefings import Briefing, BriefingState, BriefingSubscription
from diguan.indicators.models.honours import Honour, HonourKind, HonourLevel
from diguan.indicators.models.published import PublishedMonth
from diguan.indicators.models.rankings import PeerValue, RankingTable
from diguan.indicators.models.targets import (
    NoteState,
    Plan,
    PlanKind,
    ProgressNote,
    Target,
    Task,
    TaskState,
)

__all__ = ["Briefing", "BriefingState", "BriefingSubscription", "Honour", "HonourKind", "HonourLevel", "NoteState", "PeerValue", "Plan", "PlanKind", "ProgressNote", "PublishedMonth", "RankingTable", "Target", "Task", "TaskState"]
