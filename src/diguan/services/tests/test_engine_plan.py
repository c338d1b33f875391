"""Plans: never against an edge or a desk, the shortest there is, and honest about it where that is not proven."""

import itertools
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diguan.services.engine import gantt, manycases, plan, solver
from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.plan import Problem, Task, bound, broken, shortest


@st.composite
def problems(draw, most=6, visits=False, slots=4):
    count = draw(st.integers(1, most))
    staff = draw(st.dictionaries(st.sampled_from("uvw"), st.integers(1, 3)))
    tasks = []
    for at in range(count):
        unit = draw(st.sampled_from(["", "u", "v", "w"]))
        tasks.append(Task(f"t{at}", draw(st.integers(1, slots)), unit, draw(st.integers(1, staff.get(unit, 2))), draw(st.sampled_from(["", "x", "y"])) if visits else ""))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=6))
    return Problem(tuple(tasks), tuple((f"t{min(pair)}", f"t{max(pair)}") for pair in pairs if pair[0] != pair[1]), staff)


def feasible(problem, starts):
    """By looking at every slot, with none of the product's code."""
    ends = [start + task.slots for start, task in zip(starts, problem.tasks, strict=True)]
    place = {task.id: at for at, task in enumerate(problem.tasks)}
    if any(ends[place[before]] > starts[place[after]] for before, after in problem.pairs):
        return False
    return all(sum(task.staff for task, start, end in zip(problem.tasks, starts, ends, strict=True) if task.unit == unit and start <= slot < end) <= people
               for unit, people in problem.staff.items() for slot in range(max(ends)))


def brute(problem):
    """Every order of the tasks, each task as early as it fits: one of them is the shortest plan there is."""
    best = None
    for order in itertools.permutations(range(len(problem.tasks))):
        starts = {}
        for at in order:
            task = problem.tasks[at]
            if any(after == task.id and before not in {problem.tasks[one].id for one in starts} for before, after in problem.pairs):
                break
            for start in itertools.count():
                tried = starts | {at: start}
                part = Problem(tuple(problem.tasks[one] for one in tried), tuple(pair for pair in problem.pairs if set(pair) <= {problem.tasks[one].id for one in tried}), problem.staff)
                if feasible(part, list(tried.values())):
                    starts = tried
                    break
        else:
            length = max(start + problem.tasks[at].slots for at, start in starts.items())
            best = length if best is None else min(best, length)
    return best


def brute_visits(problem):
    """Shortest, then fewest visits, over all starts there are; for very small problems."""
    most = sum(task.slots for task in problem.tasks)
    found = []
    for starts in itertools.product(*(range(most - task.slots + 1) for task in problem.tasks)):
        if feasible(problem, starts):
            visits = len({(task.visit, start) for task, start in zip(problem.tasks, starts, strict=True) if task.visit})
            found.append((max(start + task.slots for start, task in zip(starts, problem.tasks, strict=True)), visits))
    return min(found)


@settings(deadline=None, max_examples=60)
@given(problems())
def test_the_optimum_is_that_of_trying_all_orders(problem):
    found = shortest(problem)
    assert found.proven
    assert found.slots == found.bound == brute(problem)
    assert bound(problem).slots <= found.slots


@settings(deadline=None, max_examples=40)
@given(problems(most=4, visits=True, slots=2))
def test_length_comes_first_then_the_fewest_visits(problem):
    found = shortest(problem)
    assert found.proven
    assert (found.slots, found.visits) == brute_visits(problem)


@settings(deadline=None, max_examples=60)
@given(problems(most=14, visits=True, slots=9))
def test_no_plan_breaks_an_edge_or_a_desk_and_its_critical_path_has_no_gap(problem):
    found = shortest(problem)
    assert feasible(problem, found.starts)
    assert broken(found) == ()
    assert shortest(problem) == found
    start = {task.id: at for task, at in zip(problem.tasks, found.starts, strict=True)}
    slots = {task.id: task.slots for task in problem.tasks}
    chain = [link.id for link in found.critical]
    assert found.critical[0].by == "start"
    assert start[chain[0]] == 0
    assert start[chain[-1]] + slots[chain[-1]] == found.slots
    assert all(start[one] + slots[one] == start[other] for one, other in itertools.pairwise(chain))


@settings(deadline=None, max_examples=25)
@given(problems(most=12, visits=True, slots=9))
def test_the_solver_alone_agrees_with_the_shortcut(problem):
    net = plan.Net(plan.checked(problem))
    low, starts = net.bound().slots, plan._greedy(net, plan.urgent(net))
    answer = solver.solve(solver.Question(problem.tasks, net.befores, net.head, net.tail, problem.staff, low, starts), seconds=10, seed=0, workers=1)
    assert answer.proven
    assert answer.bound == shortest(problem).slots


