"""Writes docs/reference.md from the code and the shipped packs: facts, sheets, rule words, evidence, flows, measures, roles and rights.

``python scripts/reference.py`` writes it; tests/contracts/test_documented.py holds it equal. A word of the rule
language or of a flow needs its sentence below: one without a sentence stops the writing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs/reference.md"

OPERATORS = {
    "=": "equal to the one value", "!=": "not equal to it; false for an absent value, like every comparison",
    "<": "below", "<=": "at most", ">": "above", ">=": "at least", "in": "one of a list",
    "starts_with": "a code that begins with a prefix, or with one of a list", "between": "`[low, high]`, both included",
    "exists": "there is a value; takes none itself",
}
AGGREGATIONS = {
    "sum": "total; nothing over a covered period is 0", "count": "how many values", "max": "greatest", "min": "least",
    "latest": "the newest period of the window", "growth": "against the same whole periods a year before, in %",
}
WORDS = {
    "this_year": "1 January to the day of judging (`year:0`); month and quarter facts end with the last whole period",
    "previous_year": "the calendar year before (`year:-1`)", "year:n": "that many years back, n ≤ 0",
    "last_12_months": "the year up to the day of judging; for month facts twelve whole months",
    "previous_quarter": "the quarter before the one of the day of judging", "all": "everything up to the day of judging",
    "latest": "short for `over: all, agg: latest`",
}
GROUPS = {"all": "every condition in the list", "any": "at least one", "not": "the contrary; an absent value becomes true, unknown stays unknown",
          "ratio": "`[a, b]` in place of a fact: both summed over the period, judged exactly; b ≤ 0 is false"}
BENEFITS = {"flat": "one amount", "rate": "a share of a base, or so much for each of it (`2000元/人`)",
            "tiers": "the highest step reached counts for the whole base"}
ROUNDINGS = {
    "down_to_fen": "cut off below one fen (the default)", "half_up_to_fen": "half a fen counts up", "down_to_yuan": "cut off below one yuan",
    "half_up_to_yuan": "half a yuan counts up", "up_to_yuan": "any part of a yuan counts up",
}
DELIVERIES = {"automatic_entitlement": "免申即享: given without asking", "fast_claim": "快申快享: claimed, decided at once", "application": "applied for"}


FLOW = {
    "id": "its name; a later pack's flow of the same id replaces it for courses that begin later", "title": "`{zh: …, en: …}`", "subject": "the kind of thing that moves",
    "reads": "other kinds whose facts its gates read: `[enterprise]`", "stages": "a pipeline: one stage at a time", "tasks": "a graph: many tasks at a time, with joins",
    "statuses": "the other axis: what a course is besides its stage"}
STAGE = {
    "id": "its name", "title": "`{zh: …, en: …}`", "next": "the stages it leads to; the first stage written is where a course begins", "back": "earlier stages it may be sent back to, with a reason",
    "final": "`true`: a course may end here; with `next` it can still be left", "gate": "what it takes to get here", "owner": "`{unit: code of an office, role: …}` whose it is"}
TASK = {
    "id": "its name", "title": "`{zh: …, en: …}`", "after": "the tasks it waits for, all of them", "optional": "`true`: it may be left out with a reason",
    "final": "`true`: nothing waits for it, on purpose", "gate": "what it takes to be done", "owner": "`{unit: code of an office, role: …}` whose it is"}
STATUS = {
    "id": "its name", "title": "`{zh: …, en: …}`", "from": "the steps in which it may be declared; left out: any", "gate": "what it takes to declare it",
    "final": "`true`: the course ends; otherwise it can be lifted and goes on where it was"}
GATE = {
    "facts": "clauses `{id, says, when}` in the grammar of rules; each is met, not met or unknown", "evidence": "ids of the dictionary", "roles": "roles or rights, one of which is enough",
    "verifier_not_doer": "`true`: not whoever took the step before, holds the task, handed in the evidence or waived something", "clock": "a clock that begins when the step can be reached",
    "waiver": "the facts and evidence of this gate that may be waived, with a reason, by whoever holds `stages.waive_gate`"}
CLOCK = {
    "days": "working days; the day it begins does not count", "basis": "the article or document", "kind": "`due` (default): a day to be done by; `wait`: a time that has to pass first",
    "provisional": "`true`: nobody has held the number of days against the official text", "pauses": "the articles it may be paused by; none: it cannot be", "extend": "by how many working days it may be extended in all"}


class Undocumented(ValueError):
    """A word of the product that nobody has explained, or an explanation of a word that is gone."""


def explained(what: str, words: Iterable[str], sentences: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each word beside its sentence, in the product's order.

    Raises:
        Undocumented: a word without a sentence, or a sentence without a word.
    """
    there = list(words)
    for word in (*there, *sentences):
        if (word in sentences) != (word in there):
            raise Undocumented(f"{what} {word}: " + ("has no sentence in scripts/reference.py" if word in there else "is gone from the code"))
    yield from ((f"`{word}`", sentences[word]) for word in there)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(heads), "|" + "---|" * len(heads), *(line(row) for row in rows)])


