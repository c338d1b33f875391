"""Heads and lines around a briefing's document, alike on page, in Word and in PDF."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from diguan.indicators.models import Briefing, BriefingState
from diguan.kernel.templatetags.diguan import moment

STATES = {BriefingState.DRAFT: "warn", BriefingState.REVIEWED: "accent", BriefingState.SIGNED: "ok"}
SHORT = 12


def status(row: Briefing) -> tuple[str, Any]:
    """Colour and word of a state."""
    return STATES[BriefingState(row.state)], row.get_state_display()


def around(row: Briefing, language: str) -> dict[str, Any]:
    """What stands around the document: marks of a draft, the snapshot, boxes, who signed."""
    document = row.document(language)
    made = document["snapshot"]
    under = _("第 {n} 版 · 数据截至 {as_of} · 数据入库到 {known_at} · 快照 {id}").format(n=row.edition, as_of=made["as_of"], known_at=made["known_at"], id=made["id"][:SHORT])
    return {"mark": "" if row.published else _("没有签发，只供核对"), "under": under, "foot": f"{document['title']} · {_('快照')} {made['id'][:SHORT]}", "boxes": boxes(row, language), "changes_title": _("与上次简报相比"),
            "notes_title": _("数字的来处"), "unit": _("单位："), "signed": signatures(row)}


def boxes(row: Briefing, language: str) -> list[dict[str, Any]]:
    """What a reader must know first: a further edition and why, figures that are not whole and why it was signed all the same."""
    found = []
    if row.edition > 1:
        found.append({"title": _("这是第 {n} 版").format(n=row.edition), "lines": [row.why]})
    partial = row.document(language)["partial"]
    if partial:
        lines = [each["text"] for each in partial]
        found.append({"title": _("不齐全的数"), "lines": [*lines, _("仍然签发的理由：{reason}").format(reason=row.partial_reason)] if row.partial_reason else lines})
    return found


def signatures(row: Briefing) -> list[str]:
    """Who made, reviewed and signed it, and when."""
    said = [(_("起草人"), row.created_by, row.created_at), (_("复核人"), row.reviewed_by, row.reviewed_at), (_("签发人"), row.signed_by, row.signed_at)]
    return [_("{deed}：{name}，{at}").format(deed=deed, name=person.name, at=moment(at)) for deed, person, at in said if person is not None]
