"""``diguan new-module NAME`` writes a room: its anatomy from one template, and its name wherever the house lists rooms.

Everything is worked out before the first byte is written, so a refusal leaves nothing behind.
"""

from __future__ import annotations

import argparse
import builtins
import keyword
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diguan
from diguan.site.commands import shared

PACKAGE = Path(diguan.__file__).parent
ROOT = PACKAGE.parent.parent
TEMPLATE = Path(__file__).parent / "new_module_template"
SUFFIX = "-tpl"
# Each has a meaning of its own in a checkout: folders beside the rooms, prefixes of the kernel's rights, Python's own.
RESERVED = {"site", "packs", "locale", "static", "media", "test", "tests", "diguan", "django", "kernel", "access", "facts", "jobs",
            "auth", "sessions", "messages", "contenttypes", "staticfiles", "humanize", "csp", "admin", "api"}
# The template's own names: a noun of that name would hide them.
USED = {"access", "action", "actions", "clocks", "done", "engine", "event", "events", "field", "forms", "form", "message", "models", "pages", "person", "queries",
        "reason", "record", "refusal", "row", "tables", "unit", "urls", "values", "version", "web"}
Texts = dict[Path, str]


@dataclass(frozen=True)
class Wanted:
    """The room that is asked for."""

    room: str
    noun: str
    title: str
    beside: str
    roles: tuple[str, ...]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("new-module", help="按模板写一个新模块 / write a new module from the template")
    parser.add_argument("name", help="英文小写复数名词，如 parks / a plain lowercase English noun, in the plural where it has one")
    parser.add_argument("--noun", default="", help="一个的叫法，缺省由名称推出 / one of them; worked out from the name by default")
    parser.add_argument("--title", default="", help="中文名称，缺省同名称 / the Chinese name; the English one by default")
    parser.add_argument("--beside", default="policies", help="与哪个模块同层，缺省 policies / the room it stands beside, where the plan has no place for it")
    parser.add_argument("--role", action="append", default=[], help="哪些角色可用，可多次，缺省 administrator / the roles that may use it, repeatable")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Write the room and print what was written and changed."""
    wanted = Wanted(args.name, args.noun or _singular(args.name), args.title or args.name, args.beside, tuple(args.role) or ("administrator",))
    _check(wanted)
    made = _anatomy(wanted)
    changed = _enrolled(wanted)
    for path, text in {**made, **changed}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if args.json:
        shared.show({"new": [str(path.relative_to(ROOT)) for path in made], "changed": [str(path.relative_to(ROOT)) for path in changed]})
        return 0
    for word, paths in (("新 / new    ", made), ("改 / changed", changed)):
        for path in paths:
            print(f"{word} {path.relative_to(ROOT)}")
    print(f"\n接下来 / next: docs/add-a-module.md\n  python scripts/messages.py\n"
          f"  DIGUAN_SNAPSHOT=1 pytest tests/contracts/test_query_counts.py\n  python scripts/reference.py\n  pytest src/diguan/{wanted.room} tests/contracts")
    return 0


# ── the name ─────────────────────────────────────────────────────────────────
def _singular(name: str) -> str:
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith(("sses", "shes", "ches", "xes", "zes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _check(wanted: Wanted) -> None:
    """Refuse what would not stand; one sentence each.

    Raises:
        BadInput: with the sentence in both languages.
    """
    if not (ROOT / "pyproject.toml").is_file():
        raise shared.refuse("新模块要写在源码里：请在源码目录中运行", "a module is written into the source: run this in a checkout")
    for word in (wanted.room, wanted.noun):
        _check_word(word)
    if wanted.noun in USED:
        raise shared.refuse(f"“{wanted.noun}”模板里已经用了，用 --noun 给一个别的叫法", f"the template uses “{wanted.noun}” itself; give another word with --noun")
    if wanted.room in _taken() or (PACKAGE / wanted.room).exists():
        raise shared.refuse(f"{wanted.room} 这个名称已有别的用处，换一个", f"the name {wanted.room} is taken, choose another")
    if re.search(r"[\"'\\<>{}%\[\]\x00-\x1f]", wanted.title) or not 0 < len(wanted.title.strip()) <= 20:
        raise shared.refuse("中文名称要 1 到 20 个字，不含引号、括号和换行", "the title is 1 to 20 characters without quotes, brackets or line breaks")
    _check_place(wanted)


def _check_word(word: str) -> None:
    if not re.fullmatch(r"[a-z]{3,24}", word) or keyword.iskeyword(word) or keyword.issoftkeyword(word) or hasattr(builtins, word):
        raise shared.refuse(f"“{word}”不能作名称：要一个英文词，3 到 24 个小写字母，不是 Python 自己的词",
                            f"“{word}” cannot be a name: write one English word of 3 to 24 lowercase letters that is no word of Python's own")


def _check_place(wanted: Wanted) -> None:
    rooms = re.findall(r"[a-z]+", " ".join(_layers()))
    if wanted.beside not in rooms or wanted.beside in ("site", "kernel", "enterprises"):
        offered = "、".join(sorted(set(rooms) - {"site", "kernel", "enterprises"}))
        raise shared.refuse(f"不能与 {wanted.beside} 同层，可选 {offered}", f"nothing stands beside {wanted.beside}; choose one of {offered}")
    roles = _staff_roles()
    for role in wanted.roles:
        if role not in roles:
            raise shared.refuse(f"没有 {role} 这个工作人员角色，可选 {'、'.join(roles)}", f"no staff role {role}; choose one of {', '.join(roles)}")


def _taken() -> set[str]:
    """Words that already mean something: the site's addresses, the prefixes of rights, rooms, folders."""
    addresses = re.findall(r'path\("([a-z]+)/', (PACKAGE / "site/web/urls.py").read_text("utf-8"))
    prefixes = re.findall(r"^    ([a-z]+)\.", (_roles_file()).read_text("utf-8"), re.MULTILINE)
    return RESERVED | set(addresses) | set(prefixes)


