"""A hometown acquaintance brings a movement maker: answered in a day, a visit, the bureaus' joint review, the contract, the land, bank slips, production."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.browser.conftest import Acting
from tests.browser.county import PASSWORDS, County
from tests.browser.test_to_the_account import fill, follow, paper, press, unfold

pytestmark = pytest.mark.browser

BUREAUS = {"development_reform": "县发改局", "natural_resources": "县自然资源局", "environment": "市生态环境局衡阳县分局", "emergency": "县应急局", "science_industry": "县科工局"}
"""Who gives an opinion beside the promotion bureau; the demo has no clerk there yet, so the administrator appoints them."""
FIGURES = {"investment": "20000", "land": "50", "tax": "2000", "floor": "40000", "base": "16000", "site": "33333", "jobs": "300", "research": "4"}
SIGNS = "岚昀泓霁煊瑄沣玥祺曦珩筠蔚骁翊铄"


@dataclass
class Story:
    """What one telling of it is about: an investor nobody has heard of, papers with numbers of their own, and where its pages are."""

    number: str = field(default_factory=lambda: f"{time.time_ns() // 1_000_000:x}")
    investor: str = field(default_factory=lambda: f"深圳{''.join(random.sample(SIGNS, 6))}机芯有限公司")
    phone: str = field(default_factory=lambda: f"139{time.time_ns() // 1_000_000 % 10**8:08d}")
    lead: str = ""
    project: str = ""
    joint: str = ""
    review: str = ""
    agreement: str = ""

    @property
    def title(self) -> str:
        """The project's name."""
        return f"{self.investor[2:8]}石英机芯项目"

    def slip(self, place: int) -> str:
        """The number of a bank slip."""
        return f"回单{self.number}-{place}"


def choose(page: Any, name: str, label: str | re.Pattern[str], within: str = "main") -> None:
    """The first choice of a field that says this."""
    options = page.locator(f"{within} [name='{name}'] option").all()
    value = next(one.get_attribute("value") for one in options if re.search(label, one.inner_text()))
    page.locator(f"{within} [name='{name}']").first.select_option(value)


def body(page: Any) -> str:
    """All the page says."""
    return str(page.inner_text("main"))


def stage(page: Any) -> str:
    """Where the project stands, as its bar says."""
    return str(page.locator("main [aria-current='step']").first.inner_text())


# ── the lead ─────────────────────────────────────────────────────────────────
def registered(story: Story) -> Callable[[Any], None]:
    """The town writes down who wants to come, and asks the promotion bureau to take it over."""
    def deed(page: Any) -> None:
        fill(page, firm_name=story.investor, title=story.title, source_note="界牌老乡在深圳的厂里谈起", told="建石英机芯生产线，供县内钟表企业", investment_fen="2 亿元", land="50", jobs="300", contact_name="刘样例", contact_phone=story.phone)
        choose(page, "source", "乡情招商")
        options = page.locator("main [name='referrer'] option")
        if options.count() > 1:
            page.locator("main [name='referrer']").select_option(index=1)
        press(page, "登记这条线索")
        assert "已登记" in body(page)
        assert "答复引荐人" in body(page)
        assert story.phone not in body(page), "the number is shown for a reason only"
        assert "1 个工作日" in body(page) or "1个工作日" in body(page), "it is answered in a day"
        story.lead = page.url
        unfold(page, "交给别人")
        form = page.locator("form[action$='/do/offer/']")
        choose(page, "to", "许示例", "form[action$='/do/offer/']")
        form.locator("[name='note']").fill("想谈机芯，请商务局接着跟")
        press(page, "请对方接手")
        assert "还没答复" in body(page)
    return deed


def taken_over(story: Story) -> Callable[[Any], None]:
    """The officer takes it, calls the same day and says what to make of it."""
    def deed(page: Any) -> None:
        row = page.locator("main li", has_text=story.title)
        with page.expect_navigation():
            row.get_by_role("button", name="我来跟进").click()
        page.goto(story.lead)
        assert "许示例，保护到" in page.inner_text("body")
        form = page.locator("form[action$='/do/respond/']")
        form.locator("[name='what']").fill("当天打了电话，老板愿意来看")
        press(page, "记下首次联系")
        assert "已首次联系" in page.inner_text("body")
        page.locator("form[action$='/do/judge/'] [name='opinion']").fill("补石英机芯缺口，投资方做了十年，请来看厂房")
        press(page, "写研判意见")
        assert "已研判，跟进中" in page.inner_text("body")
    return deed


