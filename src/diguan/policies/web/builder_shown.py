"""What the rule builder shows: the source with its marks, the tree, the open editor, the trial, the examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from diguan.kernel import access, money
from diguan.kernel.rules import tree
from diguan.kernel.shell import language
from diguan.policies import queries
from diguan.policies.actions.life import BEGIN
from diguan.policies.engine import clausetree, leaves, sentences
from diguan.policies.engine.clausetree import Place, Spot
from diguan.policies.models import Draft
from diguan.policies.queries import NEAR, UNKNOWN, drafts, life, life_view, published, trials
from diguan.policies.queries.drafts import Opened
from diguan.policies.queries.simulations import SIMULATE
from diguan.policies.queries.trials import Trial
from diguan.policies.web import builder_forms, shown
from diguan.policies.web import builder_words as words
from diguan.policies.web.builder_forms import ClauseForm, LeafForm

FEW = 4
KINDS = {"eligible": "ok", "ineligible": "mute", "unknown": "unknown"}


@dataclass
class Editor:
    """The one node that is open: what it is and the forms that change it."""

    spot: Spot
    clause: int
    leaf: LeafForm | None
    about: ClauseForm | None
    name: str = ""
    """The clause's id, by which it is found again where others have moved."""
    stale: bool = False
    conflict: list[dict[str, Any]] = field(default_factory=list)

    @property
    def errors(self) -> bool:
        return bool((self.leaf and self.leaf.errors) or (self.about and self.about.errors))


def frame(person: Any, row: Draft, step: str) -> dict[str, Any]:
    """What every page of a draft shows above its body."""
    found = drafts.opened(row.text, row.source)
    return {"draft": row, "found": found, "step": step, "steps": steps(row, found), "may_write": access.may(person, drafts.WRITE, row), "may_simulate": access.may(person, SIMULATE), "may_publish": access.may(person, drafts.PUBLISH, row),
            "faults": [{"line": fault.line, "words": fault.message.text(language()), "nearest": fault.nearest} for fault in found.faults]}


def steps(row: Draft, found: Opened) -> list[dict[str, Any]]:
    """The bar on top: each step, how far it is, where it leads."""
    clauses, held, here = len(clausetree.clauses(found.data)), examples(found), [row.pk]
    bad = {fault.place[0] for fault in found.faults if fault.place}
    passed = sum(one["kind"] == "ok" for one in held)
    reviewed = published.published_at(row.policy) is not None
    entries = [
        ("source", "upload", _("原文"), "", "builder_source", True), ("clauses", "edit", _("条款"), _("{n} 条").format(n=clauses), "builder", bool(clauses) and "clauses" not in bad),
        ("terms", "coin-yuan", _("钱和期限"), "", "builder_terms", not bad - {"clauses", "examples"}),
        ("examples", "checks", _("样例"), _("{passed} / {n} 通过").format(passed=passed, n=len(held)) if held else "", "builder_examples", bool(held) and "examples" not in bad),
        ("versions", "history", _("存版和比较"), _("第 {n} 版").format(n=row.saved) if row.saved else "", "builder_versions", bool(row.saved)),
        ("publish", "shield-check", _("审查和发布"), "", "builder_publish", reviewed)]
    return [{"key": key, "icon": icon, "label": label, "more": more, "url": reverse(f"policies:{name}", args=here), "done": done} for key, icon, label, more, name, done in entries]


def life_of(person: Any, row: Draft) -> dict[str, Any]:
    """Where the policy's reviews are done: its course, or where one begins; no address for whom neither is open."""
    if life.stands().get(row.policy) is not None:
        return {"begun": True, "url": reverse("policies:life", args=[row.policy]) if access.may(person, life_view.VIEW) else ""}
    query = urlencode({"policy": row.policy, "title": row.title})
    return {"begun": False, "url": f"{reverse('policies:life_begin')}?{query}" if access.may(person, BEGIN) else ""}


# ── the three columns ────────────────────────────────────────────────────────
def builder(person: Any, row: Draft, at: str, editor: Editor | None = None, lost: Sequence[tuple[Any, str]] = ()) -> dict[str, Any]:
    """The page: source, tree with one open editor, trial.

    Raises:
        clausetree.NoSuchNode: the address names a node that is not there.
    """
    context = frame(person, row, "clauses")
    found: Opened = context["found"]
    if editor is None and at and context["may_write"]:
        editor = opened(row, found, clausetree.place_of(at))
    context |= {"editor": editor, "lost": lost, "source": source(row, found), "untouched": untouched(row, found), "clauses": clauses(found, editor), "facts": words.facts() if context["may_write"] else (),
                "aloud": words.aloud(found.trial) if found.trial else "", "examples": examples(found), "left_out": sorted(at + 1 for at in found.left_out)}
    return {**context, "trial": trial(person, row, found)}


