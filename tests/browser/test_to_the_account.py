"""From the county's document to paid in the account: one policy, its people and one firm, in a real browser, over ten days."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.browser.conftest import faults
from tests.browser.county import County, Visitor, later, started, visitor

pytestmark = pytest.mark.browser

POLICY, TITLE, NUMBER = "watch-fair-2026", "钟表企业参展补贴", "演示〔2026〕88号"
TEXT = """钟表企业参展补贴办法
演示〔2026〕88号

第一条 为支持钟表企业参加展销，制定本办法。
第二条 企业在本县行政区域内依法登记。
第三条 企业属于钟表产业集群。
第四条 企业上一季度有开票销售收入。
第五条 每户给予一次性补贴1万元，免申即享。
第六条 预算3万元，用完轮候。
"""
BASIS = "县级财政预算支出，按《公平竞争审查条例》审查，不以特定经营者为对象"
REVIEW = "演示公竞审〔2026〕88号"
CLAUSES = (  # the sentence, and what the editor is told of it
    ("企业在本县行政区域内依法登记", {"fact": "enterprise.registered_region"}, {"op": "in", "value": "430421"}),
    ("企业属于钟表产业集群", {"fact": "enterprise.cluster"}, {"op": "in", "value": "钟表"}),
    ("企业上一季度有开票销售收入", {"fact": "revenue.sales"}, {"over": "previous_quarter", "agg": "sum", "op": ">", "value": "0", "unit": "元"}))
HERE = "enterprise.registered_region = 430421\n"
EXAMPLES = (
    ("在售的表厂", HERE + "enterprise.cluster = 钟表\nrevenue.sales 2026-08 = 30万元", "eligible", "1万元"),
    ("做陶瓷的", HERE + "enterprise.cluster = 陶瓷\nrevenue.sales 2026-08 = 30万元", "ineligible", ""),
    ("销售没有报来", HERE + "enterprise.cluster = 钟表\nrevenue.sales = unknown", "unknown", ""))
FIRM = "衡阳样例泰和皮具表带有限公司"
ACCOUNT, BANK = "81010300000012345", "中国农业银行衡阳县支行"
PDF = {"mimeType": "application/pdf", "buffer": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"}
SECONDS = 60


def paper(name: str) -> dict[str, Any]:
    """A small file as a scanner leaves it."""
    return {"name": f"{name}.pdf", **PDF}


# ── hands and eyes ───────────────────────────────────────────────────────────
def fill(page: Any, **told: Any) -> None:
    """Fill fields by name: a text, a choice, a tick or a file."""
    for name, value in told.items():
        field = page.locator(f"main [name='{name}']:visible").first
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        {"select": field.select_option, "file": field.set_input_files, "checkbox": field.set_checked}.get(kind, field.fill)(value)


def press(page: Any, name: str | re.Pattern[str], within: str = "main") -> None:
    """Press the first button of this name and wait for the answer; a page that tells of a refusal ends the story."""
    with page.expect_navigation():
        page.locator(within).first.get_by_role("button", name=name).first.click()
    refused = page.locator("[data-error-summary], .dg-notice-bad")
    assert not refused.count(), refused.first.inner_text()


def follow(page: Any, name: str | re.Pattern[str]) -> None:
    """Click the first link of this name."""
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def unfold(page: Any, summary: str) -> None:
    """Open a fold, unless it stands open."""
    fold = page.locator("details").filter(has=page.locator("summary", has_text=summary)).first
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()


def good(person: Visitor, name: str) -> None:
    """The page has no fault axe can find, nor is it wider than the screen; with ``DIGUAN_STORY=FOLDER`` a picture is kept."""
    if folder := os.environ.get("DIGUAN_STORY"):
        person.page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}: wider than the screen"
    assert not person.said, f"{name}: {person.said}"
    found = faults(person.page)
    person.said.clear()  # axe measures with styles of its own, which the page's policy refuses
    assert not found, f"{name}: {found}"


def until(person: Visitor, seen: Callable[[], bool]) -> None:
    """Load the page again until it shows what the background work brings."""
    end = time.monotonic() + SECONDS
    while not seen():
        assert time.monotonic() < end, person.page.url
        time.sleep(0.5)
        person.page.reload()


Meet = Callable[..., Any]


@contextmanager
def people(chromium: Any, county: County) -> Iterator[Meet]:
    """Whoever is asked for, each in a browser of their own; in the end nobody's console has complained."""
    from contextlib import ExitStack

    met: dict[str, Visitor] = {}
    with ExitStack() as stack:
        def meet(login: str, **how: str) -> Visitor:
            if login not in met:
                met[login] = stack.enter_context(visitor(chromium, county, login, **how))
            return met[login]

        yield meet
        assert {login: who.said for login, who in met.items() if who.said} == {}


