"""What the site itself puts on the work desk: deliveries, sources that disagree, one's own jobs, accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.kernel import access, clocks, jobs, packs, remember
from diguan.kernel.access.models import Delegation, Person, Post
from diguan.kernel.declare import DeskItem
from diguan.kernel.facts import coverage
from diguan.kernel.facts.models import DataRequest
from diguan.kernel.facts.requests import queries as requests
from diguan.kernel.jobs import JobState
from diguan.kernel.sheets import shelf
from diguan.kernel.shell import language, source_name
from diguan.kernel.templatetags.diguan import near_day

MONTHS = 6
LOOKED_BACK = {"month": MONTHS, "quarter": 2, "year": 1}
MOST_REQUESTS = 3
SOON = dt.timedelta(days=7)
ENDING = dt.timedelta(days=30)
SHOWN_FOR = dt.timedelta(days=2)
# ── deliveries ───────────────────────────────────────────────────────────────
def due(person: Person) -> list[coverage.Expected]:
    """What should have come lately, newest first."""
    return remember.while_reading(("site.due", person.pk), lambda: _due(person))


def _due(person: Person) -> list[coverage.Expected]:
    spans = {kind: coverage.ended(clocks.today(), kind, count)[::-1] for kind, count in LOOKED_BACK.items()}
    return coverage.expected(person, shelf.fact_sheets().values(), spans)


def deliveries(person: Person) -> Iterator[DeskItem]:
    """Deliveries that are late or not whole; for who imports, also what is about to come."""
    imports = access.may(person, "facts.import_batch")
    for found in due(person):
        if found.state == coverage.COMPLETE:
            continue
        if found.due < clocks.today():
            yield _late(found, imports)
        elif imports and found.state == coverage.MISSING:
            yield _coming(found)


def _late(found: coverage.Expected, imports: bool) -> DeskItem:
    days = (clocks.today() - found.due).days
    who, sheet = _source(found), found.sheet.label(language())
    url, link = (_import(found), _("去导入")) if imports else (reverse("site:coverage"), _("看覆盖"))
    if found.state == coverage.MISSING:
        return DeskItem("first", "bad", _("超期 {days} 天").format(days=days),
                        _("{period} {sheet}还没有报来").format(sheet=sheet, period=found.period),
                        _("应于 {day}前报送；没报来之前，这一期按未知处理").format(day=near_day(found.due)), who, url, link, 10)
    return DeskItem("first", "warn", _("没报齐"), _("{period} {sheet}没报齐").format(sheet=sheet, period=found.period),
                    _("已报 {rows} 户，{why}；应于 {day}前报齐").format(rows=f"{found.rows:,}", why=_open(found), day=near_day(found.due)),
                    who, url, link, 20)


def _open(found: coverage.Expected) -> str:
    if len(found.open) == len(found.sheet.complete):
        return _("没有声明齐全，没列出的企业按未知处理")
    catalogue = packs.catalogue()
    return _("缺{facts}").format(facts=_("、").join(catalogue[fact].label(language()) for fact in found.open if fact in catalogue))


def _coming(found: coverage.Expected) -> DeskItem:
    soon = found.due - clocks.today() <= SOON
    word = near_day(found.due) if soon else _("等对方")
    return DeskItem("week" if soon else "waiting", "mute", word,
                    _("{period} {sheet}待报送").format(sheet=found.sheet.label(language()), period=found.period),
                    _("应于 {day}前报来").format(day=near_day(found.due)), _source(found), _import(found), _("去导入"), 30)


def _source(found: coverage.Expected) -> str:
    return source_name(found.sheet.source)


def _import(found: coverage.Expected) -> str:
    return f"{reverse('site:imports')}?{urlencode({'sheet': found.sheet.name, 'period': found.period})}"


def on_time(person: Person) -> int:
    """How many deliveries came whole: told in one line, taking no space."""
    return sum(found.state == coverage.COMPLETE for found in due(person))


def disagreements(person: Person) -> Iterator[DeskItem]:
    """Facts of which two sources tell different values."""
    if access.scope(person, "facts.view_fact") is not access.Scope.COUNTY:
        return
    for found in coverage.disputes(person, packs.catalogue(), coverage.months(clocks.today(), MONTHS)):
        spec = packs.catalogue()[found.fact]
        who = [source_name(source) for source in found.sources]
        yield DeskItem("week", "warn", _("两个数对不上"), f"{spec.label(language())} {found.period}",
                       ngettext("{who}有 {count} 户对不上；比对先用{first}的数", "{who}有 {count} 户对不上；比对先用{first}的数", found.count).format(
                           who=_("和").join(who), count=found.count, first=who[0]),
                       _("、").join(who), f"{reverse('site:disputes')}?{urlencode({'fact': found.fact, 'period': found.period})}",
                       _("看是哪几户"), 40)


# ── one's own background work ────────────────────────────────────────────────
STATES = {JobState.QUEUED: ("waiting", "accent"), JobState.RUNNING: ("waiting", "accent"),
          JobState.FAILED: ("first", "bad"), JobState.DONE: ("week", "ok")}


def own_jobs(person: Person) -> Iterator[DeskItem]:
    """Jobs the person started: running, and those that ended in the last days."""
    done: set[str] = set()
    for row in jobs.own(person, since=clocks.now() - SHOWN_FOR):
        if row.state == JobState.DONE and row.name in done:
            continue  # of work done again and again the last time is enough
        done.add(row.name)
        group, kind = STATES[JobState(row.state)]
        yield DeskItem(group, kind, job_word(row), job_title(row.name), job_note(row), _("系统"), reverse("site:job", args=[row.pk]),
                       _("看原因") if row.state == JobState.FAILED else _("看进度") if group == "waiting" else _("看结果"), 15)


def job_word(row: jobs.Job) -> str:
    """A job's state in words."""
    words = {JobState.QUEUED: _("排队"), JobState.RUNNING: _("进行中"), JobState.DONE: _("已完成"), JobState.FAILED: _("没有做成")}
    return words[JobState(row.state)]


