"""Flows brought to a study: what the file says, which task is which activity of the log, how the log keeps to it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from diguan.kernel.facts import files
from diguan.services.engine import bpmn, bpmnfile, conformance, flowplan
from diguan.services.engine.bpmn import Order, Process
from diguan.services.engine.conformance import Conformance
from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.flowplan import Match
from diguan.services.models import Study, StudyFlow
from diguan.services.queries import bench
from diguan.services.queries.bench import Analysis


@functools.lru_cache(maxsize=8)
def _read(sha256: str) -> tuple[Process, Order]:
    path = files.upload_path(sha256)
    if not path.exists():
        raise BenchRefused("gone", "流程图的文件不在了，请重新导入", "the file of the flow is gone; import it again")
    process = bpmnfile.read(path.read_bytes())
    return process, bpmn.order_of(process)


@functools.lru_cache(maxsize=4)
def _held(found: Analysis, sha256: str, names: tuple[tuple[str, str], ...]) -> Conformance:
    return conformance.check(found.log, flowplan.plan(_read(sha256)[1], dict(names)))


@dataclass(frozen=True)
class Brought:
    """A flow as it was read, beside the log of its study.

    Raises:
        BenchRefused: its file is gone. LogRefused: the log's is. :attr:`held`: ``no_match``, ``too_many``.
    """

    row: StudyFlow
    study: Study

    @property
    def process(self) -> Process:
        """The file."""
        return _read(self.row.upload.sha256)[0]

    @property
    def order(self) -> Order:
        """Its tasks and what comes before what."""
        return _read(self.row.upload.sha256)[1]

    @property
    def analysis(self) -> Analysis:
        """The log."""
        return bench.analysis(self.study)

    @property
    def matches(self) -> tuple[Match, ...]:
        """Every task with its activity."""
        return flowplan.matches(self.order, self.row.names, self.analysis.log.activities)

    @property
    def held(self) -> Conformance:
        """The log held against the flow."""
        return _held(self.analysis, self.row.upload.sha256, tuple(sorted(self.row.names.items())))


def flows(study: Study) -> list[StudyFlow]:
    """The flows brought to a study, newest first."""
    return list(study.flows.select_related("upload", "by"))


def find(study: Study, number: int) -> Brought | None:
    """One of them."""
    row = study.flows.select_related("upload", "by").filter(pk=number).first()
    return Brought(row, study) if row else None


def same(study: Study, sha256: str) -> StudyFlow | None:
    """The flow of a study that came from this very file."""
    return study.flows.filter(upload__sha256=sha256).first()
