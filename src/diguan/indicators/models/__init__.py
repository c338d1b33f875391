"""What this room keeps itself: plans with their tasks and targets, and tables of peers. Figures are never kept here; they are in snapshots."""

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

__all__ = ["NoteState", "PeerValue", "Plan", "PlanKind", "ProgressNote", "RankingTable", "Target", "Task", "TaskState"]