def _facts() -> str:
    from diguan.kernel import packs

    rows = ((f"`{spec.name}`", spec.label("zh"), spec.label("en"), spec.type, spec.unit, spec.period, ", ".join(spec.sources))
            for spec in packs.catalogue().values())
    sources = ((f"`{name}`", title["zh"], title["en"]) for name, title in packs.sources().items())
    return ("## Facts\nThe catalogue of the shipped packs. Of several sources, the first that tells a period is used.\n\n"
            + table(("fact", "中文", "English", "type", "unit", "period", "sources"), rows) + "\n\n"
            + table(("source", "中文", "English"), sources))


def _standards() -> str:
    from diguan.kernel.rules import standards

    rows = ((f"`{standard.fact.name}`", standard.label("zh"), str(version.start), str(version.end or ""), version.document,
             "yes" if version.confirmed else "no", version.left_out.get("zh", "")) for standard in standards.known() for version in standard.versions)
    return ("## Standards\nDated national thresholds (`standards/*.yaml`). None is confirmed until somebody has held it against the official text.\n\n"
            + table(("fact", "中文", "from", "to", "document", "confirmed", "left out"), rows))


def _units() -> str:
    from diguan.kernel.units import UNITS

    rows = ((unit.name, unit.name_en, f"1/{unit.scale}" if unit.scale > 1 else "1") for unit in UNITS.values())
    return ("## Units\nA file or a policy may write multiples (百 千 万 百万 千万 亿) and usual synonyms (度, 千瓦时, ㎡).\n\n"
            + table(("unit", "English", "stored in units of"), rows))


def _sheets() -> str:
    from diguan.kernel.sheets.shelf import sheets

    parts = []
    for sheet in sheets().values():
        told = f"told by {', '.join(filter(None, (sheet.source, *sheet.sources)))}; period: {sheet.period}"
        rows = ((column.label("zh"), column.label("en"), column.type, column.unit, "yes" if column.required else "",
                 f"`{column.fact}`" if column.fact else "") for column in sheet.columns)
        parts.append(f"### `{sheet.name}` {sheet.label('zh')}\n{told}.\n\n"
                     + table(("column", "English", "type", "unit where the heading names none", "needed", "fact"), rows))
    return "## Sheets\nHeadings are also known by the synonyms in `sheets.yaml` and in the room that declares them.\n\n" + "\n\n".join(parts)


def _evidence() -> str:
    from diguan.kernel.evidence.dictionary import known

    def shared(entry: Any) -> str:
        return ", ".join(f"`{one.fact.name if one.fact else one.evidence}`" for one in entry.shared)

    rows = ((f"`{name}`", entry.label("zh"), entry.label("en"), entry.kind, entry.issuer, entry.months or "", f"`{entry.value.name}`" if entry.tells and entry.value else "",
             shared(entry), "yes" if entry.personal else "") for name, entry in known().items())
    return ("## Evidence\nThe dictionary of the shipped packs (`evidence.yaml`). What another fact or paper tells already is asked of nobody.\n\n"
            + table(("id", "中文", "English", "type", "issuer", "holds for months", "tells the fact", "told already by", "personal"), rows))