def test_a_plan_cut_off_says_its_bound_and_gap_and_keeps_everything():
    tasks = tuple(Task(f"t{at}", 3 + at * 7 % 11, f"u{at % 3}", 1 + at % 2) for at in range(60))
    problem = Problem(tasks, tuple((f"t{at}", f"t{at + 7}") for at in range(0, 50, 3)), {"u0": 3, "u1": 3, "u2": 3})
    net = plan.Net(problem)
    starts = plan._greedy(net, plan.urgent(net))
    answer = solver.solve(solver.Question(tasks, net.befores, net.head, net.tail, problem.staff, 1, starts), seconds=0.000001, seed=0, workers=1)
    cut = plan.Schedule(problem, answer.starts, answer.bound, 0, answer.proven, "cp-sat", answer.cut)
    assert broken(cut) == ()
    assert not cut.proven
    assert cut.cut == "effort"
    assert cut.bound < cut.slots
    assert "只证明了不少于" in cut.text().zh
    assert f"{cut.gap:.1%}" in cut.text().en


def test_broken_sees_what_is_wrong():
    problem = Problem((Task("a", 2, "u"), Task("b", 1, "u")), (("a", "b"),), {"u": 1})
    wrong = replace(shortest(problem), starts=(0, 1))
    assert [message.zh for message in broken(wrong)] == ["“b”早于“a”办完", "第 2 格“u”要 2 人，只有 1 人"]


def test_a_plan_that_a_bound_proves_loads_no_solver():
    script = ("import sys; from diguan.services.engine.plan import *; found = shortest(Problem((Task('a', 2), Task('b', 1)), (('a', 'b'),)));"
              "assert found.proven and found.method == 'greedy'; print('ortools' in sys.modules, 'pandas' in sys.modules, 'django' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "False False False"


@pytest.mark.parametrize(("problem", "code", "words"), [
    (Problem(()), "no_activities", "没有任何环节"),
    (Problem((Task("a", 0),)), "slots", "现为 0"),
    (Problem((Task("a", -3),)), "slots", "现为 -3"),
    (Problem((Task("a", 1.5),)), "slots", "整数"),
    (Problem((Task("a", 10**9),)), "slots", "1 到 10000"),
    (Problem((Task("a", 1), Task("b", 1)), (("a", "b"), ("b", "a"))), "cycle", "a → b → a"),
    (Problem((Task("a", 1),), (("a", "c"),)), "unknown_activity", "“c”不是这个流程的环节"),
    (Problem((Task("a", 1, "u"),), (), {"u": 0}), "capacity", "没有人手就办不成"),
    (Problem((Task("a", 1, "u", 3),), (), {"u": 2}), "capacity", "要 3 人，“u”只有 2 人"),
    (Problem((Task("a", 1, "u", 0),)), "staff", "现为 0"),
    (Problem((Task("a", 1),), per_day=3), "per_day", "半天"),
    (Problem(tuple(Task(str(at), 1) for at in range(2001))), "too_many", "至多 2000"),
])
def test_what_cannot_be_planned_is_refused_in_words(problem, code, words):
    with pytest.raises(BenchRefused, match=words) as caught:
        shortest(problem)
    assert caught.value.code == code


@settings(deadline=None, max_examples=30)
@given(problems(most=6), st.lists(st.integers(0, 12), min_size=1, max_size=5))
def test_many_cases_keep_edges_and_desks_and_never_beat_the_bounds(problem, arrivals):
    found = manycases.shared(problem, arrivals)
    tasks = tuple(replace(task, id=f"{case} {task.id}") for case in range(len(arrivals)) for task in problem.tasks)
    pairs = tuple((f"{case} {before}", f"{case} {after}") for case in range(len(arrivals)) for before, after in problem.pairs)
    assert feasible(Problem(tasks, pairs, problem.staff), found.starts.ravel().tolist())
    assert all(found.starts[case].min() >= arrival for case, arrival in enumerate(arrivals))
    assert found.slots >= found.bound
    assert found.total >= found.total_bound
    if not any(arrivals):  # then the whole is one problem, whose proven length the bound may not pass
        assert found.bound <= shortest(Problem(tasks, pairs, problem.staff)).slots


def test_many_cases_need_a_case():
    one = Problem((Task("a", 1),))
    for arrivals, code in (([], "no_cases"), ([-1], "arrival"), ([0] * 20_001, "too_many")):
        with pytest.raises(BenchRefused) as caught:
            manycases.shared(one, arrivals)
        assert caught.value.code == code


@settings(deadline=None, max_examples=40)
@given(problems(most=10, visits=True))
def test_rows_of_the_chart_are_the_plan(problem):
    found = shortest(problem)
    rows = {row.id: row for row in gantt.rows(found, {"t0": "用地许可"})}
    assert rows["t0"].title == "用地许可"
    assert {name for name, row in rows.items() if row.critical} == {link.id for link in found.critical}
    for task, start in zip(problem.tasks, found.starts, strict=True):
        row = rows[task.id]
        assert (row.start, row.end, row.first_day, row.last_day) == (start, start + task.slots, start // 2 + 1, (start + task.slots + 1) // 2)
        assert row.slack >= 0
        assert row.width >= 1
        assert row.left + row.width <= 1001
    for unit, people in problem.staff.items():
        assert all(0 <= busy <= people for _, busy in gantt.capacity_steps(found, unit))


def test_slack_is_what_the_order_leaves():
    rows = gantt.rows(shortest(Problem((Task("a", 2), Task("b", 6), Task("c", 1), Task("d", 1)), (("a", "c"), ("c", "d")))))
    assert {row.id: row.slack for row in rows} == {"b": 0, "a": 2, "c": 2, "d": 2}
    assert [row.id for row in rows] == ["b", "a", "c", "d"]
