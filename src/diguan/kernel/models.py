"""Every table of the kernel, gathered where Django looks for them."""

from diguan.kernel.access.models import Delegation, LoginThrottle, Person, Post, Unit, UnitKind
from diguan.kernel.access.tokens.models import ApiToken
from diguan.kernel.api.models import KeptAnswer
from diguan.kernel.events import Event, EventPersonal, EventSubject
from diguan.kernel.evidence.models import Evidence, EvidenceState
from diguan.kernel.facts.models import Batch, BatchState, Coverage, DataRequest, RequestLine, RequestState, Upload
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job
from diguan.kernel.lists.models import SavedView
from diguan.kernel.notices.models import Dispatch, Notice, Round
from diguan.kernel.records import Record, Visibility
from diguan.kernel.seals.models import Seal
from diguan.kernel.stages.models import ClockEntry, Course, FlowVersion, Passage, Task, TaskState, Waiver

__all__ = [
    "ApiToken",
    "Batch",
    "BatchState",
    "ClockEntry",
    "Course",
    "Coverage",
    "DataRequest",
    "Delegation",
    "Dispatch",
    "Event",
    "EventPersonal",
    "EventSubject",
    "Evidence",
    "EvidenceState",
    "FlowVersion",
    "Job",
    "KeptAnswer",
    "LoginThrottle",
    "Notice",
    "Passage",
    "Person",
    "Post",
    "Record",
    "RequestLine",
    "RequestState",
    "Round",
    "Run",
    "SavedView",
    "Seal",
    "Task",
    "TaskState",
    "Unit",
    "UnitKind",
    "Upload",
    "Visibility",
    "Waiver",
]
