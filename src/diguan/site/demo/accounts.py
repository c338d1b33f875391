"""The demo county's offices and people. The passwords are public: they open nothing but synthetic data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diguan.kernel.access.models import Person, Unit


class Account(NamedTuple):
    """One demo account; ``unit`` is the code of an office, empty for an enterprise's agent."""

    password: str
    role: str
    name: str
    unit: str


PASSWORD = "hengyang-demo-2026"  # noqa: S105 (public on purpose)
ACCOUNTS = {
    "leader": Account(PASSWORD, "leader", "周示例", "county"),
    "officer": Account(PASSWORD, "policy_officer", "李示例", "science-industry"),
    "officer2": Account(PASSWORD, "policy_officer", "孙示例", "science-industry"),
    "clerk": Account(PASSWORD, "data_clerk", "王演示", "data-bureau"),
    "bureau": Account(PASSWORD, "bureau_clerk", "刘演示", "human-resources"),
    "head": Account(PASSWORD, "bureau_head", "何样本", "city-management"),
    "helper": Account(PASSWORD, "case_assistant", "钱样例", "watch-park"),
    "chain": Account(PASSWORD, "chain_officer", "陈示例", "science-industry"),
    "chain2": Account(PASSWORD, "chain_officer", "冯样例", "watch-park"),
    "invest": Account(PASSWORD, "promotion_officer", "许示例", "commerce"),
    "invest2": Account(PASSWORD, "promotion_officer", "曹演示", "commerce"),
    "town": Account(PASSWORD, "town_officer", "彭样例", "jiepai"),
    "service": Account(PASSWORD, "service_officer", "谢演示", "approval"),
    "service2": Account(PASSWORD, "service_officer", "罗样例", "approval"),
    "treasury": Account(PASSWORD, "finance_officer", "吴演示", "treasury"),
    "treasury2": Account(PASSWORD, "finance_officer", "郑样例", "treasury"),
    "stat": Account(PASSWORD, "statistics_officer", "唐示例", "statistics"),
    "stat2": Account(PASSWORD, "statistics_officer", "黎样例", "statistics"),
    "agent": Account(PASSWORD, "enterprise_agent", "陈样例", ""),
    "admin": Account(PASSWORD, "administrator", "赵样本", "county"),
}
COUNTY = "衡阳县"
SINCE = dt.date(2026, 1, 1)
EARLIER = {login: dt.date(2024, 1, 1) for login in ("leader", "chain", "chain2", "invest", "invest2", "town", "service", "service2", "stat", "stat2")}
"""Those in post long enough for 2025, from which the demo's trips, projects and first cases are told."""
UNITS = (
    ("science-industry", "县科工局", "bureau"), ("development-reform", "县发改局", "bureau"), ("human-resources", "县人社局", "bureau"),
    ("commerce", "县商务局", "bureau"), ("market-regulation", "县市监局", "bureau"), ("tax", "县税务局", "bureau"), ("treasury", "县财政局", "bureau"),
    ("data-bureau", "县数据局", "bureau"), ("statistics", "县统计局", "bureau"), ("watch-park", "钟表产业园管委会", "park"), ("xidu-park", "西渡高新区管委会", "park"),
    ("xidu", "西渡镇", "town"), ("jiepai", "界牌镇", "town"),
    # Who handles matters: bureaus of the county, and windows of others in it.
    ("approval", "县行政审批局", "bureau"), ("public-security", "县公安局", "bureau"), ("medical-insurance", "县医保局", "bureau"), ("housing-fund", "市住房公积金中心衡阳县管理部", "bureau"),
    ("bank-window", "人民银行衡阳县服务点", "bureau"), ("natural-resources", "县自然资源局", "bureau"), ("housing", "县住建局", "bureau"), ("environment", "市生态环境局衡阳县分局", "bureau"),
    ("water-resources", "县水利局", "bureau"), ("emergency", "县应急局", "bureau"), ("weather", "县气象局", "bureau"), ("city-management", "县城管执法局", "bureau"),
    ("power", "国网衡阳县供电公司", "bureau"), ("water-company", "县自来水公司", "bureau"), ("gas-company", "县燃气公司", "bureau"), ("science-window", "市科技局衡阳县窗口", "bureau"),
    ("customs", "衡阳海关", "bureau"), ("trade-council", "市贸促会衡阳县服务点", "bureau"),
)


def found(agent_for: Iterable[str]) -> None:
    """Make what is not there yet of offices, people, posts and the agent's delegations, through the ordinary actions.

    Args:
        agent_for: credit codes of the enterprises the agent acts for.
    """
    from diguan.kernel.access import actions

    administrator = person("admin")
    if administrator is None:
        mine = ACCOUNTS["admin"]
        administrator = actions.found_county(county=COUNTY, login_name="admin", name=mine.name, password=mine.password)
    units = _units(administrator)
    for login, account in ACCOUNTS.items():
        who = person(login) or actions.create_person(login_name=login, name=account.name, password=account.password,
                                                     must_change_password=False, by=administrator)
        if not who.posts.exists():
            actions.appoint(person=who, role=account.role, unit=units.get(account.unit), from_day=EARLIER.get(login, SINCE), by=administrator)
    agent = known("agent")
    for code in agent_for:
        if not agent.delegations.filter(uscc=code).exists():
            actions.delegate(person=agent, uscc_code=code, evidence="法定代表人授权委托书（演示）", from_day=SINCE, by=administrator)


def _units(administrator: Person) -> dict[str, Unit]:
    from diguan.kernel.access import actions
    from diguan.kernel.access.models import Unit

    units = {unit.code: unit for unit in Unit.objects.all()}
    for code, name, kind in UNITS:
        if code not in units:
            units[code] = actions.create_unit(code=code, name=name, kind=kind, parent=units["county"], by=administrator)
    return units


def person(login: str) -> Person | None:
    """The person with this login name, if there is one."""
    from diguan.kernel.access.models import Person

    return Person.objects.filter(login_name=login).first()


def known(login: str) -> Person:
    """The person with this login name, who has been made."""
    from diguan.kernel.access.models import Person

    return Person.objects.get(login_name=login)
