"""Whether the library still is what was published: for ``diguan doctor``, which has every right."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator

from diguan.kernel.events import Event
from diguan.kernel.messages import Message
from diguan.kernel.rules.nodes import DocumentErrors
from diguan.services.engine import lifeevents
from diguan.services.engine.lifeevents import Names
from diguan.services.models import LifeEventVersion, MatterVersion
from diguan.services.queries import intact, shelf
from diguan.services.queries.life_events import names_keys


def faults() -> list[Message]:
    """Every published version of a matter or life event that is not what was published, that nothing can be made of, or that is missing."""
    return [*_matters(), *_life_events()]


def _matters() -> Iterator[Message]:
    said = _said("services.matter", "digest")
    numbers: dict[int, list[int]] = {}
    for version in MatterVersion.objects.filter(published=True).select_related("matter").order_by("matter", "number").iterator(500):
        numbers.setdefault(version.matter_id, []).append(version.number)
        zh, en = f"事项 {version.matter.key} 第 {version.number} 版", f"version {version.number} of the matter {version.matter.key}"
        if not intact(version):
            yield Message(f"{zh}的内容和发布时的摘要对不上", f"{en} is not what its digest says")
        elif (told := said.get((version.matter_id, version.number), version.digest)) != version.digest:
            yield Message(f"{zh}的摘要和留痕里的（{told[:12]}）不同", f"{en} has another digest than its event tells ({told[:12]})")
    for matter, found in numbers.items():
        if gap := sorted(set(range(1, found[-1] + 1)) - set(found)):
            yield Message(f"编号 {matter} 的事项少了第 {gap[0]} 版", f"version {gap[0]} of matter number {matter} is gone")


def _life_events() -> Iterator[Message]:
    said, names = _said("services.lifeevent", "sha256"), Names(shelf.questions(), names_keys())
    numbers: dict[int, list[int]] = {}
    for version in LifeEventVersion.objects.select_related("life_event").order_by("life_event", "number"):
        numbers.setdefault(version.life_event_id, []).append(version.number)
        zh, en = f"一件事 {version.life_event.key} 第 {version.number} 版", f"version {version.number} of the life event {version.life_event.key}"
        if version.sha256 not in {hashlib.sha256(mark + version.text.encode()).hexdigest() for mark in (b"", codecs.BOM_UTF8)}:  # the text is kept without its mark
            yield Message(f"{zh}的文件和发布时的摘要对不上", f"{en} is not what its digest says")
            continue
        if (told := said.get((version.life_event_id, version.number), version.sha256)) != version.sha256:
            yield Message(f"{zh}的摘要和留痕里的（{told[:12]}）不同", f"{en} has another digest than its event tells ({told[:12]})")
        try:
            document = lifeevents.parse(version.text.encode(), version.life_event.key, names)
        except DocumentErrors as error:
            one = error.problems[0]
            yield Message(f"{zh}第 {one.line} 行：{one.message.zh}", f"{en}, line {one.line}: {one.message.en}")
            continue
        if (document.valid_from, document.id) != (version.valid_from, version.life_event.key):
            yield Message(f"{zh}的启用日期或标识和文件里的不同", f"{en} begins on another day, or has another key, than its document says")
    for number, found in numbers.items():
        if gap := sorted(set(range(1, found[-1] + 1)) - set(found)):
            yield Message(f"编号 {number} 的一件事少了第 {gap[0]} 版", f"version {gap[0]} of life event number {number} is gone")


def _said(root: str, name: str) -> dict[tuple[int, int], str]:
    """The digests that events tell of versions: (root, number) → digest as it was published."""
    rows = Event.objects.filter(root_type=root, verb__in=("matter_published", "matter_adopted", "life_event_published")).iterator(500)
    return {(int(row.root_id), int(row.after["number"])): str(row.after[name]) for row in rows if "number" in row.after and name in row.after}
