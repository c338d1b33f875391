"""What this room keeps itself: plans with their tasks and targets, tables of peers, months that were published. Figures are never kept here; they are in snapshots."""

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

__all__ = ["NoteState", "PeerValue", "Plan", "PlanKind", "ProgressNote", "PublishedMonth", "RankingTable", "Target", "Task", "TaskState"]
