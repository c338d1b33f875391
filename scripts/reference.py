"""Writes docs/reference.md from the code and the shipped packs: facts, sheets, rule words, measures, roles and rights.

``python scripts/reference.py`` writes it; tests/contracts/test_documented.py holds it equal. A word of the rule
language needs its sentence below: one without a sentence stops the writing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

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
    from diguan.kernel.measures import MEASURES

    rows = ((f"`{found.name}`", f"{found.title.zh} {found.title.en}", found.unit, f"{found.definition.zh}。 {found.definition.en}.",
             "yes" if found.rows else "", f"`{found.permission}`") for _name, found in sorted(MEASURES.items()))
    return ("## Measures\nEvery figure on a page is one of these; `元` is kept in fen. Each is of one day and of what was known by an instant.\n\n"
            + table(("measure", "name", "unit", "definition 口径", "opens its rows", "right"), rows))


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
    return head + "\n" + "\n\n".join(part() for part in (_facts, _standards, _units, _sheets, _rules, _measures, _rights)) + "\n"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.environ["DIGUAN_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diguan.site.settings")
        import django

        django.setup()
        PAGE.write_text(page(), encoding="utf-8")