def _flows() -> str:
    from diguan.kernel.stages import document, shelf

    words = "\n\n".join(f"### {title}\n" + table(("key", "means"), explained(title, keys, sentences)) for title, keys, sentences in (
        ("A flow", document.KEYS, FLOW), ("A stage", document.STAGE_KEYS, STAGE), ("A task", document.TASK_KEYS, TASK), ("A status", document.STATUS_KEYS, STATUS),
        ("A gate", document.GATE_KEYS, GATE), ("A clock", document.CLOCK_KEYS, CLOCK)))
    rows = ((f"`{flow.id}`", flow.label("zh"), flow.label("en"), flow.subject, flow.shape, " · ".join(step.label("zh") for step in flow.steps))
            for _name, flow in sorted(shelf.known().items()))
    return ("## Flows\nHow a subject moves (`stages/*.yaml`).\n\n" + table(("flow", "中文", "English", "subject", "shape", "steps"), rows) + "\n\n" + words)


def _rules() -> str:
    from diguan.kernel.rules import document, tree, windows

    parts = (
        ("Operators", "op", tree.OPERATORS, OPERATORS), ("Aggregations", "agg", tree.AGGREGATIONS, AGGREGATIONS),
        ("Period words", "over", windows.WORDS, WORDS), ("Groups and ratio", "word", ("all", "any", "not", "ratio"), GROUPS),
        ("Benefits", "kind", document.BENEFIT_KEYS, BENEFITS), ("Rounding", "rounding", tree.ROUNDINGS, ROUNDINGS),
        ("Delivery", "delivery", tree.DELIVERIES, DELIVERIES),
    )
    synonyms = ", ".join(f"`{short}` for `{word}`" for short, word in tree.SYNONYMS.items())
    said = "\n\n".join(f"### {title}\n" + table((head, "means"), explained(head, words, sentences)) for title, head, words, sentences in parts)
    return (f"## The rule language\nAt most {tree.MOST_CLAUSES} clauses and at least {document.FEWEST_EXAMPLES} examples a policy. Synonyms: {synonyms}.\n"
            f"Keys of a document: {', '.join(f'`{key}`' for key in document.KEYS)}; needed: {', '.join(f'`{key}`' for key in document.NEEDED)}.\n\n" + said)


def _measures() -> str:
    from diguan.kernel.measures import COUNTED, MEASURES

    counted = ((f"`{found.name}`", f"{found.title.zh} {found.title.en}", found.unit, f"{found.definition.zh}。 {found.definition.en}.", ", ".join(found.groups), f"`{found.permission}`")
               for _name, found in sorted(COUNTED.items()))
    rows = ((f"`{found.name}`", f"{found.title.zh} {found.title.en}", found.unit, f"{found.definition.zh}。 {found.definition.en}.",
             "yes" if found.rows else "", f"`{found.permission}`") for _name, found in sorted(MEASURES.items()))
    return ("## Measures\nEvery figure on a page is one of these; `元` is kept in fen. Each is of one day and of what was known by an instant.\n\n"
            + table(("measure", "name", "unit", "definition 口径", "opens its rows", "right"), rows)
            + "\n\n### Measures by lines\nCounted month by month and cut into parts by indicators (`indicators.yaml`, `measure:`); the rows behind are the lines themselves.\n\n"
            + table(("measure", "name", "unit", "definition 口径", "breakdowns", "right"), counted))


def _rights() -> str:
    from django.apps import apps

    from diguan.kernel.access.roles import Role, roles

    known = {name: text for config in apps.get_app_configs() for name, text in getattr(config, "permissions", {}).items()}
    held = roles()

    def reach(role: Role, name: str) -> str:
        return role.permissions[name].name.lower() if name in role.permissions else ""

    rows = ((f"`{name}`", text.zh, text.en, *(reach(role, name) for role in held.values())) for name, text in sorted(known.items()))
    return ("## Rights and roles\nThe cell says how far the right reaches: own, team, unit (and below), county. Roles are data (`roles.yaml`).\n\n"
            + table(("right", "中文", "English", *(f"{role.title['zh']}<br>`{name}`" for name, role in held.items())), rows))


def page() -> str:
    """The whole page; Django must be set up."""
    head = "# Reference\nWritten by `scripts/reference.py` from the code and the shipped packs; a test holds it equal.\n"
    return head + "\n" + "\n\n".join(part() for part in (_facts, _standards, _units, _sheets, _rules, _evidence, _flows, _measures, _rights)) + "\n"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.environ["DIGUAN_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diguan.site.settings")
        import django

        django.setup()
        PAGE.write_text(page(), encoding="utf-8")
