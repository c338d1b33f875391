"""The card on an enterprise's page: where it stands in the chains, and how many firms of the county it could deal with there."""

from __future__ import annotations

from typing import Any

from diguan.chains.models import Coverage, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import introductions, sourcing
from diguan.chains.web import words
from diguan.chains.web.map_words import FEW
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, clocks


def panel(person: Any, row: Enterprise) -> dict[str, Any] | None:
    """Its nodes with how many reachable partners each; for the firm itself counts of fewer than three are not told: it could guess who."""
    rows = [one for one in register.of_enterprise(person, row) if one.state in ("claimed", "verified")]
    own = access.scope(person, register.VIEW) is access.Scope.OWN
    may_match = access.may(person, sourcing.MATCH)
    partners = sourcing.partners(row, {one.node for one in rows if one.state == "verified"}) if rows and (own or may_match) else {}
    asked = introductions.waiting(person).filter(enterprise=row).count() if own else 0
    if not rows and not asked:
        return None
    return {"lines": [_line(one, partners, own, may_match) for one in rows], "asked": asked}


def _line(one: Coverage, partners: dict[tuple[str, str], int], own: bool, may_match: bool) -> dict[str, Any]:
    count = partners.get((one.node, one.role))
    hidden = own and count is not None and 0 < count < FEW
    return {"row": one, "node": words.node(one.node), "state": words.status_of(one, clocks.today()), "buys": one.role == Role.USE, "count": None if hidden else count, "hidden": hidden, "may_match": may_match}