def visited(story: Story) -> Callable[[Any], None]:
    """What was said on the visit."""
    def deed(page: Any) -> None:
        fill(page, name=story.investor, said="看了车间和三年的报表，缺标准厂房", next_step="请来县里看地")
        page.locator("main [name='outcome']").select_option(index=1)
        page.get_by_role("button", name="记下走访").click()
        page.get_by_text(f"传上去了：{story.investor}").wait_for()
        page.goto(f"{page.url.partition('/log/')[0]}/visits/")
        follow(page, story.investor)
        assert "看了车间和三年的报表" in body(page)
    return deed


# ── the project ──────────────────────────────────────────────────────────────
def opened(story: Story) -> Callable[[Any], None]:
    """The lead becomes a project, and the gate names who is still to be named before it moves."""
    def deed(page: Any) -> None:
        assert page.locator("main [name='investor']").input_value() == story.investor
        fill(page, industry="4030", node="movement_quartz", cluster="钟表")
        press(page, "立项")
        story.project = page.url.rstrip("/")
        assert "研判" in stage(page)
        page.goto(f"{story.project}/gate/negotiating/")
        assert "还不能进入“在谈”" in page.inner_text("h1")
        assert "链长、链班、服务专员都已明确" in body(page)
        page.goto(story.project + "/")
        unfold(page, "明确三个人")
        form = "form[action$='/team/']"
        choose(page, "chain_chief", "周示例", form)
        choose(page, "task_force", "县科工局", form)
        choose(page, "service_officer", "许示例", form)
        press(page, "就这三个人")
        press(page, "进入“在谈”")
        assert "在谈" in stage(page)
    return deed


def referrer_told(story: Story) -> Callable[[Any], None]:
    """The lead leads on to its project, and whoever brought it is told how it stands."""
    def deed(page: Any) -> None:
        assert "已立为项目" in page.inner_text("body")
        unfold(page, "答复引荐人")
        page.locator("form[action$='/do/feedback/'] [name='what']").fill("已经立项，约好来看地")
        press(page, "记下答复")
        assert "答复引荐人：已经立项，约好来看地" in body(page)
        assert page.locator(f"main a[href='{story.project[story.project.index('/projects/'):]}/']").count()
    return deed


def handed_in(story: Story, to: str, number: str) -> Callable[[Any], None]:
    """The paper a gate asks for, at the gate; who hands it in finds no button to verify it."""
    def deed(page: Any) -> None:
        page.goto(f"{story.project}/gate/{to}/")
        form = page.locator("main form:has(input[type='file']):visible").first
        form.locator("[name='number']").fill(f"{number}{story.number}")
        form.locator("[name='issued']").fill("2026-10-12")
        form.locator("[name='file']").set_input_files(paper(number))
        press(page, "存下这一项")
        page.goto(story.project + "/")
        row = page.locator("#papers").locator("xpath=ancestor::section[1]").locator("tr", has_text=number).last
        assert "您填的，要另一个人核实" in row.inner_text()
        assert not row.get_by_role("button", name="核实").count()
    return deed


def paper_verified(story: Story, number: str) -> Callable[[Any], None]:
    """Another person holds it against the original."""
    def deed(page: Any) -> None:
        row = page.locator("tr", has_text=f"{number}{story.number}").last
        with page.expect_navigation():
            row.get_by_role("button", name="核实").first.click()
        assert "已核实" in page.locator("tr", has_text=f"{number}{story.number}").last.inner_text()
    return deed


def moved(title: str) -> Callable[[Any], None]:
    """The project goes on to the stage of this name."""
    def deed(page: Any) -> None:
        press(page, f"进入“{title}”")
        assert title in stage(page)
    return deed


