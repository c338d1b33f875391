"""What the county can do (能力总览), and what one enterprise can, as the templates take them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability, Enterprise
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.queries.capabilities import Abilities
from diguan.enterprises.web.capabilities import lists, words
from diguan.kernel import access, clocks, packs
from diguan.kernel.facts.declare import Absent
from diguan.kernel.measures import MEASURES
from diguan.kernel.messages import Message
from diguan.kernel.shell import language

TITLE = Message("看全县的能力总览", "see what the county can do")
MOST_NAMED = 12
# The tiles: measure, kind whose rows it opens.
TILES = (("export_markets", "market"), ("robots", "robot"), ("honours", "honour"), ("standards", "standard"), ("clean_firms", "clean"))


def open_to(person: Any) -> bool:
    """Whether the person sees more than their own enterprise: only then is a sum the county's."""
    reach = access.scope(person, register.VIEW)
    return reach is not None and reach is not access.Scope.OWN


# ── the county ───────────────────────────────────────────────────────────────
def page(person: Any, cluster: str = "") -> dict[str, Any]:
    """The page of the whole county, or of one cluster. Verified and waiting figures stand side by side, never added."""
    whole, unsure = register.abilities(person)
    offered = list(dict.fromkeys([*whole.clusters, *unsure.clusters]))
    cluster = cluster if cluster in offered else ""
    verified, waiting = (whole.of_cluster(cluster), unsure.of_cluster(cluster)) if cluster else (whole, unsure)
    countries = _countries(verified)
    return {
        "cluster": cluster, "as_of": whole.as_of, "known_at": whole.known_at, "tabs": _tabs(offered), "tiles": [_tile(person, name, kind, verified, waiting, cluster) for name, kind in TILES],
        "firms": register.figure("capability_firms", person, verified).num, "capacities": _capacities(person, verified, waiting, cluster), "shares": _claims(verified, waiting, "share"),
        "levels": [_level(person, level, verified, waiting, cluster) for level in kinds.LEVELS], "countries": countries, "country_words": words.joined(countries),
        "research": _claims(verified, waiting, "joint_rd"), "tasks": _claims(verified, waiting, "core_task"), "brands": _claims(verified, waiting, "brand"),
        "clusters": [_cluster(person, name, whole.of_cluster(name), unsure.of_cluster(name)) for name in offered] if not cluster else [],
        "waiting": len(waiting.claims), "waiting_url": _rows(cluster, state="claimed"), "definitions": _definitions(),
    }


def _rows(cluster: str, **filters: Any) -> str:
    return lists.list_address(**filters, **({"cluster": cluster} if cluster else {}))


def _tabs(offered: list[str]) -> list[tuple[str, str, str]]:
    where = reverse("enterprises:capability_overview")
    return [("", _("全县"), where), *((name, name, f"{where}?cluster={name}") for name in offered)]


def _number(person: Any, name: str, of: Abilities) -> str:
    num = register.figure(name, person, of).num
    return "" if num is None else words.figure(num)


def _unit(name: str) -> str:
    unit = MEASURES[f"enterprises.{name}"].unit
    return unit if language() == "zh" else {"台": _("台"), "家": "", "项": "", "个": ""}.get(unit, "")


def _tile(person: Any, name: str, kind: str, verified: Abilities, waiting: Abilities, cluster: str) -> dict[str, Any]:
    unsure = register.figure(name, person, waiting).num
    return {"label": MEASURES[f"enterprises.{name}"].title.text(language()), "figure": _number(person, name, verified), "unit": _unit(name),
            "note": _("待核实 %(n)s") % {"n": words.figure(unsure)} if unsure else _("没有待核实的"), "url": _rows(cluster, kind=kind, state="verified")}