def spans(row: Draft, found: Opened) -> list[tuple[int, int]]:
    """Where each clause's quote is in the source; nowhere where it is not found."""
    quotes = [(clause.get("cite") or {}).get("quote", "") if isinstance(clause.get("cite"), dict) else "" for clause in clausetree.clauses(found.data)]
    places = [(row.source.find(quote), quote) if isinstance(quote, str) and quote else (-1, "") for quote in quotes]
    return [(start, start + len(quote)) if start >= 0 else (-1, -1) for start, quote in places]


def source(row: Draft, found: Opened) -> list[list[sentences.Part]]:
    """The source by paragraphs, sentences and marks."""
    return sentences.laid_out(row.source, spans(row, found))


def untouched(row: Draft, found: Opened) -> str:
    """The articles that no clause quotes yet."""
    return _("、").join(sentences.untouched(row.source, spans(row, found)))


def clauses(found: Opened, editor: Editor | None) -> list[dict[str, Any]]:
    """The tree: every clause with its nodes, each as a sentence."""
    out = []
    for number, clause in enumerate(clausetree.clauses(found.data)):
        cite = clause.get("cite")
        out.append({"number": number + 1, "id": clause.get("id", ""), "article": cite.get("article", "") if isinstance(cite, dict) else "", "missing": clause.get("on_missing", "ask"),
                    "nodes": [_node(spot, editor) for spot in clausetree.spots(found.data, number)], "faults": len(found.at("clauses", number))})
    return out


def _node(spot: Spot, editor: Editor | None) -> dict[str, Any]:
    typed = None if spot.group else drafts.condition_of(spot.condition)
    if spot.group:
        said = str(words.GROUPS[spot.group])
    else:
        said = words.reading(typed) if typed else sketch(spot.condition)
    return {"name": spot.name, "depth": min(spot.depth, 4), "group": spot.group, "said": said, "bad": not spot.group and typed is None, "open": editor is not None and editor.spot.place == spot.place,
            "first": spot.place[-1] == 0, "last": spot.place[-1] == spot.siblings - 1}


def sketch(condition: Any) -> str:
    """A comparison that is not whole yet, as far as it goes."""
    fields = leaves.fields_of(condition) if isinstance(condition, Mapping) else {}
    said = " ".join(part for part in (fields.get("fact"), fields.get("over"), fields.get("agg"), fields.get("op"), fields.get("value", "") + fields.get("unit", "")) if part)
    return said if fields.get("fact") else _("还没选事实")


# ── the open editor ──────────────────────────────────────────────────────────
def opened(row: Draft, found: Opened, place: Place) -> Editor:
    """The editor of a node as the draft has it, with what the loader says of it at each field."""
    condition = clausetree.condition_at(found.data, place)
    spot = next(spot for spot in clausetree.spots(found.data, place[0]) if spot.place == place)
    leaf = None if spot.group else LeafForm({**leaves.fields_of(condition), "version": row.version})
    about = ClauseForm({**about_fields(found, place[0]), "version": row.version}) if len(place) == 1 else None
    editor = Editor(spot, place[0], leaf, about, str(clausetree.clauses(found.data)[place[0]].get("id", "")))
    judge(editor, row, found)
    return editor


def about_fields(found: Opened, number: int) -> dict[str, str]:
    """What a clause says besides its condition, as fields."""
    clause = clausetree.clauses(found.data)[number]
    held = clause.get("cite")
    cite = held if isinstance(held, dict) else {}
    return {"article": cite.get("article", ""), "quote": cite.get("quote", ""), "on_missing": clause.get("on_missing", "ask"), "name": clause.get("id", ""), "sentence": ""}


def judge(editor: Editor, row: Draft, found: Opened) -> None:
    """Put what the loader says at its fields, and offer what goes with the fact."""
    faults = found.at("clauses", editor.clause)
    if editor.leaf is not None:
        editor.leaf.is_valid()
        fresh = not editor.leaf["fact"].value()
        if not fresh:
            builder_forms.blame_leaf(editor.leaf, faults, clausetree.path_of(found.data, editor.spot.place))
        prepare(editor.leaf)
    if editor.about is not None:
        editor.about.is_valid()
        builder_forms.blame_clause(editor.about, faults, editor.clause)
        offer_sentences(editor.about, row)