def closed(story: Story, to: str, *lacks: str) -> Callable[[Any], None]:
    """Too early: the gate says what is missing, and offers no way through."""
    def deed(page: Any) -> None:
        page.goto(f"{story.project}/gate/{to}/")
        text = body(page)
        assert "还差" in text
        for each in lacks:
            assert each in text, each
        assert not page.get_by_role("button", name=re.compile("^进入“")).count()
    return deed


# ── looked at ────────────────────────────────────────────────────────────────
def appointed(login: str, unit: str) -> Callable[[Any], None]:
    """The administrator makes an account for a bureau's clerk."""
    def deed(page: Any) -> None:
        fill(page, login_name=login, name=f"{unit[-4:]}经办", password=PASSWORDS[login])
        press(page, "建立账号")
        page.locator("main [name='role']").select_option("bureau_clerk")
        choose(page, "unit", f"^{unit}")
        with page.expect_navigation():
            page.locator("main form button[type='submit']").first.click()
        assert unit in page.inner_text("main")
    return deed


def own_password(login: str) -> Callable[[Any], None]:
    """At the first login everybody takes a password of their own."""
    def deed(page: Any) -> None:
        mine = f"bureau-{time.time_ns()}"
        for name, value in (("current", PASSWORDS[login]), ("password", mine), ("again", mine)):
            page.locator(f"[name='{name}']").fill(value)
        press(page, "改密码")
        PASSWORDS[login] = mine
    return deed


def asked_all(story: Story) -> Callable[[Any], None]:
    """All bureaus are asked at once, and an access review is begun and filled in."""
    def deed(page: Any) -> None:
        page.fill("#joint-asked", "土地和环评能不能过")
        press(page, "发起联合审查")
        story.joint = page.url.rstrip("/")
        assert "还等 6 个部门的意见" in body(page)
        page.goto(story.project + "/")
        press(page, "开始准入评审")
        for one in page.locator("main select[name^='veto-']").all():
            one.select_option("no")
        for one in page.locator("main select[name^='check-']").all():
            one.select_option("yes")
        for one in page.locator("main select[name^='choice-']").all():
            one.select_option(index=1)
        for name, value in FIGURES.items():
            page.fill(f"[name='input-{name}']", value)
        press(page, "保存填报")
        story.review = page.url.rstrip("/")
        assert not page.get_by_role("button", name="填报属实").count(), "who filled it in does not verify it"
    return deed


def opinion(story: Story) -> Callable[[Any], None]:
    """One bureau's opinion, from the list of what waits for it."""
    def deed(page: Any) -> None:
        follow(page, story.title)
        form = page.locator("main form[action*='/joint/']:has([name='verdict'])")
        assert form.count() == 1, "a bureau writes its own opinion only"
        form.locator("[name='verdict']").select_option("agreed")
        form.locator("[name='words']").fill("没有意见")
        press(page, re.compile("提出意见"))
        assert "没有意见" in body(page)
    return deed


def concluded(story: Story) -> Callable[[Any], None]:
    """After the last opinion the meeting is held and written down."""
    def deed(page: Any) -> None:
        fill(page, conclusion="各部门都同意，用地按工业用地出让")
        press(page, "记下结论，结束审查")
        assert "已结束" in page.inner_text("body")
    return deed


def review_verified(page: Any) -> None:
    """Another officer says that what was filled in is true."""
    press(page, "填报属实")


def met(page: Any) -> None:
    """The meeting is noted with its minutes."""
    fill(page, members="商务、发改、自然资源、生态环境、应急、科工", file=paper("纪要"))
    press(page, "记下评审会")
    assert not page.get_by_role("button", name="就这样决定").count(), "who filled it in does not decide"


def decided(page: Any) -> None:
    """The leader passes it."""
    page.locator("main [name='decision']").select_option("passed")
    press(page, "就这样决定")
    assert "通过" in page.inner_text("body")


