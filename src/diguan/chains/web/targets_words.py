"""How target firms are said on pages: values of facts, states, why a filter holds, what a score is made of."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.chains.engine.targetfile import AHP, ENTROPY, FAILED, GIVEN, OPEN, PASSED
from diguan.chains.models import Approach, ListKind, Pollution, TargetFirm
from diguan.chains.queries.target_board import Board, Line
from diguan.chains.web import words
from diguan.kernel import packs, pictures
from diguan.kernel.rules import words as rules
from diguan.kernel.rules.tree import FALSE, TRUE, UNKNOWN
from diguan.kernel.shell import language, source_name
from diguan.kernel.templatetags.diguan import value as fact_value

STATES = {PASSED: ("ok", gettext_lazy("符合")), OPEN: ("warn", gettext_lazy("待补信息")), FAILED: ("bad", gettext_lazy("不符合"))}
USES = {AHP: gettext_lazy("两两比较（AHP）"), GIVEN: gettext_lazy("直接给定"), ENTROPY: gettext_lazy("熵权法")}
APPROACHES = {Approach.NEW: "mute", Approach.CONTACTED: "info", Approach.VISITING: "info", Approach.NEGOTIATING: "ok", Approach.DROPPED: "mute"}


def state(line: Line) -> tuple[str, str]:
    """Whether the filters hold, as a status."""
    kind, word = STATES[line.state]
    return kind, str(word)


def approach(firm: TargetFirm) -> tuple[str, str]:
    """How far the county has come, as a status."""
    return APPROACHES[Approach(firm.approach)], str(firm.get_approach_display())


def address(firm: TargetFirm) -> str:
    """Where a firm's page is."""
    return reverse("chains:target", args=[firm.pk])


def region(code: str) -> str:
    """A region's name; a place below a province with the province before it."""
    names = packs.codes().regions
    province = names.get(f"{code[:2]}0000", "")
    own = names.get(code, code)
    return own if not code or own == province else f"{province}{own}"


def fact(name: str, value: Any) -> Any:
    """A fact's value in words, of the kind its catalogue entry says."""
    spec = packs.catalogue()[name]
    if value is None:
        return fact_value(None)
    if name == "target.pollution":
        return str(Pollution(value).label) if value in Pollution.values else value
    if spec.type == "region":
        return region(value)
    if spec.type == "industry":
        return f"{value} {packs.codes().industries.get(value, '')}".strip()
    return fact_value(None, value, None, "bool" if spec.type == "bool" else spec.unit)


def title(name: str) -> str:
    """A fact's name."""
    return packs.catalogue()[name].label(language())


def keeper(name: str) -> str:
    """Who keeps a source."""
    return source_name(name)


def points(share: float) -> str:
    """A score or a part of one, in points of a hundred."""
    return f"{share * 100:.1f}"


# ── scores ───────────────────────────────────────────────────────────────────
def parts(board: Board, line: Line) -> list[dict[str, Any]]:
    """What a score is made of, criterion by criterion in the document's order."""
    found = board.scores
    if found is None or line.at is None:
        return []
    most = float(found.share.max()) or 1.0
    lines = []
    for at, one in enumerate(board.method.criteria):
        known = bool(found.values[line.at, at] == found.values[line.at, at])
        share, part = float(found.share[at]), float(found.parts[line.at, at])
        lines.append({"word": words.said(one.title), "weight": points(share), "known": known, "value": fact(one.fact.name, line.told.get(one.fact.name)), "points": points(part),
                      "reach": f"0–{points(share)}", "bar": pictures.span(0, part if known else share, most)})
    return lines


class Opened:
    """A score in a list: on the page it opens to its parts, in a file it is one text."""

    def __init__(self, board: Board, line: Line) -> None:
        self._board, self._line = board, line

    def __str__(self) -> str:
        return score(self._board, self._line)

    def __html__(self) -> str:
        return render_to_string("chains/_target_score.html", {"score": str(self), "parts": parts(self._board, self._line)})


