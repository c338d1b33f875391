from __future__ import annotations

import doctest

import pytest

from diguan.outreach import engine

pytestmark = pytest.mark.one_database


def test_the_examples_in_the_engine_hold():
    result = doctest.testmod(engine)
    assert result.attempted
    assert not result.failed