# ── signed ───────────────────────────────────────────────────────────────────
def signed(story: Story) -> Callable[[Any], None]:
    """The contract with its one promise is entered; who enters it finds no button to verify it."""
    def deed(page: Any) -> None:
        follow(page, "录入协议")
        page.locator("main [name='kind']").select_option("contract")
        fill(page, number=f"合同{story.number}", signed_on="2026-10-12", minor="2 亿元", proof=paper("合同"))
        press(page, "录入协议")
        story.agreement = page.url.rstrip("/")
        unfold(page, "登记一条承诺")
        form = page.locator("form[action$='/promises/']")
        form.locator("[name='kind']").select_option("land")
        form.locator("[name='text']").fill("按工业用地招拍挂出让 50 亩")
        form.locator("[name='legal_basis']").fill("招标拍卖挂牌出让国有建设用地使用权规定第四条")
        press(page, "登记承诺")
        assert "按工业用地招拍挂出让 50 亩" in body(page)
        assert not page.get_by_role("button", name="核实无误").count()
        assert "要由另一个人对着扫描件核实" in body(page)
        assert "还没有由另一个人核实" in body(page), "nothing counts yet"
    return deed


def promise_reviewed(page: Any) -> None:
    """Fair competition is looked at by somebody who entered nothing of it."""
    unfold(page, "记审查结论")
    form = page.locator("form[action$='/review/']")
    form.locator("[name='conclusion']").select_option("passed")
    form.locator("[name='review_note']").fill("不以特定经营者为对象")
    form.locator("[name='proof']").set_input_files(paper("审查表"))
    press(page, "记下结论")


def contract_verified(page: Any) -> None:
    """Held against the scan by another, it counts whole."""
    press(page, "核实无误")
    assert "首次签订正式合同，全额计入" in body(page)
    assert "2 亿元" in body(page).replace("2.00", "2")


def not_by_me(story: Story) -> Callable[[Any], None]:
    """Everything is there, but who did it does not let it through."""
    def deed(page: Any) -> None:
        page.goto(f"{story.project}/gate/contract/")
        assert "请另一个人来" in body(page)
        assert not page.get_by_role("button", name=re.compile("^进入“")).count()
    return deed


def firm_linked(code: str) -> Callable[[Any], None]:
    """The firm the investor founded here is named by its code."""
    def deed(page: Any) -> None:
        fill(page, enterprise=code)
        press(page, "保存修改")
        assert "项目公司" in body(page)
    return deed


# ── paid, built, running ─────────────────────────────────────────────────────
def slip_entered(story: Story) -> Callable[[Any], None]:
    """Two bank slips; the same slip twice is refused, and nothing has arrived until another has seen it."""
    def deed(page: Any) -> None:
        for place, (kind, amount) in enumerate((("capital", "3000"), ("land", "1250.5"))):
            _slip(page, story.slip(place), kind, amount)
            press(page, "录入到资")
        _slip(page, story.slip(1), "land", "1250.5")
        with page.expect_navigation():
            page.get_by_role("button", name="录入到资").click()
        assert page.locator("[data-error-summary]").count(), "a slip counts once"
        page.goto(f"{story.project}/funds/")
        assert _arrived(page) == "0"
        follow(page, story.slip(0))
        assert not page.get_by_role("button", name="核实无误").count()
        assert "要由另一个人对着凭证核实" in body(page)
    return deed


def _slip(page: Any, number: str, kind: str, amount: str) -> None:
    unfold(page, "录入一笔到资")
    page.locator("main [name='kind']").select_option(kind)
    fill(page, paid_on="2026-10-13", amount_fen=amount, document=number, proof=paper("回单"))


def _arrived(page: Any) -> str:
    found = re.search(r"到位资金\s*([\d.,]+)", body(page))
    assert found, body(page)
    return found[1]


def slips_verified(story: Story) -> Callable[[Any], None]:
    """Another holds both against the bank's paper: now the money is in place."""
    def deed(page: Any) -> None:
        for place in (0, 1):
            page.goto(f"{story.project}/funds/")
            follow(page, story.slip(place))
            press(page, "核实无误")
        page.goto(f"{story.project}/funds/")
        assert "4,250.5" in body(page)
    return deed


