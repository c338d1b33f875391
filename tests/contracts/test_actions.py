"""Every action asks for a right that a room declares and a role holds, and tells what it did; every role's rights exist."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

import pytest
from django.apps import apps

import diguan
from diguan.kernel.access.roles import OWN_ACCOUNT, roles
from diguan.kernel.actions import REGISTRY, ActionInfo, action

pytestmark = pytest.mark.one_database


EVERYBODY = {OWN_ACCOUNT}  # what whoever is logged in may do with their own account; no role needs to name it


def declared() -> set[str]:
    """Every right some room declares."""
    return EVERYBODY | {name for config in apps.get_app_configs() for name in getattr(config, "permissions", {})}


def held() -> dict[str, set[str]]:
    """The rights of each role."""
    return {name: set(role.permissions) for name, role in roles().items()}


def load_all() -> None:
    """Import every action module of the house, so that the registry is whole."""
    for module in pkgutil.walk_packages(diguan.__path__, "diguan."):
        if module.name.endswith(".actions") and ".tests" not in module.name and "template" not in module.name:
            importlib.import_module(module.name)


def action_faults(found: Iterable[ActionInfo], known: set[str], by_role: Mapping[str, set[str]]) -> list[str]:
    """Actions nobody may use, whose right no room declares, or that leave no trace."""
    used = EVERYBODY.union(*by_role.values())
    wrong = [f"{info.name}: no room declares {info.permission}" for info in found if info.permission not in known]
    wrong += [f"{info.name}: no role holds {info.permission}" for info in found if info.permission not in used]
    return wrong + [f"{info.name}: leaves no Event" for info in found if not info.event]


def role_faults(known: set[str], by_role: Mapping[str, set[str]]) -> list[str]:
    """Rights of roles that no room declares, and rights no role has."""
    wrong = [f"{role}: no room declares {name}" for role, names in by_role.items() for name in sorted(names - known)]
    return wrong + [f"no role holds {name}" for name in sorted(known - EVERYBODY.union(*by_role.values()))]


def test_every_action_asks_for_a_right_that_exists_and_leaves_an_event() -> None:
    load_all()
    ours = [info for info in REGISTRY.values() if ".tests." not in info.function.__module__]
    assert len(ours) > 20
    assert action_faults(ours, declared(), held()) == []


def test_every_right_of_a_role_is_declared_and_every_declared_right_is_held() -> None:
    assert role_faults(declared(), held()) == []


def test_a_planted_action_without_a_right_or_an_event_is_named() -> None:
    planted = ActionInfo("x.do", "x.do_it", "", None, print)
    assert action_faults([planted], set(), {}) == ["x.do: no room declares x.do_it", "x.do: no role holds x.do_it", "x.do: leaves no Event"]
    assert role_faults({"x.do_it"}, {"clerk": {"x.dream"}}) == ["clerk: no room declares x.dream", "no role holds x.do_it"]


def test_a_planted_declaration_is_refused_where_it_stands() -> None:
    with pytest.raises(TypeError, match=r"is not room\.right"):
        action(permission="everything", event="done")(lambda *, by: None)
    with pytest.raises(TypeError, match="is not a verb"):
        action(permission="x.do", event="")(lambda *, by: None)