def prepare(form: LeafForm) -> None:
    """Offer what goes with the fact that is chosen; the upper end only where there is one."""
    form.prepare()
    if form["op"].value() != "between" and not form["high"].value():
        del form.fields["high"]


def offer_sentences(form: ClauseForm, row: Draft) -> None:
    """Offer every sentence of the source, and what an unknown may mean."""
    form.offer("on_missing", words.MISSING)
    known = [(str(one.number), f"{one.article} {one.text}".strip()[:60]) for one in sentences.sentences(row.source)]
    form.offer("sentence", [("", _("不换")), *known])


# ── the trial ────────────────────────────────────────────────────────────────
def trial(person: Any, row: Draft, found: Opened) -> dict[str, Any] | None:
    """The draft on this county's data, beside the text in force; None for who may not see it, or while nothing can be tried."""
    if found.trial is None or not access.may(person, queries.ENTITLEMENT) or not queries.sees_county(person):
        return None
    now = trials.trial(person, found.trial)
    if now is None:
        return None
    inforce = in_force(row, found)
    moved = trials.compare(person, inforce, found.trial) if inforce else None
    before = moved.old if moved else None
    return {"of": now, "rows": figures(row, now, before), "before": before, "money": spending(now), "funnel": funnel(row, now, found), "near": near(person, now), "moves": moves(row, found, moved), "day": now.run.as_of,
            "outside": bool(found.policy and not found.policy.in_force(now.run.as_of)), "total": now.totals.judged}


def in_force(row: Draft, found: Opened) -> tree.Policy | None:
    """The library's text of the same policy, tried on any day, where the draft says something else."""
    policy = queries.library().policies.get(row.policy)
    if policy is None or policy.path is None or (found.policy is not None and policy.digest == found.policy.digest):
        return None
    return drafts.tried_text(policy)


def figures(row: Draft, now: Trial, before: Trial | None) -> list[dict[str, Any]]:
    """可享, 差一步, 待补信息, money low and high: then, now, by how much."""
    out = []
    for group in (queries.ENTITLED, NEAR, UNKNOWN):
        old, new = (_count(of, group) if of else None for of in (before, now))
        out.append({"label": shown.GROUPS[group][1], "old": None if old is None else _firms(old), "new": _firms(new or 0), "change": None if old is None else _signed((new or 0) - old),
                    "url": reverse("policies:builder_people", args=[row.pk, group]) if new else ""})
    for label, read in ((_("资金下限"), lambda of: of.totals.amount_fen), (_("资金上限"), lambda of: of.totals.high_fen)):
        old, new = read(before) if before else None, read(now)
        out.append({"label": label, "old": None if old is None else money.words(old, language()), "new": money.words(new, language()),
                    "change": None if old is None else _signed_money(new - old), "url": ""})
    return out


def moves(row: Draft, found: Opened, of: trials.Comparison | None) -> list[dict[str, Any]]:
    """Who gains and who loses against the text in force: how many, how much, and where they are listed once the draft is whole."""
    if of is None:
        return []
    names = {trials.GAINED: _("新可享"), trials.LOST: _("不再可享"), trials.MORE: _("金额变多"), trials.LESS: _("金额变少")}
    return [{"label": label, "count": of.sums[kind].count, "fen": _signed_money(of.sums[kind].fen),
             "url": reverse("policies:builder_moved", args=[row.pk, "inforce", "draft", kind]) if found.policy else ""} for kind, label in names.items() if of.sums[kind].count]


def _count(of: Trial, group: str) -> int:
    return {queries.ENTITLED: of.totals.eligible, NEAR: of.totals.near_miss, UNKNOWN: of.totals.unknown}[group]


def _firms(count: int) -> str:
    return _("{n} 户").format(n=f"{count:,}")


def _signed(number: int) -> str:
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number else "0"


def _signed_money(fen: int) -> str:
    said = money.words(abs(fen), language())
    return f"+{said}" if fen > 0 else f"−{said}" if fen else "0"


