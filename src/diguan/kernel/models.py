"""Every table of the kernel, gathered where Django looks for them."""

from diguan.kernel.access.models import Delegation, LoginThrottle, Person, Post, Unit, UnitKind
from diguan.kernel.access.tokens.models import ApiToken
from diguan.kernel.api.models import KeptAnswer
from diguan.kernel.events import Event, EventPersonal, EventSubject
from diguan.kernel.facts.models import Batch, BatchState, Coverage, DataRequest, RequestLine, RequestState, Upload
from diguan.kernel.facts.runs import Run
from diguan.kernel.jobs import Job
from diguan.kernel.lists.models import SavedView
from diguan.kernel.notices.models import Dispatch, Notice, Round
from diguan.kernel.records import Record, Visibility

__all__ = [
    "ApiToken",
    "Batch",
    "BatchState",
    "Coverage",
    "DataRequest",
    "Delegation",
    "Dispatch",
    "Event",
    "EventPersonal",
    "EventSubject",
    "Job",
    "KeptAnswer",
    "LoginThrottle",
    "Notice",
    "Person",
    "Post",
    "Record",
    "RequestLine",
    "RequestState",
    "Round",
    "Run",
    "SavedView",
    "Unit",
    "UnitKind",
    "Upload",
    "Visibility",
]
