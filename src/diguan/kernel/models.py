"""Every table of the kernel, gathered where Django looks for them."""

from diguan.kernel.access.models import Delegation, LoginThrottle, Person, Post, Unit, UnitKind
from diguan.kernel.events import Event, EventPersonal, EventSubject
from diguan.kernel.facts.models import Batch, BatchState, Coverage, Upload
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job
from diguan.kernel.lists.models import SavedView
from diguan.kernel.notices.models import Dispatch, Notice, Round
from diguan.kernel.records import Record, Visibility

__all__ = [
    "Batch",
    "BatchState",
    "Coverage",
    "Delegation",
    "Dispatch",
    "Event",
    "EventPersonal",
    "EventSubject",
    "Job",
    "LoginThrottle",
    "Notice",
    "Person",
    "Post",
    "Record",
    "Round",
    "Run",
    "SavedView",
    "Unit",
    "UnitKind",
    "Upload",
    "Visibility",
]
