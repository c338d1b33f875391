"""The demo's projects of 2026 that are still talked about: nothing is signed but a framework, so none of them counts as contracted.

Two are in talks with an access review under way, one was looked at on site and the bureaus review it jointly, one has its framework agreement.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from diguan.site.demo import investment
from diguan.site.demo.requests import on

if TYPE_CHECKING:
    from diguan.projects.models import Project
    from diguan.site.demo.pipeline import Cast, Walk

WAN = 1_000_000
"""Fen in 10,000 yuan."""
SITE_VISIT, FRAMEWORK = "site_visit", "framework"
# name, investor, province, source, cluster, node, industry, what it makes, planned in 10,000 yuan, opened on
TALKS = (
    ("样例望舒控制板项目", "深圳样例望舒控制板有限公司", "440000", "hometown_ties", "小家电", "controller_board", "3982", "控制板", 13_000, dt.date(2026, 9, 7)),
    ("示例青禾皮表带项目", "温州示例青禾皮具有限公司", "330000", "door_knocking", "钟表", "strap_leather", "1929", "皮表带", 8_600, dt.date(2026, 9, 14)),
    ("演示朗润微电机项目", "常州演示朗润微电机有限公司", "320000", "referral_by_investor", "小家电", "micro_motor", "3813", "微电机", 15_200, dt.date(2026, 8, 24)),
    ("样本远帆智能模组项目", "惠州样本远帆智能模组有限公司", "440000", "chamber", "钟表", "smart_module", "3973", "智能模组", 21_000, dt.date(2026, 8, 10)))


def prepare(cast: Cast) -> list[int]:
    """Open the four, each in one piece, and take them as far as they are; their keys."""
    from diguan.projects.models import Project

    found = []
    for place, told in enumerate(TALKS):
        row = Project.objects.filter(name=told[0]).first()
        if row is None:
            with transaction.atomic():
                row = _opened(place, cast)
        found.append(row.pk)
    return found


def _opened(place: int, cast: Cast) -> Project:
    from diguan.projects.actions import projects
    from diguan.site.demo.pipeline import NEGOTIATING, Walk

    name, investor, region, source, cluster, node, industry, makes, planned, day = TALKS[place]
    with on(day):
        row = projects.open_project(said=projects.Said(name=name, investor=investor, source=source, region=region, node=node, cluster=cluster, industry=industry, told=f"年产{makes}，租用标准厂房", planned_fen=planned * WAN), by=cast.first)
    walk = Walk(cast, row, place, NEGOTIATING, None, None)
    walk.go()
    if place == 2:
        _looked_at(walk)
    elif place == 3:
        _framed(walk)
    return row


def _looked_at(walk: Walk) -> None:
    """They were here; the bureaus look at it together."""
    from diguan.projects.actions import joint

    day = dt.date(2026, 10, 15)
    with on(day):
        walk.prove("site_visit_record", "实地考察记录", day)
        walk.pass_to(SITE_VISIT, day)
    with on(dt.date(2026, 10, 27)):
        joint.start_joint(project=walk.row, asked="拟租用标准厂房 6,000 平方米，用电 1,250 千伏安，请看准入、环评和消防", by=walk.cast.first)


def _framed(walk: Walk) -> None:
    """A framework agreement, which counts for nothing."""
    day = dt.date(2026, 9, 28)
    with on(day):
        investment.contract(walk.row, walk.row.planned_fen or 0, day, "框架-2026-01", walk.cast.first, walk.cast.second, kind="framework")
        walk.pass_to(FRAMEWORK, day)
