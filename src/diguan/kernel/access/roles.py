"""Roles as data: which rights a role has and how far each reaches (``roles.yaml`` of the packs)."""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps

from diguan.kernel import packs
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import PackError

OWN_ACCOUNT = "access.own_account"
_KEYS = ("title", "kind", "permissions")
_KINDS = ("staff", "enterprise")


class Scope(enum.IntEnum):
    """How far a right reaches; a wider scope contains the narrower."""

    OWN = 1
    TEAM = 2
    UNIT = 3
    COUNTY = 4


@dataclass(frozen=True)
class Role:
    """One role. ``enterprise`` roles reach only the enterprises the person is delegated for."""

    name: str
    title: Mapping[str, str]
    enterprise: bool
    permissions: Mapping[str, Scope]

    def label(self, language: str = "zh") -> str:
        """The title in a language, Chinese when there is none."""
        return self.title.get("zh" if language.startswith("zh") else language) or self.title["zh"]


def known_permissions() -> dict[str, Message]:
    """Every right any room declares (``permissions`` of its AppConfig), with its title."""
    found: dict[str, Message] = {}
    for config in apps.get_app_configs():
        found.update(getattr(config, "permissions", {}))
    return found


def title_of(permission: str) -> Message:
    """The words for a right; its name when no room declares it."""
    return known_permissions().get(permission, Message(zh=permission, en=permission))


def roles() -> Mapping[str, Role]:
    """All roles of the packs in force.

    Raises:
        PackError: unknown key, right or scope, with file, line and the nearest valid word.
    """
    return _roles(tuple(packs.files("roles.yaml")), frozenset(known_permissions()))


@functools.cache
def _roles(paths: tuple[Path, ...], known: frozenset[str]) -> Mapping[str, Role]:
    found: dict[str, Role] = {}
    for path in paths:
        for name, node in (packs.read_yaml(path) or {}).items():
            if name != "__line__":
                found[name] = _role(path, name, node, known)
    return found


def _role(path: Path, name: str, node: Any, known: frozenset[str]) -> Role:
    if not isinstance(node, dict):
        raise PackError(_at(path, name), Message(f"角色 {name} 要写成键值", f"role {name} must be a mapping"))
    for key in node:
        if key != "__line__":
            _one_of(path, str(key), _KEYS, "键", "key")
    title, kind = _plain(node.get("title")), node.get("kind", "staff")
    if not title.get("zh"):
        raise PackError(_at(path, name), Message(f"角色 {name} 缺中文名称", f"role {name} lacks title.zh"))
    _one_of(path, str(kind), _KINDS, "类别", "kind", near=name)
    permissions = {
        right: _scope(path, name, right, reach, known, kind) for right, reach in _plain(node.get("permissions")).items()
    }
    return Role(name, title, kind == "enterprise", permissions)


def _scope(path: Path, role: str, right: str, reach: Any, known: frozenset[str], kind: str) -> Scope:
    _one_of(path, right, known, "权限", "permission", near=role)
    _one_of(path, str(reach), [scope.name.lower() for scope in Scope], "范围", "scope", near=role, line_of=right)
    scope = Scope[str(reach).upper()]
    if kind == "enterprise" and scope is not Scope.OWN:
        raise PackError(
            _at(path, right, role), Message("企业角色的范围只能是 own", "an enterprise role reaches no further than own")
        )
    return scope


def _one_of(
    path: Path, word: str, allowed: Any, zh: str, en: str, near: str = "", line_of: str = ""
) -> None:
    if word in allowed:
        return
    offered = nearest(word, allowed, 0.3) or ""
    raise PackError(
        _at(path, line_of or word, near),
        Message(f"没有这个{zh}：{word}，最近的是 {offered}", f"unknown {en} {word}, nearest {offered}"),
    )


def _plain(node: Any) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "__line__"} if isinstance(node, dict) else {}


def _at(path: Path, word: str, after: str = "") -> str:
    """``file:line`` of the first line holding ``word``, looking below the line of ``after``."""
    lines = path.read_text("utf-8-sig").splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith(f"{after}:")), 0) if after else 0
    for number, line in enumerate(lines[start:], start=start + 1):
        if word in line.split("#")[0]:
            return f"{path}:{number}"
    return f"{path}:{start + 1}"