def spending(now: Trial) -> dict[str, Any]:
    """Low and high against the budget."""
    budget = now.policy.budget
    return {"low": now.totals.amount_fen, "high": now.totals.high_fen, "budget": budget.amount_fen if budget else None, "open": now.standing.amounts_open}


def numbers(found: Opened) -> list[int]:
    """Of each clause that is tried its number in the draft: those with a fault stand aside."""
    return [at + 1 for at in range(len(clausetree.clauses(found.data))) if at not in found.left_out]


def funnel(row: Draft, now: Trial, found: Opened) -> list[dict[str, Any]]:
    """How many are left behind each clause that is tried, with its number in the draft."""
    return [{**line, "number": number, "url": reverse("policies:builder_people", args=[row.pk, f"{queries.OUT}{at}"])}
            for at, (line, number) in enumerate(zip(shown.clauses(now.standing), numbers(found), strict=True), 1)]


def near(person: Any, now: Trial) -> list[dict[str, Any]]:
    """Those the shortest step away."""
    lines = sorted(trials.lines(person, now, NEAR), key=lambda line: (line.far or 0, line.enterprise.uscc))[:FEW]
    return [{"name": line.enterprise.name, "url": reverse("enterprises:dossier", args=[line.enterprise.uscc]), "why": shown.sentence(line.judged, gap=False), "far": shown.distance(line.judged)}
            for line in trials.filled(now, lines) if line.judged]


# ── examples ─────────────────────────────────────────────────────────────────
def examples(found: Opened) -> list[dict[str, Any]]:
    """Every worked example: what was to be, what came, which clause differs."""
    held = found.data.get("examples")
    rows = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    policy = found.policy or (found.trial if not found.left_out else None)
    judged = trials.worked(policy) if policy else []
    out = []
    for at, row in enumerate(rows):
        worked = judged[at] if len(judged) == len(rows) else None
        faults = [fault.message.text(language()) for fault in found.at("examples", at)]
        out.append({"number": at + 1, "name": row.get("name", ""), "wanted": _wanted(row.get("expect")), **_came(policy, worked, row.get("expect"), faults)})
    return out


def _wanted(expect: Any) -> str:
    told = expect if isinstance(expect, dict) else {}
    said = str(dict(words.STATUSES).get(told.get("status", ""), told.get("status", "")))
    return " ".join(part for part in (said, _amount(told)) if part)


def _amount(told: Mapping[str, Any]) -> str:
    amount = told.get("amount", "")
    return _("金额待定") if amount == "unknown" else amount if isinstance(amount, str) else ""


def _came(policy: tree.Policy | None, worked: trials.Worked | None, expect: Any, faults: list[str]) -> dict[str, Any]:
    if worked is None or worked.verdict is None or policy is None:
        return {"kind": "mute" if not faults else "bad", "word": _("还不能算") if not faults else _("写得不对"), "came": "", "differs": faults}
    verdict = worked.verdict
    said = str(dict(words.STATUSES)[tree.STATUS_WORDS[verdict.status]])
    amount = money.words(verdict.amount_fen, language()) if verdict.amount_fen is not None else _("金额待定") if verdict.amount_unknown else ""
    came = " ".join(part for part in (said, amount) if part)
    if not faults:
        return {"kind": "ok", "word": _("通过"), "came": came, "differs": []}
    return {"kind": "bad", "word": _("不通过"), "came": came, "differs": differing(policy, worked, expect) or faults}


def differing(policy: tree.Policy, worked: trials.Worked, expect: Any) -> list[str]:
    """Which clauses came out otherwise than they were to; where none is named, those that are not met."""
    assert worked.verdict is not None
    names = {tree.VERDICT_WORDS[key]: str(word) for key, (_kind, word) in shown.VERDICTS.items()}
    held = expect.get("clauses") if isinstance(expect, dict) else None
    told = held if isinstance(held, dict) else {}
    out = []
    for number, (clause, finding) in enumerate(zip(policy.clauses, worked.verdict.findings, strict=True), 1):
        is_ = tree.VERDICT_WORDS[finding.verdict]
        if clause.id in told and told[clause.id] != is_:
            out.append(_("第 {n} 条应为{wanted}，算出{came}：{reading}").format(n=number, wanted=names.get(told[clause.id], told[clause.id]), came=names[is_], reading=words.reading(clause.condition)))
        elif not told and finding.verdict != tree.TRUE:
            out.append(_("第 {n} 条{came}：{reading}").format(n=number, came=names[is_], reading=words.reading(clause.condition)))
    return out
