"""A limit moved over its values, over random policies and facts, held against judging everybody anew at each."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.kernel import packs
from diguan.kernel.rules import document, judged, runfile
from diguan.kernel.rules import folder as folders
from diguan.policies.engine import scenarios
from diguan.policies.queries import sweeps
from tests.conformance.worlds import World


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(1, 10**9), shift=st.integers(-3, 3))
def test_every_point_of_a_sweep_is_what_judging_everybody_anew_gives(seed: int, shift: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        world = World(seed, enterprises=16, policies=10)
        world.write_data(Path(name))
        world.write_policies(Path(name) / "policies", Path(name))
        data = folders.read(Path(name), packs.catalogue())
        policies, _problems = document.load_folder(Path(name) / "policies", data.catalogue, packs.codes())
        for policy in policies:
            for knob in sweeps.sweepable(policy) if policy.in_force(world.as_of) else []:
                assert isinstance(knob.value, Fraction)
                try:
                    points = sweeps.points(data, policy, knob, world.as_of, [knob.value, knob.value + shift, Fraction(0)])
                except runfile.AmountTooLarge:
                    continue
                for point in points:
                    totals = judged.one_by_one([scenarios.at(policy, knob, point.value)], data, world.as_of)[0].totals
                    assert (point.eligible, point.unknown, point.low_fen, point.more_fen, point.open) == (
                        totals.eligible, totals.unknown, totals.amount_fen, totals.undecided_amount_fen, totals.amount_unknown + totals.undecided_amount_unknown)
