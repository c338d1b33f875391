"""What is answered to who asks for something that is worked out in the background."""

from __future__ import annotations

from ninja import Schema


class Queued(Schema):
    """The job that computes it: ``/api/jobs/{number}`` for who asked for it."""

    job: int
    state: str