def counted(story: Story) -> Callable[[Any], None]:
    """The project's page at the end: in production, the contract counted, the money in place, who did what."""
    def deed(page: Any) -> None:
        text = body(page)
        assert "投产" in stage(page)
        assert "首次签订正式合同，全额计入" in text
        assert re.search(r"计入合同引资额\s*2\s*亿元", text)
        assert re.search(r"到位资金\s*4,250\.5", text)
        assert "看台账（2 笔）" in text
    return deed


def at_figures(story: Story) -> Callable[[Any], None]:
    """The contract stands among those that count."""
    def deed(page: Any) -> None:
        row = page.locator("main table tbody tr", has_text=story.title)
        assert row.count() == 1
        assert "计入" in row.inner_text()
        assert "首次签订正式合同，全额计入" in row.inner_text()
    return deed


def looked_at(act: Acting, county: County, story: Story) -> None:
    """The bureaus' opinions, the meeting, the review and the decision."""
    act("invest", asked_all(story), story.project + "/")
    act("invest", closed(story, "contract", "通过准入评审", "有核实过的正式合同", "协议里每条承诺都通过公平竞争审查"), story.project + "/")
    act("invest2", opinion(story), f"{county.address}/projects/joint/")
    for place, unit in enumerate(BUREAUS.values()):
        login = f"j{story.number}{place}"
        PASSWORDS[login] = f"first-{story.number}-Word"
        act("admin", appointed(login, unit), f"{county.address}/people/new/")
        act(login, own_password(login), f"{county.address}/password/")
        act(login, opinion(story), f"{county.address}/projects/joint/")
    act("invest", concluded(story), story.joint + "/")
    act("invest2", review_verified, story.review + "/")
    act("invest", met, story.review + "/")
    act("leader", decided, story.review + "/")


def agreed(act: Acting, story: Story) -> None:
    """The contract, its promise, and the gate that somebody else opens."""
    act("invest", signed(story), story.project + "/")
    act("officer", promise_reviewed, story.agreement + "/")
    act("invest2", contract_verified, story.agreement + "/")
    act("invest", not_by_me(story), story.project + "/")
    act("leader", moved("正式合同"), story.project + "/")


def built(act: Acting, story: Story, firm: str) -> None:
    """The firm, the land, the start of construction, the slips, production."""
    act("invest", firm_linked(firm), story.project + "/change/")
    act("invest", moved("已注册"), story.project + "/")
    act("invest", closed(story, "sited", "土地或厂房已落实"), story.project + "/")
    for to, title, number, mover in (("sited", "供地或入驻", "土地票据", "invest"), ("construction", "开工", "施工许可", "leader")):
        act("invest", handed_in(story, to, number), story.project + "/")
        act("invest2", paper_verified(story, number), story.project + "/")
        act(mover, moved(title), story.project + "/")
    act("invest2", closed(story, "production", "有核实过的到位资金", "投产证明"), story.project + "/")
    act("invest", slip_entered(story), story.project + "/funds/")
    act("invest2", slips_verified(story), story.project + "/funds/")
    act("invest", handed_in(story, "production", "投产核验"), story.project + "/")
    act("invest2", paper_verified(story, "投产核验"), story.project + "/")
    act("invest2", moved("投产"), story.project + "/")


def test_a_hometown_acquaintance_brings_a_movement_maker(act: Acting, county: County) -> None:
    story = Story()
    act("town", registered(story), f"{county.address}/projects/leads/new/")
    act("invest", taken_over(story), f"{county.address}/projects/leads/offers/")
    act("invest", visited(story), f"{county.address}/outreach/log/", "phone")
    lead = story.lead.rstrip("/").rpartition("/")[2]
    act("invest", opened(story), f"{county.address}/projects/new/?lead={lead}")
    act("invest", referrer_told(story), story.lead)
    act("invest", handed_in(story, "site_visit", "考察记录"), story.project + "/")
    act("invest2", paper_verified(story, "考察记录"), story.project + "/")
    act("invest", moved("实地考察"), story.project + "/")
    looked_at(act, county, story)
    agreed(act, story)
    built(act, story, county.firm)
    act("leader", counted(story), story.project + "/")
    act("leader", at_figures(story), f"{county.address}/projects/counting/?q={story.title}")
    assert act.seen == []
