"""Words of the pages of notices: a notice's state, its channels, its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from diguan.kernel.declare import verb_words
from diguan.kernel.notices.kinds import kind_of
from diguan.kernel.notices.models import Channel, Dispatch, Notice, State, Way
from diguan.kernel.notices.queries import COLOURS
from diguan.kernel.shell import language
from diguan.kernel.templatetags.diguan import moment
from diguan.kernel.timelines import Line


def state(notice: Notice) -> tuple[str, str]:
    """Kind and word of its state; what has ended says so."""
    found = State(notice.state)
    if notice.ended_at and found is not State.WITHDRAWN:
        return ("mute", _("{state}，已失效").format(state=found.label))
    return (COLOURS[found], str(found.label))


def title(notice: Notice) -> str:
    """The title in the page's language."""
    return notice.title_zh if language() == "zh" else notice.title_en


def body(notice: Notice) -> str:
    """The words in the page's language."""
    return notice.body_zh if language() == "zh" else notice.body_en


def reason(notice: Notice) -> str:
    """Why it was refused, in words."""
    label = kind_of(notice).reasons.get(notice.reason, notice.reason)
    return _("{reason}：{words}").format(reason=label, words=notice.reason_text) if notice.reason_text else str(label)


def _way(found: Dispatch) -> str:
    if found.channel == Channel.PAGE and found.state == Way.QUEUED:
        return _("网页：还没有能打开的账号")
    return _("{channel}：{state}").format(channel=Channel(found.channel).label, state=Way(found.state).label)


def way(found: Dispatch) -> str:
    """One channel in words: 网页：已送达 2026-10-31 09:00."""
    return " ".join(filter(None, (_way(found), found.note, moment(found.at) if found.at else "")))


def ways(found: Sequence[Dispatch]) -> str:
    """Every channel in words, short."""
    return _("；").join(map(_way, found))


def history(lines: Sequence[Line], notice: Notice) -> list[dict[str, Any]]:
    """Its events as a timeline shows them; an answer with what was answered."""
    return [{"when": moment(line.at), "what": verb_words(line.verb), "note": " · ".join(filter(None, (line.actor, _answered(line, notice))))} for line in lines]


def _answered(line: Line, notice: Notice) -> str:
    if line.verb != "notice_answered":
        return ""
    reason = line.after.get("reason", "")
    told = (str(State(line.after["state"]).label), str(kind_of(notice).reasons.get(reason, reason)), line.after.get("words", ""))
    return _("，").join(filter(None, told))