# ── the anatomy ──────────────────────────────────────────────────────────────
def _anatomy(wanted: Wanted) -> Texts:
    words = _words(wanted)
    found: Texts = {}
    for source in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        place = source.relative_to(TEMPLATE).as_posix().removesuffix(SUFFIX).replace("templates/room/", f"templates/{wanted.room}/")
        text = re.sub(r"\[\[(\w+)\]\]", lambda hit: words[hit[1]], source.read_text("utf-8"))
        found[PACKAGE / wanted.room / place] = _imports_in_order(text) if place.endswith(".py") else text
    return found


def _words(wanted: Wanted) -> Mapping[str, str]:
    without = [role for role in _read_roles() if role not in wanted.roles]
    return {"room": wanted.room, "Room": wanted.room.capitalize(), "noun": wanted.noun, "Noun": wanted.noun.capitalize(), "title": wanted.title,
            "role": wanted.roles[0], "without": "[" + ", ".join(f'"{role}"' for role in without) + "]"}


def _imports_in_order(text: str) -> str:
    """Our own imports by module: where the room's name falls among them is known only now."""
    return re.sub(r"(?:^from diguan\.\S+ import .+\n)+", lambda hit: "".join(sorted(hit[0].splitlines(keepends=True), key=lambda line: line.split()[1])), text, flags=re.MULTILINE)


# ── where the house lists its rooms ──────────────────────────────────────────
def _enrolled(wanted: Wanted) -> Texts:
    """The lists with the room in them: borders, settings, roles, catalogue."""
    catalogue = PACKAGE / "locale/en/LC_MESSAGES/django.po"
    changed = {
        ROOT / "pyproject.toml": _borders(wanted, (ROOT / "pyproject.toml").read_text("utf-8")),
        PACKAGE / "site/settings.py": _installed(wanted, (PACKAGE / "site/settings.py").read_text("utf-8")),
        _roles_file(): _granted(wanted, _roles_file().read_text("utf-8")),
        catalogue: _translated(wanted, catalogue.read_text("utf-8")),
    }
    tomllib.loads(changed[ROOT / "pyproject.toml"])
    return changed


def _contracts() -> dict[str, dict[str, Any]]:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract for contract in listed}


def _layers() -> list[str]:
    return list(_contracts()["rooms"]["layers"])