# ── 1. the text becomes rules ────────────────────────────────────────────────
def write_policy(officer: Visitor) -> None:
    """From the pasted text to a kept version."""
    page = officer.page
    officer.go("/policies/")
    follow(page, "政策草稿")
    follow(page, "起草一份政策")
    fill(page, title=TITLE, policy=POLICY, issuer="县科工局", document=NUMBER, source=TEXT)
    press(page, "开始拆条款")
    for sentence, first, then in CLAUSES:
        press(page, f"用“{sentence}”加一条")
        for told in (first, then):
            fill(page, **told)
            press(page, "保存这一条")
    assert page.get_by_text("本条筛去").count() == len(CLAUSES), "each clause says whom it drops"
    good(officer, "01-builder")
    follow(page, re.compile("钱"))
    fill(page, kind="flat", amount="1万元", budget="3万元", when_exhausted="waitlist", delivery="automatic_entitlement", start="2026-01-01", end="2027-12-31",
         legal_basis=BASIS, review_status="passed", review_date="2026-10-20", review_record=REVIEW)
    press(page, "保存钱和期限")
    good(officer, "02-terms")
    for name, held, status, amount in EXAMPLES:
        follow(page, re.compile("样例"))
        follow(page, "加样例")
        fill(page, name=name, as_of="2026-10-31", facts=held, status=status, amount=amount)
        press(page, "保存样例")
    good(officer, "03-examples")
    follow(page, "存一版")
    fill(page, note="第一版，送审")
    press(page, "存下这一版")
    assert officer.page.get_by_text("规则写全了").count()


# ── 2. its life ──────────────────────────────────────────────────────────────
def hand_in(person: Visitor, material: str, **told: Any) -> None:
    """Hand a paper of the policy in."""
    unfold(person.page, "交一份材料")
    person.page.locator("[name='entry']").select_option(label=material)
    fill(person.page, **told)
    press(person.page, "交材料")


def verify(person: Visitor, *materials: str) -> None:
    """Say of papers somebody else handed in that they hold."""
    for material in materials:
        press(person.page, re.compile(f"核实.*{material}"))


def live(meet: Meet) -> None:
    """Reviewed, published by the leader, its version put into the library, its elements extracted."""
    officer, second, leader = meet("officer"), meet("officer2"), meet("leader")
    follow(officer.page, re.compile("审查和发布"))
    good(officer, "04-before-publishing")
    follow(officer.page, "开始政策全过程")
    assert officer.page.locator("[name='policy_id']").input_value() == POLICY
    fill(officer.page, day="2026-10-19")
    press(officer.page, "开始")
    life = officer.page.url.removeprefix(officer.county.address)
    hand_in(officer, "公平竞争审查结论", value="通过", number=REVIEW, issued="2026-10-20", file=paper("公平竞争审查"))
    hand_in(officer, "法律或政策依据", value=BASIS)
    hand_in(officer, "政策文件文本", number=NUMBER, issued="2026-10-31", file=paper("办法"))
    good(officer, "05-life")
    second.go(life)
    verify(second, "公平竞争审查结论", "法律或政策依据", "政策文件文本")
    press(second.page, re.compile("办理“通过公平竞争审查”"))
    hand_in(second, "合法性审查意见", value="通过", number="演示法审〔2026〕8号", issued="2026-10-22", file=paper("合法性审查"))
    officer.go(life)
    verify(officer, "合法性审查意见")
    press(officer.page, re.compile("办理“通过合法性审查”"))
    good(officer, "06-reviewed")
    leader.go(life)
    press(leader.page, re.compile("办理“已发布”"))
    good(leader, "07-published")
    follow(leader.page, "看规则草稿")
    press(leader.page, re.compile("放进政策库"))
    good(leader, "08-policy")
    second.go(life)
    press(second.page, re.compile("办理“要素拆解完成"))
    good(second, "09-matching")


# ── 3. whom it is for ────────────────────────────────────────────────────────
def allocate(officer: Visitor) -> None:
    """Match, allocate, open the claims: five get it, in the order of the line."""
    page = officer.page
    officer.go("/policies/")
    press(page, "重新比对")
    officer.go(f"/policies/{POLICY}/")
    until(officer, lambda: not page.get_by_text("还没有比对过").count())
    good(officer, "10-matched")
    follow(page, re.compile("比对批次"))
    press(page, "分配一次")
    until(officer, lambda: page.get_by_role("link", name=re.compile("^分配")).count() > 0)
    follow(page, re.compile("^分配"))
    follow(page, TITLE)
    assert page.get_by_text("拟安排 3 笔，合计 3 万元").count()
    good(officer, "11-allocated")
    press(page, "据此开兑现")
    good(officer, "12-claims")


# ── 4. the list is confirmed and put up ──────────────────────────────────────
def put_up(meet: Meet) -> None:
    """Confirmed by another officer, its notice entered by one and put up by the other."""
    officer, second = meet("officer"), meet("officer2")
    second.go(f"/policies/{POLICY}/claims/")
    follow(second.page, re.compile("^整批确认"))
    good(second, "13-confirm")
    press(second.page, "确认选中的")
    assert second.page.get_by_text("办成 3 户").count()
    second.go(f"/policies/{POLICY}/claims/")
    follow(second.page, re.compile("^整批公示"))
    follow(second.page, "公示页")
    good(second, "14-publicity")
    second.page.go_back()
    fill(second.page, file=paper("公示页"))
    press(second.page, re.compile("^存到这"))
    officer.go(f"/policies/{POLICY}/claims/publicised/")
    press(officer.page, "公示选中的")
    assert officer.page.get_by_text("办成 3 户").count()
    good(officer, "15-put-up")


