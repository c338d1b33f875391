"""What import-linter cannot see: rooms named in strings (foreign keys, URL names, templates, dotted paths)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contracts.tree import LAYERS, SOURCE, may_know, plant, sources, strings, templates

pytestmark = pytest.mark.one_database

ROOMS = "|".join(sorted(set().union(*LAYERS), key=len, reverse=True))
MODEL = re.compile(rf"^({ROOMS})\.[A-Z]\w*$")
URL_NAME = re.compile(rf"^({ROOMS}):[a-z][\w-]*$")
TEMPLATE = re.compile(rf"^({ROOMS})/[\w/-]+\.(?:html|txt|xml)$")
DOTTED = re.compile(rf"^diguan\.({ROOMS})(?:\.\w+)*$")
WEB = re.compile(rf"^diguan\.({ROOMS})\.web\b")
TAG = re.compile(r"""\{%-?\s*(extends|include|url|from)\s+["']([^"']+)["']""")

# The site mounts the shell, so its addresses (home, search, login…) are names every page may link to.
MOUNTING_POINT = "site"
# The site joins rooms together: its settings and its urls name every room, and that is its work.
JOINS = {"site/settings.py", "site/urls.py"}


def strings_obey_the_layers(root: Path) -> list[str]:
    """String references in Python that reach an upper room or a stranger."""
    wrong = []
    for source in sources(root, migrations=True):
        if source.relative in JOINS:
            continue
        for node in strings(source.tree):
            for pattern in (MODEL, URL_NAME, TEMPLATE, DOTTED):
                found = pattern.match(node.value)
                if not found or may_know(source.room, found[1]):
                    continue
                if pattern is URL_NAME and found[1] == MOUNTING_POINT:
                    continue
                wrong.append(f"{source.at(node)}: {source.room} may not name {node.value!r}")
            foreign_web = WEB.match(node.value)
            if foreign_web and foreign_web[1] != source.room:
                wrong.append(f"{source.at(node)}: {node.value!r} is another room's web")
    return wrong


def templates_obey_the_layers(root: Path) -> list[str]:
    """Templates that extend, include or link to an upper room or a stranger."""
    wrong = []
    for name, text in templates(root):
        room = name.split("/")[0]
        for found in TAG.finditer(text):
            kind, target = found[1], found[2]
            pattern = URL_NAME if kind == "url" else TEMPLATE
            other = pattern.match(target)
            if not other or may_know(room, other[1]) or (kind == "url" and other[1] == MOUNTING_POINT):
                continue
            line = text[: found.start()].count("\n") + 1
            wrong.append(f"{name}:{line}: {room} may not {kind} {target!r}")
    return wrong


def test_strings_in_python_obey_the_layers():
    assert strings_obey_the_layers(SOURCE) == []


def test_templates_obey_the_layers():
    assert templates_obey_the_layers(SOURCE) == []


@pytest.mark.parametrize(
    "code",
    [
        'owner = models.ForeignKey("policies.Policy", on_delete=models.CASCADE)',
        'link = reverse("policies:detail")',
        'page = render(request, "policies/detail.html")',
        'name = import_string("diguan.policies.queries.near")',
        'view = "diguan.kernel.web.pages"',
    ],
)
def test_a_planted_string_to_an_upper_room_or_a_foreign_web_is_caught(tmp_path, code):
    root = plant(tmp_path, {"enterprises/models.py": f'"""Says diguan.policies freely in prose."""\n{code}\n'})
    (problem,) = strings_obey_the_layers(root)
    assert problem.startswith("enterprises/models.py:2")


def test_a_planted_stranger_is_caught(tmp_path):
    root = plant(tmp_path, {"finance/queries.py": 'x = "policies.Policy"\n'})
    assert strings_obey_the_layers(root) == ["finance/queries.py:1: finance may not name 'policies.Policy'"]


@pytest.mark.parametrize("tag", ['{% extends "policies/base.html" %}', "{% include 'site/x.html' %}", '{% url "policies:list" %}'])
def test_a_planted_template_that_reaches_up_is_caught(tmp_path, tag):
    root = plant(tmp_path, {"enterprises/templates/enterprises/list.html": f"<h1>x</h1>\n{tag}\n"})
    (problem,) = templates_obey_the_layers(root)
    assert problem.startswith("enterprises/templates/enterprises/list.html:2")


def test_lower_rooms_and_the_mounting_point_are_free(tmp_path):
    root = plant(
        tmp_path,
        {
            "policies/models.py": 'x = "enterprises.Enterprise"\ny = "policies.view_policy"\nz = "site:home"\n',
            "policies/templates/policies/a.html": '{% extends "kernel/staff.html" %}{% url "site:home" %}',
        },
    )
    assert strings_obey_the_layers(root) == []
    assert templates_obey_the_layers(root) == []