def _borders(wanted: Wanted, text: str) -> str:
    room = wanted.room
    line = next((line for line in _layers() if room in re.findall(r"[a-z]+", line)), None)
    if line is not None:
        new_line = line.replace(f"({room})", room)
    else:
        line = next(line for line in _layers() if wanted.beside in re.findall(r"[a-z]+", line))
        new_line = f"{line} | {room}"
    text = text.replace(f'"{line}"', f'"{new_line}"', 1)
    for contract, key, names in (
        ("anatomy", "containers", [f"diguan.{room}"]),
        ("pure", "source_modules", [f"diguan.{room}.engine"]),
        ("web", "protected_modules", [f"diguan.{room}.web"]),
        ("web", "allowed_importers", [f"diguan.{room}.tests"]),
    ):
        text = _lengthened(text, contract, key, names)
    return text


def _lengthened(text: str, contract: str, key: str, names: list[str]) -> str:
    """The list ``key`` of one import-linter contract with more names at its end."""
    pattern = rf'(id = "{contract}"\n(?:(?!\[\[)[^\n]*\n)*?{key} = \[)([^\]]*)\]'
    hit = re.search(pattern, text)
    if hit is None:
        raise shared.refuse(f"pyproject.toml 里没有找到 {contract} 的 {key}", f"pyproject.toml holds no {key} of {contract}")
    more = ", ".join(f'"{name}"' for name in names)
    return f"{text[:hit.end(1)]}{hit[2].rstrip().rstrip(',')}, {more}]{text[hit.end():]}"


def _installed(wanted: Wanted, text: str) -> str:
    """INSTALLED_APPS runs from the highest room down: the room goes above the first that stands lower."""
    height = {room: place for place, line in enumerate(_layers()) for room in re.findall(r"[a-z]+", line)}
    mine = height.get(wanted.room, height[wanted.beside])
    for hit in re.finditer(r'^    "diguan\.([a-z]+)",\n', text, re.MULTILINE):
        if height.get(hit[1], -1) > mine:
            return f'{text[:hit.start()]}    "diguan.{wanted.room}",\n{text[hit.start():]}'
    raise shared.refuse("settings.py 里没有找到 INSTALLED_APPS", "settings.py holds no INSTALLED_APPS")


def _roles_file() -> Path:
    return PACKAGE / "packs/base/roles.yaml"


def _read_roles() -> dict[str, str]:
    """Every role with its kind, in the order of the file."""
    blocks = re.findall(r"^([a-z_]+):\n((?:  .*\n|\n)*)", _roles_file().read_text("utf-8"), re.MULTILINE)
    return {name: "enterprise" if "kind: enterprise" in body else "staff" for name, body in blocks}


def _staff_roles() -> list[str]:
    return [name for name, kind in _read_roles().items() if kind == "staff"]


def _granted(wanted: Wanted, text: str) -> str:
    """The named roles see and take out all of it, and change what their own unit keeps."""
    prefix = f"    {wanted.room}"
    lines = f"{prefix}.view_{wanted.noun}: county\n{prefix}.change_{wanted.noun}: unit\n{prefix}.export_{wanted.noun}: county\n"
    for role in wanted.roles:
        text = re.sub(rf"^({role}:\n(?:  .*\n)*)", lambda hit: f"{hit[1]}{lines}", text, count=1, flags=re.MULTILINE)
    return text


def _translated(wanted: Wanted, text: str) -> str:
    """The catalogue with the English of the template's words that it lacks."""
    words = {
        wanted.title: wanted.room.capitalize(), f"登记{wanted.title}": f"New {wanted.noun}", f"修改{wanted.title}": f"Change {wanted.noun}",
        "名称": "Name", "说明": "Note", "归口单位": "Unit in charge", "修改时间": "Changed", "修改": "Change", "保存": "Save", "先不办": "Not now", "留痕": "History",
        "基本信息": "Basics", "这里还没有内容": "Nothing here yet", "先登记一个。": "Register the first one.",
    }
    known = set(re.findall(r'^msgid "(.*)"$', text, re.MULTILINE))
    return text.rstrip("\n") + "\n" + "".join(f'\nmsgid "{zh}"\nmsgstr "{en}"\n' for zh, en in words.items() if zh not in known)
