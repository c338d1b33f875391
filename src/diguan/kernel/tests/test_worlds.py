"""A world that is put back is the one that was built, and nothing one test does to it reaches the next."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from diguan.kernel.access.models import Person, Post
from diguan.kernel.events import Event, append, verify_all
from diguan.kernel.tests import worlds
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
BUILT: list[str] = []


@pytest.fixture
def world(tmp_path):
    def build():
        BUILT.append("once")
        (tmp_path / "data").mkdir()
        (tmp_path / "data/file").write_text("as built")
        person = person_factory("data_clerk", name="甲", from_day=dt.date(2026, 1, 1))
        append(person, "built", by=person, reason="测试", after={"fen": 1, "day": "2026-01-01"})
        return {"person": person, "file": tmp_path / "data/file"}

    return worlds.remembered("test_worlds", tmp_path, build)


@pytest.mark.parametrize("_time", range(3))
def test_each_test_finds_the_world_as_it_was_built(world, tmp_path, _time):
    assert BUILT == ["once"]
    assert (world["file"].read_text(), world["file"].parent.parent) == ("as built", tmp_path)
    person = Person.objects.get()
    assert person == world["person"]
    assert (person.name, world["person"].name) == ("甲", "甲")
    assert Post.objects.get().from_day == dt.date(2026, 1, 1)
    assert Event.objects.get().after == {"fen": 1, "day": "2026-01-01"}
    assert verify_all() == {}
    connection.check_constraints()
    world["file"].write_text("changed")
    world["person"].name = "乙"
    world["person"].save()
    assert person_factory().pk > person.pk


def test_where_somebody_is_there_already_it_is_built_anew(tmp_path):
    asked = []
    for _ in range(2):
        person_factory()
        worlds.remembered("test_worlds on others", tmp_path, lambda: asked.append(Person.objects.count()))
    assert asked == [1, 2]
