"""The simulation of days once more, run by run and step by step in Python's own numbers: the slow way, to hold the quick one against."""

import numpy as np


def plain(flow, seed, runs):
    """Before and after of every run, in ticks."""
    stream, drawn = np.random.Generator(np.random.PCG64(seed)), []
    for step in flow.steps:
        draws = stream.random((4, runs))
        drawn.append([spell.at(row).tolist() for spell, row in zip((step.gather, step.wait, step.work, step.trips), draws, strict=True)]
                     + [(step.trips_after or step.trips).at(draws[3]).tolist()])
    before = [sum(gather[run] + wait[run] + work[run] for gather, wait, work, *_ in drawn) for run in range(runs)]
    return before, [_after(flow, [[column[run] for column in row] for row in drawn]) for run in range(runs)]


def _after(flow, drawn):
    place = {step.id: at for at, step in enumerate(flow.steps)}
    left = [at for at, step in enumerate(flow.steps) if not step.dropped]
    def ups(at):  # those before it that are left, through those that are not
        direct = {place[before] for before, after in flow.pairs if place[after] == at}
        return {one for one in direct if one in left} | {far for one in direct if one not in left for far in ups(one)}
    def comes(at):
        return max((comes(one) + flow.steps[one].work.mean for one in ups(at)), default=0.0) + flow.steps[at].wait.mean
    def depth(at):
        return max((depth(one) + 1 for one in ups(at)), default=0)
    first = max(drawn[at][0] for at in left)
    free = {unit: [0] * people for unit, people in flow.staff_after.items()}
    ends = {}
    for at in sorted(left, key=lambda at: (comes(at), depth(at), at)):
        step = flow.steps[at]
        over, under = step.wait_left, 100
        if step.unit in flow.staff_before and step.unit in flow.staff_after:
            over, under = over * flow.staff_before[step.unit], under * flow.staff_after[step.unit]
        start = max((ends[one] for one in ups(at)), default=first) + drawn[at][1] * over // under
        if step.unit in free:
            who = free[step.unit].index(min(free[step.unit]))
            start = max(start, free[step.unit][who])
            free[step.unit][who] = start + drawn[at][2]
        ends[at] = start + drawn[at][2]
    return max(first, *ends.values())