def job_title(name: str) -> str:
    """What a job does, in words, as its room declares it."""
    from diguan.kernel.declare import verb_words

    return str(verb_words(name))


def job_note(row: jobs.Job) -> str:
    """How far it is, or why it failed: the first line, meant for people."""
    if row.state == JobState.FAILED:
        return row.error.partition("\n")[0][:160]
    if row.state == JobState.RUNNING and row.progress_total:
        return f"{row.progress_done:,} / {row.progress_total:,}"
    return _("可以离开，算好会在这里告诉您") if row.finished_at is None else ""


# ── requests for data ────────────────────────────────────────────────────────
def asked(person: Person) -> Iterator[DeskItem]:
    """Requests that are late or wait: for who answers them what is asked of them, for who asks what has not come."""
    late, waiting, first = requests.standing(person)
    mine = access.may(person, requests.ANSWER) and not access.may(person, requests.ASK)
    if late:
        yield from (_overdue(row, mine) for row in requests.overdue(requests.requests(person)).order_by("due", "id")[:MOST_REQUESTS])
    if more := max(0, late - MOST_REQUESTS):
        yield DeskItem("first", "bad", _("超期"), ngettext("另有 {n} 份数据征询超期", "另有 {n} 份数据征询超期", more).format(n=more), "", "",
                       f"{reverse('site:requests')}?overdue=1", _("看是哪些"), 13)
    if first:
        yield DeskItem("week" if mine else "waiting", "mute", _("待答复"), ngettext("{n} 份数据征询等答复", "{n} 份数据征询等答复", waiting).format(n=waiting),
                       _("最早 {day}截止").format(day=near_day(first)), "", f"{reverse('site:requests')}?state=due",
                       _("去答复") if mine else _("看征询"), 45)


def _overdue(row: Any, mine: bool) -> DeskItem:
    """``row`` is a request with its open lines counted."""
    return DeskItem("first", "bad", _("超期 {days} 天").format(days=(clocks.today() - row.due).days), _("征询 {n}：{who}还没答").format(n=row.pk, who=_whom(row)),
                    _("{about}，还差 {open} 条").format(about=row.about_title, open=row.open), _whom(row), reverse("site:request", args=[row.pk]),
                    _("去答复") if mine else _("看征询"), 12)


def _whom(row: DataRequest) -> str:
    return row.subject_name or source_name(row.addressee)


# ── accounts ─────────────────────────────────────────────────────────────────
def accounts(person: Person) -> Iterator[DeskItem]:
    """Accounts that are locked or may do nothing yet, and posts that are about to end."""
    for row in Person.objects.filter(is_active=True, locked_until__gt=clocks.now()):
        yield _account(row, "first", "bad", _("已锁定"), _("连续输错密码，锁到 {time}").format(
            time=f"{row.locked_until.astimezone(clocks.COUNTY_TIME):%H:%M}" if row.locked_until else ""), _("解除锁定"))
    held = Post.objects.current().values("person")
    for row in Person.objects.filter(is_active=True).exclude(pk__in=held):
        yield _account(row, "first", "warn", _("没有任职"), _("能登录，但什么也看不到、办不了"), _("去任职"))
    last = clocks.today() + ENDING
    for post in Post.objects.current().filter(to_day__lte=last, person__is_active=True).select_related("person"):
        yield _account(post.person, "week", "mute", _("任职快到期"), _("到 {day} 为止").format(day=post.to_day), _("看任职"))


def delegations(person: Person) -> Iterator[DeskItem]:
    """经办人授权 about to end."""
    last = clocks.today() + ENDING
    rows = Delegation.objects.current().filter(to_day__lte=last, revoked_at__isnull=True).select_related("person")
    for row in rows:
        yield _account(row.person, "week", "mute", _("授权快到期"), _("{code}，到 {day} 为止").format(code=row.uscc, day=row.to_day), _("看授权"))


def _account(row: Person, group: str, kind: str, word: str, why: str, link: str) -> DeskItem:
    return DeskItem(group, kind, word, f"{row.name}（{row.login_name}）", why, _("系统管理员"), reverse("site:person", args=[row.pk]), link, 20)
