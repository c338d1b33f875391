"""``diguan indicators``: every indicator's figure of a day, the rows behind one, and what was printed held against ours."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from diguan.kernel.messages import Message, nearest
from diguan.site.commands import given, shared

if TYPE_CHECKING:
    from diguan.indicators.engine.terms import Indicator
    from diguan.indicators.queries.snapshots import Cell, Figures
    from diguan.kernel.access.models import Person
    from diguan.kernel.facts.runs import Run

EXPLAIN = "explain"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("indicators", help="指标 / indicators")
    parser.add_argument("codes", nargs="*", metavar="CODE", help="指标代码，不写就是全部；explain CODE 列出一个数背后的记录 / codes, all by default; explain CODE lists the rows behind a figure")
    parser.add_argument("--as-of", type=given.day, help="截至哪天，缺省今天 / the day it speaks of, today by default")
    parser.add_argument("--known-at", type=given.moment, help="数据入库到什么时候，日期算到当天结束 / last delivery counted; a day counts to its end")
    parser.add_argument("--period", default="", help="explain 的期间，缺省最近一期 / period to explain, the last by default")
    parser.add_argument("--group", default="", metavar="DIM=GROUP", help="explain 其中一组，如 cluster=钟表 / explain one part, as cluster=钟表")
    parser.add_argument("--article", action="store_true", help="逐条核对报道的数，缺省截至报道那天 / hold what was printed against ours, by default on the day it speaks of")
    parser.add_argument("--by", default="", help="以谁的名义（登录名） / in whose name (login name)")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Compute (or find) the snapshot and print; with ``--article`` 1 if a figure does not match."""
    shared.open_database()
    with shared.refusals():
        person = _reader(args.by)
        if args.article:
            return _article(args, person)
        chosen = _chosen(person, args.codes[1:] if args.codes[:1] == [EXPLAIN] else args.codes)
        if args.codes[:1] == [EXPLAIN]:
            return _explain(args, person, chosen)
        return _figures(args, person, chosen)


# ── who asks, of what ────────────────────────────────────────────────────────
def _reader(login: str) -> Person:
    """As named; else whoever may see every indicator, else any."""
    from diguan.indicators.queries import VIEW
    from diguan.kernel.measures import COUNTED

    if not login:
        try:
            return shared.acting("", VIEW, *sorted({one.permission for one in COUNTED.values()}))
        except shared.BadInput:
            return shared.acting("", VIEW)
    return shared.acting(login, VIEW)


def _chosen(person: Person, codes: list[str]) -> list[Indicator]:
    """The indicators with these codes, all that they may see where none is given.

    Raises:
        BadInput: there is none of that code, with the nearest, or this person may not see it.
    """
    from diguan.indicators.queries import register

    seen = {one.code: one for one in register.visible(person)}
    for code in codes:
        if code not in register.book().versions:
            near = nearest(code, register.book().versions, 0)
            raise shared.refuse(f"没有指标 {code}，最接近的是 {near}", f"there is no indicator {code}, the nearest is {near}")
        if code not in seen:
            raise shared.refuse(f"{person.login_name} 看不了指标 {code}", f"{person.login_name} may not see the indicator {code}")
    return [seen[code] for code in codes] if codes else list(seen.values())


def _snapshot(args: argparse.Namespace, day: Any, person: Person) -> Run:
    """The snapshot of a day, taken where there is none of these inputs; who may take none reads the newest of that day.

    Raises:
        BadInput: there is none, and they may take none.
    """
    from diguan.indicators.actions.snapshots import take_snapshot
    from diguan.indicators.queries import SNAPSHOT, article
    from diguan.kernel import access, clocks

    taker = shared.acting("", SNAPSHOT) if not args.by else person
    if access.may(taker, SNAPSHOT):
        return take_snapshot(by=taker, as_of=day, known_at=given.instant(args.known_at))
    found = None if args.known_at else article.snapshot_of(day or clocks.today())
    if found is None:
        raise shared.refuse(f"还没有 {day or clocks.today()} 的快照，{person.login_name} 也不能生成", f"no snapshot of {day or clocks.today()}, and {person.login_name} may take none")
    return found


def _found(args: argparse.Namespace, day: Any, person: Person) -> Figures:
    from diguan.indicators.queries import snapshots

    found = snapshots.figures(person, _snapshot(args, day, person))
    assert found is not None
    return found