def score(board: Board, line: Line) -> str:
    """A score, with its range where something is not known."""
    found = board.scores
    if found is None or line.at is None:
        return ""
    low, middle, high = (points(float(each[line.at])) for each in (found.low, found.score, found.high))
    return middle if low == high else _("{middle}（{low}–{high}）").format(middle=middle, low=low, high=high)


def rank(board: Board, line: Line) -> str:
    """A rank; one that is shared says so."""
    if board.scores is None or line.at is None:
        return "—"
    own = str(int(board.scores.rank[line.at]))
    return _("{rank} 并列").format(rank=own) if board.scores.tied[line.at] else own


def rank_range(board: Board, line: Line) -> str:
    """The ranks it may have."""
    if line.at is None:
        return ""
    best, worst = board.ranges([line])[line.at]
    return _("名次 {n}").format(n=best) if best == worst else _("名次 {best}–{worst}").format(best=best, worst=worst)


# ── filters ──────────────────────────────────────────────────────────────────
def verdicts(board: Board, line: Line) -> list[tuple[str, str, list[dict[str, str]]]]:
    """The filters in three columns: (status, heading, lines)."""
    zh = language()
    names = packs.codes().names
    columns: dict[int, list[dict[str, str]]] = {TRUE: [], FALSE: [], UNKNOWN: []}
    for clause, finding in zip(board.method.filters, line.findings, strict=True):
        reading = rules.reading(clause.condition, zh, names)
        missing = _("、").join(title(fact.name) for fact in dict.fromkeys(fact for source in _sources(clause) for fact in source.facts) if fact.name not in line.told)
        why = _("还不知道：{facts}").format(facts=missing) if finding.verdict == UNKNOWN else rules.reason(clause, finding, board.as_of, zh, names)
        columns[finding.verdict].append({"says": clause.cite.quote if zh.startswith("zh") else reading, "why": why})
    return [("ok", _("符合"), columns[TRUE]), ("bad", _("不符合"), columns[FALSE]), ("unknown", _("未知"), columns[UNKNOWN])]


def _sources(clause: Any) -> list[Any]:
    from diguan.kernel.rules import tree

    return list(tree.sources_of(clause.condition))


def failed(board: Board, line: Line) -> str:
    """The filters that fail, or that are open, in one line."""
    wanted = FALSE if line.state == FAILED else UNKNOWN
    found = [clause for clause, finding in zip(board.method.filters, line.findings, strict=True) if finding.verdict == wanted]
    if not found:
        return ""
    said = _("；").join(clause.cite.quote if language().startswith("zh") else rules.reading(clause.condition, "en") for clause in found)
    return said if line.state == FAILED else _("还不知道：{what}").format(what=said)


# ── basis ────────────────────────────────────────────────────────────────────
def weights(board: Board) -> str:
    """The weights in one sentence, with their consistency."""
    if board.weighing is None:
        return "—"
    own = _("、").join(f"{words.said(one.title)} {points(float(share))}%" for one, share in zip(board.method.criteria, board.weighing.share, strict=True))
    more = "" if board.weighing.consistency is None else _("，一致性比率 {cr}（应小于 0.1）").format(cr=f"{board.weighing.consistency:.3f}")
    return f"{USES[board.weighing.use]}：{own}{more}"


def scales(board: Board) -> list[tuple[str, str, str]]:
    """Of every criterion its scale of the day, and the document it stands on."""
    found = []
    for one in board.method.criteria:
        dated = one.on(board.as_of)
        shown = _("这一天还没有基准") if dated is None else words.said(dated.shown)
        found.append((words.said(one.title), shown, "" if dated is None else dated.document + ("" if dated.confirmed else _("（未核对）"))))
    return found


def list_kind(kind: str) -> str:
    """A kind of list."""
    return str(ListKind(kind).label)