# ── 6. the firm says yes ─────────────────────────────────────────────────────
def confirm(agent: Visitor) -> None:
    """On a phone: that it wants it, and where to."""
    page = agent.page
    agent.go("/policies/mine/claims/")
    good(agent, "17-own-claims")
    follow(page, re.compile("^现在去办"))
    fill(page, intent=True, account=ACCOUNT, bank=BANK)
    good(agent, "18-own-claim")
    press(page, "确认意愿和账户")
    good(agent, "19-answered")


# ── 7. conditions, order, treasury ───────────────────────────────────────────
def check(meet: Meet) -> str:
    """What the firm said is right; the conditions and the payee are checked by one and verified by another."""
    officer, second = meet("officer"), meet("officer2")
    second.go(f"/policies/{POLICY}/claims/")
    follow(second.page, FIRM)
    claim = second.page.url.removeprefix(second.county.address)
    press(second.page, "核实无误，转去付款")
    officer.go(claim)
    follow(officer.page, "付款前核查和台账")
    unfold(officer.page, "登记核查意见")
    fill(officer.page, met="1", own="1", file=paper("核查意见"))
    press(officer.page, "登记核查意见")
    second.go(claim)
    follow(second.page, "付款前核查和台账")
    press(second.page, re.compile("^核实无误"))
    good(second, "20-checked")
    return claim


def pay(meet: Meet, claim: str, tmp_path: Path) -> None:
    """Drafted, approved, sent with its list; what the treasury did is entered by one and booked by another."""
    officer, leader, treasury, other = meet("officer"), meet("leader"), meet("treasury"), meet("treasury2")
    officer.go(claim)
    follow(officer.page, "去拟付款通知")
    good(officer, "21-payable")
    press(officer.page, "拟付款通知")
    order = officer.page.url.removeprefix(officer.county.address)
    good(officer, "22-drafted")
    leader.go(order)
    press(leader.page, "审批通过")
    treasury.go(order)
    press(treasury.page, "送国库")
    with treasury.page.expect_download() as coming:
        treasury.page.get_by_role("button", name="导出付款清单").click()
    coming.value.save_as(tmp_path / "order.xlsx")
    cells = [str(cell.value) for row in load_workbook(tmp_path / "order.xlsx").active for cell in row]
    assert {FIRM, ACCOUNT} <= set(cells)
    good(treasury, "23-sent")
    follow(treasury.page, FIRM)
    unfold(treasury.page, "登记支付结果")
    fill(treasury.page, outcome="paid", fen="10000", day=TEN_DAYS_LATER, number="国库〔2026〕1109号", file=paper("拨付凭证"))
    good(treasury, "24-result")
    press(treasury.page, "登记")
    assert not treasury.page.get_by_role("button", name=re.compile("^复核入账")).count(), "who entered it does not book it"
    line = treasury.page.url.removeprefix(treasury.county.address)
    other.go(line)
    press(other.page, re.compile("^复核入账"))
    good(other, "25-booked")


def told(meet: Meet, claim: str) -> None:
    """The firm reads when it was paid and how much; the books agree."""
    agent, treasury = meet("agent"), meet("treasury")
    agent.go(claim)
    assert agent.page.locator("main").get_by_text("已拨付").count()
    assert agent.page.get_by_text(f"{TEN_DAYS_LATER} 付了 1 万元").count()
    good(agent, "26-paid")
    treasury.go("/policies/payments/reconcile/")
    assert treasury.page.get_by_text("都对得上").count()
    good(treasury, "27-reconciled")
    treasury.go(claim.replace("/claims/", "/payments/claims/"))
    good(treasury, "28-ledger")


TEN_DAYS_LATER = "2026-11-09"
"""Put up on Saturday 31 October: the fifth working day is Friday 6 November."""


def test_from_the_countys_document_to_paid_in_the_account(chromium: Any, tmp_path: Path) -> None:
    with started(tmp_path, firms=60) as county, people(chromium, county) as meet:
        write_policy(meet("officer"))
        live(meet)
        allocate(meet("officer"))
        put_up(meet)
    with later(tmp_path, TEN_DAYS_LATER) as county, people(chromium, county) as meet:
        second = meet("officer2")
        second.go(f"/policies/{POLICY}/claims/")
        follow(second.page, re.compile("^公示期满"))
        press(second.page, "选中的没有异议")
        assert second.page.get_by_text("办成 3 户").count()
        good(second, "16-unobjected")
        confirm(meet("agent", size="phone"))
        claim = check(meet)
        pay(meet, claim, tmp_path)
        told(meet, claim)