# ── what is printed ──────────────────────────────────────────────────────────
def _figures(args: argparse.Namespace, person: Person, chosen: list[Indicator]) -> int:
    from diguan.indicators.queries import answers

    answer = answers.answer(person, _found(args, args.as_of, person), chosen)
    if args.json:
        shared.show(answer)
        return 0
    print(Message(f"截至 {answer['as_of']}，数据入库到 {answer['known_at']}", f"as of {answer['as_of']}, known at {answer['known_at']}"))
    for line in answer["indicators"]:
        print(f"  {line['code']} {line['name']}：{_shown(line['value'])} {line['unit']}（{line['period'] or '—'}，{line['state']}）")
        _say_why(line)
    return 0


def _explain(args: argparse.Namespace, person: Person, chosen: list[Indicator]) -> int:
    from diguan.indicators.queries import answers

    if len(args.codes) != 2:
        raise shared.refuse("explain 后面写一个指标代码", "explain is followed by one code")
    found = _found(args, args.as_of, person)
    answer = answers.explained(person, found, chosen[0], _cell(args, found, chosen[0]))
    if args.json:
        shared.show(answer)
        return 0
    print(f"{answer['code']} {answer['name']} {answer['period']}：{_shown(answer['value'])} {answer['unit']}（{answer['state']}）")
    _say_why(answer)
    print(answer["definition"])
    for side in answer["sides"]:
        print(Message(f"{side['role']} {side['code']} {side['period']}：{len(side['rows'])} 条，另有 {side['hidden']} 条看不了", f"{side['role']} {side['code']} {side['period']}: {len(side['rows'])} rows, {side['hidden']} more not to be seen"))
        for row in side["rows"]:
            print(" ".join(filter(None, (f"  {row['key']}", row["label"], row.get("kind"), row["on"], _row(row)))))
    return 0


def _say_why(line: dict[str, Any]) -> None:
    """Why a figure is refused."""
    if "refused" in line:
        print(f"    {Message(**line['refused'])}")


def _row(row: dict[str, Any]) -> str:
    """What a row counts for, and of what."""
    name, of, unit = ("num", "of", "") if "num" in row else ("num_fen", "of_fen", " 分")
    return f"{_shown(row[name])}{'' if row[of] is None else f' ÷ {row[of]}'}{unit}"


def _cell(args: argparse.Namespace, found: Figures, one: Indicator) -> Cell:
    """The figure that is asked for.

    Raises:
        BadInput: the snapshot has no such period or part.
    """
    dim, _sign, group = args.group.partition("=")
    cell = found.cell(one.code, args.period, dim, group)
    if cell is not None:
        return cell
    parts = found.groups(one.code, dim)
    if dim and group not in parts:
        near = nearest(args.group, [*(f"{dim}={each}" for each in parts), *(f"{each}=…" for each in one.by)], 0) or "—"
        raise shared.refuse(f"{one.code} 没有这一组：{args.group}，最接近的是 {near}", f"{one.code} has no part {args.group}, the nearest is {near}")
    told = [each.period for each in found.series(one.code, dim, group)]
    near = nearest(args.period, told, 0) or "—"
    raise shared.refuse(f"{one.code} 没有期间 {args.period}，最接近的是 {near}", f"{one.code} has no period {args.period}, the nearest is {near}")


def _article(args: argparse.Namespace, person: Person) -> int:
    """Every printed figure; 1 if one that is there does not match."""
    from diguan.indicators.queries import answers, article

    told = article.article()
    if told is None:
        raise shared.refuse("没有数据包写了报道的数（article.yaml）", "no pack tells printed figures (article.yaml)")
    found = _found(args, args.as_of or told.as_of, person)
    rows = article.judged(person, told, found)
    wrong = any(row.state == article.DIFFERS for row in rows)
    if args.json:
        shared.show({"as_of": found.run.as_of.isoformat(), "snapshot": found.run.run_id, "figures": answers.judged(rows)})
        return int(wrong)
    for row in rows:
        room = article.room_of(row)
        ours = "—" if row.printed is None else f"{row.printed} {row.said.unit.zh}"
        print(f"{row.said.line:>3} {row.said.title.zh}：{row.said.value} {row.said.unit.zh} | {ours} | {_STATES[row.state]}{f'（{room.zh}）' if room and row.state == article.NO_ROWS else ''}")
    counts = {state: sum(row.state == state for row in rows) for state in _STATES}
    print("，".join(f"{word} {counts[state]}" for state, word in _STATES.items() if counts[state]))
    return int(wrong)


_STATES = {"match": "相符 / match", "differs": "不符 / differs", "target": "目标 / target", "no_rows": "还没有数据 / no rows yet", "listed": "只是列举 / only listed", "beyond": "看不了 / not to be seen"}


def _shown(value: Any) -> str:
    return "—" if value is None else str(value)