def _capacities(person: Any, verified: Abilities, waiting: Abilities, cluster: str) -> list[dict[str, Any]]:
    """One line a product class and unit: verified capacity, what waits, output where it is told."""
    found = []
    for category, unit in dict.fromkeys([*register.capacities(verified), *register.capacities(waiting)]):
        sure, unsure = verified.only("product", category=category, unit=unit), waiting.only("product", category=category, unit=unit)
        told = [one.details["daily_output"] for one in sure.claims if "daily_output" in one.details]
        found.append({
            "category": category, "unit": words.word(unit), "verified": _number(person, "daily_capacity", sure), "waiting": _number(person, "daily_capacity", unsure),
            "firms": sure.enterprises, "output": words.figure(sum(told)) if told else "", "told": len(told), "of": len(sure.claims),
            "url": _rows(cluster, kind="product", state="verified", category=category), "waiting_url": _rows(cluster, kind="product", state="claimed", category=category)})
    return found


def _level(person: Any, level: str, verified: Abilities, waiting: Abilities, cluster: str) -> dict[str, Any]:
    return {"level": words.word(level), "verified": _number(person, "honours", verified.only("honour", level=level)),
            "waiting": _number(person, "honours", waiting.only("honour", level=level)), "url": _rows(cluster, kind="honour", state="verified", level=level),
            "names": words.joined(list(dict.fromkeys(one.name for one in verified.only("honour", level=level).claims))[:MOST_NAMED])}


def _claims(verified: Abilities, waiting: Abilities, kind: str) -> list[dict[str, Any]]:
    """The claims of one kind, those that hold first: they are told, not added up."""
    return [line(one) for one in (*verified.only(kind).claims, *waiting.only(kind).claims)]


def _countries(verified: Abilities) -> list[str]:
    """Every country with how many enterprises export there behind it."""
    form = "{}（{}）" if language() == "zh" else "{} ({})"
    return [form.format(name.text(language()), firms) for _code, name, firms in register.markets_by_country(verified)]


def _cluster(person: Any, name: str, verified: Abilities, waiting: Abilities) -> dict[str, Any]:
    made = [verified.only("product", category=category, unit=unit) for category, unit in register.capacities(verified)[:1]]
    first = made[0].claims[0].details if made else {}
    return {"name": name, "url": f"{reverse('enterprises:capability_overview')}?cluster={name}", "firms": _number(person, "capability_firms", verified),
            "capacity": f"{first['category']} {words.amount(register.figure('daily_capacity', person, made[0]).num or 0, first['unit'])}" if made else "",
            "figures": [(MEASURES[f"enterprises.{measure}"].title.text(language()), _number(person, measure, verified)) for measure, _kind in TILES], "waiting": len(waiting.claims)}


def _definitions() -> list[tuple[str, str]]:
    names = ("daily_capacity", *(name for name, _kind in TILES))
    return [(MEASURES[f"enterprises.{name}"].title.text(language()), MEASURES[f"enterprises.{name}"].definition.text(language())) for name in names]


# ── one enterprise ───────────────────────────────────────────────────────────
def line(row: Capability) -> dict[str, Any]:
    """One claim in a table."""
    return {"row": row, "kind": words.kind_title(row.kind), "url": lists.address_of(row), "summary": words.summary(row), "state": words.status_of(row), "ends": words.ends(row)}


def facts(row: Enterprise) -> list[dict[str, Any]]:
    """What of the register rules can ask for, as it stands today: only what is verified."""
    catalogue = packs.catalogue()
    return [{"title": catalogue[name].label(language()), "name": name, "unit": "是否" if catalogue[name].type == "bool" else catalogue[name].unit, "num": answer,
             "state": "absent" if isinstance(answer, Absent) else "unknown" if answer is None else "value"}
            for name, answer in register.facts_of(row, clocks.today()).items()]


def kinds_offered() -> list[tuple[str, str, str]]:
    """Every kind: name, title, hint."""
    return [(name, kind.title.text(language()), kind.hint.text(language())) for name, kind in kinds.KINDS.items()]
