"""Briefings: from one snapshot alone, by three people, whole or signed with a reason, an old edition kept."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from xml.etree import ElementTree as ET

import docx
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from diguan.indicators.actions import briefings as actions
from diguan.indicators.actions.snapshots import take_snapshot
from diguan.indicators.engine import tables
from diguan.indicators.models import Briefing, PublishedMonth
from diguan.indicators.queries import briefing_template, compose, published, register, snapshots, wording
from diguan.indicators.queries import briefings as queries
from diguan.indicators.tests.factories import HEAD, briefing_factory, firms, sign, told
from diguan.indicators.web import briefing_pdf, briefing_word, drawn
from diguan.indicators.web.briefing_words import around
from diguan.kernel import access, packs
from diguan.kernel.events import Event
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory, post_factory

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
SEPTEMBER, OCTOBER = dt.date(2025, 9, 30), dt.date(2025, 10, 31)
PACK = """
- code: a.tax
HEAD
  fact: tax.paid
  by: [cluster]
  public: true
- code: a.growth
HEAD
  fact: tax.paid
  change: yoy
- code: a.rate
HEAD
  measure: enterprises.registered
  fold: distinct
  span: day
- code: b.jobs
HEAD
  fact: jobs.headcount
"""
TEMPLATE = """
- title: {zh: "{county}{year} 年 {month} 月简报", en: "{county}: {month} {year}"}
  subscribers: [leader]
  sections:
    - title: {zh: 税收, en: Tax}
      paragraphs:
        - {zh: "入库税收{a.tax}，{a.tax yoy}，{a.growth grew}；分集群，{a.tax by=cluster}。", en: "Tax paid {a.tax}, {a.tax yoy}, {a.growth grew}; by cluster {a.tax by=cluster}."}
      tables:
        - {title: {zh: 主要, en: Main}, codes: [a.tax, a.rate]}
        - {title: {zh: 分集群, en: By cluster}, codes: [a.tax], by: cluster}
      charts:
        - {title: {zh: 走势, en: Trend}, codes: [a.tax], months: 3}
"""


@pytest.fixture
def pack(tmp_path, monkeypatch):
    """A pack of indicators and a template; ``write`` changes either."""
    folder = tmp_path / "own"
    folder.mkdir()

    def write(indicators=PACK, template=TEMPLATE):
        (folder / "indicators.yaml").write_text(indicators.replace("HEAD", HEAD.strip("\n")), "utf-8")
        (folder / "briefing.yaml").write_text(template, "utf-8")
        register._book.cache_clear()
        briefing_template._template.cache_clear()

    own = {"indicators.yaml", "briefing.yaml"}
    monkeypatch.setattr(packs, "files", lambda name: iter([folder / name] if name in own else sorted(packs.SHIPPED.glob(f"base/{name}"))))
    write()
    yield write
    register._book.cache_clear()
    briefing_template._template.cache_clear()


@pytest.fixture
def county(pack):
    """Four firms of one cluster and three of another, whose tax was told for two Augusts, whole."""
    rows = [*firms(4), *firms(3, "陶瓷")]
    told("tax.paid", {row.uscc: {"2024-08": 1_000_000} for row in rows}, whole=("2024-08",))
    told("tax.paid", {row.uscc: {"2025-08": 1_500_000} for row in rows}, whole=("2025-08",))
    return rows


def stat():
    return person_factory("statistics_officer")


def taken(day=SEPTEMBER):
    return take_snapshot(by=stat(), as_of=day)


def drafted(day=SEPTEMBER, month="2025-08", by=None, **more):
    return actions.draft_briefing(month=month, run=taken(day), by=by or stat(), **more)


def prose(row, language="zh"):
    return ["".join(piece["t"] for piece in block["pieces"]) for section in row.document(language)["sections"] for block in section["blocks"] if block["kind"] == "text"]


# ── what it says ─────────────────────────────────────────────────────────────
def test_sentences_say_what_the_cells_of_the_snapshot_come_to(county):
    row = drafted()
    assert prose(row) == ["入库税收 10.5 万元，同比增长 50%，同比增长 50%；分集群，钟表 6 万元、陶瓷 4.5 万元。"]
    assert prose(row, "en") == ["Tax paid 105,000 yuan, up 50% on a year earlier, up 50% on a year earlier; by cluster 钟表 60,000 yuan, 陶瓷 45,000 yuan."]
    assert row.document("zh")["title"].endswith("2025 年 8 月简报")
    (chart,) = [block for block in row.document("zh")["sections"][0]["blocks"] if block["kind"] == "chart"]
    assert (chart["labels"], chart["series"][0]["points"]) == (["2025-06", "2025-07", "2025-08"], [None, None, "105000"])


def test_a_chart_marks_its_points_with_what_they_say_and_writes_whole_names_beside_its_lines():
    names = ["钟表产业链上的全部企业", "Tax paid of every other cluster"]
    block = {"kind": "chart", "title": "走势", "unit": "元", "labels": ["2025-07", "2025-08"], "series": [{"name": name, "points": [None, amount]} for name, amount in zip(names, ("20000000", "15000000"), strict=True)]}
    picture = ET.fromstring(drawn.svg(block, "zh", "sans"))
    marks = list(picture.iter(f"{SVG}path"))
    assert [[element.text for element in mark] for mark in marks] == [["2025-08 2,000"], ["2025-08 1,500"]]
    assert all(mark.get("d", "").startswith("M") and mark.get("fill") for mark in marks)
    beside = {element.text: element for element in picture.iter(f"{SVG}text") if element.text in names}
    wide = int(picture.get("viewBox").split()[2])
    assert list(beside) == names
    assert all(float(one.get("x")) + 7 * len(one.text) <= wide for one in beside.values())


def test_every_figure_is_a_cell_of_the_snapshot_and_has_its_note(county):
    row = drafted()
    figures = snapshots.figures(stat(), row.snapshot)
    document = row.document("zh")
    notes = {note["n"]: note["text"] for note in document["notes"]}
    said = compose.figures_of(document)
    assert len(said) > 8
    for piece in said:
        assert figures.cell(piece["code"], piece["period"], piece["dim"], piece["group"]).state == piece["state"]
        assert piece["code"] in notes[piece["n"]]
        assert row.snapshot.run_id[:12] in notes[piece["n"]]
        assert "数据截至 2025-09-30" in notes[piece["n"]]


def test_one_row_changed_changes_the_sentence(county):
    first = drafted()
    told("tax.paid", {county[0].uscc: {"2025-08": 2_000_000}})
    again = actions.rewrite_briefing(briefing=first, version=first.version, run=taken(), by=stat())
    assert prose(again)[0].startswith("入库税收 11 万元，同比增长 57.1%")


def test_a_decrease_is_a_word_and_not_a_sign(county):
    told("tax.paid", {row.uscc: {"2025-08": 500_000} for row in county})
    assert "同比下降 50%" in prose(drafted())[0]


def test_the_difference_of_rates_is_in_points(county, pack):
    rate = "- code: a.share\nHEAD\n  top: a.watch\n  bottom: a.tax\n  part: true\n"
    pack(PACK + "- code: a.watch\nHEAD\n  fact: tax.paid\n  where: {cluster: [钟表]}\n" + rate, TEMPLATE.replace("{a.tax}，", "{a.share}，{a.share yoy}，").replace("paid {a.tax}, {", "paid {a.share}, {a.share yoy}, {"))
    told("tax.paid", {row.uscc: {"2025-08": 3_000_000} for row in county[:4]})
    said = prose(drafted())[0]
    assert "同比上升 15.6 个百分点" in said


def test_two_firms_are_not_told_of_in_word_table_or_file(pack):
    two = firms(2)
    rows = [*two, *firms(5, "陶瓷"), *firms(4, "小家电")]
    told("tax.paid", {row.uscc: {"2025-08": 7_770_000 if row in two else 1_500_000} for row in rows}, whole=("2025-08",))
    row = drafted()
    assert "15.54" not in str(row.text)
    assert "另有 2 组没有数据或不足 3 户，不列" in prose(row)[0]
    assert "不足 3 户，不公布" in str(row.document("zh")["sections"])


# ── not whole ────────────────────────────────────────────────────────────────
@pytest.fixture
def torn(pack):
    """A month told of three firms of four."""
    rows = firms(4)
    told("tax.paid", {row.uscc: {"2024-08": 1_000_000} for row in rows}, whole=("2024-08",))
    told("tax.paid", {row.uscc: {"2025-08": 1_500_000} for row in rows[:3]})
    return rows


def test_a_figure_told_in_part_says_so_and_is_not_signed_without_a_reason(torn):
    row = drafted()
    assert "数据不全，4 户里有 3 户" in prose(row)[0]
    assert {each["code"] for each in row.partial} >= {"a.tax"}
    row = actions.review_briefing(briefing=row, version=row.version, digest=row.digest, by=stat())
    with pytest.raises(Refusal) as refused:
        actions.sign_briefing(briefing=row, version=row.version, digest=row.digest, by=person_factory("leader"))
    assert refused.value.code == "partial"
    assert any("4 户里有 3 户" in text for text in refused.value.texts("zh"))
    row.refresh_from_db()
    assert row.state == "reviewed"
    signed = actions.sign_briefing(briefing=row, version=row.version, digest=row.digest, by=person_factory("leader"), reason="一户停报，已核实不影响")
    assert signed.published
    assert any("一户停报，已核实不影响" in line for box in around(signed, "zh")["boxes"] for line in box["lines"])
    assert Event.objects.filter(verb="briefing_signed").get().reason == "一户停报，已核实不影响"


def test_a_figure_nobody_told_is_no_zero_and_stops_the_signature_too(pack):
    firms(4)
    row = drafted()
    assert "入库税收没有数据" in prose(row)[0]
    assert any(each["code"] == "a.tax" for each in row.partial)


def test_a_month_that_still_runs_says_so(county):
    row = drafted(dt.date(2025, 9, 20), "2025-09")
    assert any("期间未完" in each["text"] or "没有数据" in each["text"] for each in row.partial)


def test_a_month_is_not_published_along_with_a_briefing_that_does_not_print_what_is_not_whole(client, county):
    told("jobs.headcount", {row.uscc: {"2025-08": 10} for row in county[:3]}, source="hr_bureau")
    row = drafted()
    assert row.partial == []
    row = actions.review_briefing(briefing=row, version=row.version, digest=row.digest, by=stat())
    assert len(published.partial(row.snapshot, "2025-08")) == 1
    client.force_login(person_factory("leader"))
    answer = client.post(reverse("indicators:decide_briefing", args=["2025-08", row.edition, "sign"]), {"version": row.version, "digest": row.digest}, follow=True).content.decode()
    assert "已签发" in answer
    assert "2025-08 没有随之发布" in answer
    assert not PublishedMonth.objects.exists()


# ── three people ─────────────────────────────────────────────────────────────
def test_who_drafts_does_not_review_and_who_had_a_hand_in_it_does_not_sign(county):
    maker, reviewer = stat(), stat()
    row = drafted(by=maker)
    with pytest.raises(Refusal) as refused:
        actions.review_briefing(briefing=row, version=row.version, digest=row.digest, by=maker)
    assert refused.value.code == "same_person"
    row = actions.review_briefing(briefing=row, version=row.version, digest=row.digest, by=reviewer)
    for person in (maker, reviewer):
        with pytest.raises(access.Forbidden):
            actions.sign_briefing(briefing=row, version=row.version, digest=row.digest, by=person)
    post_factory(reviewer, "leader", None)
    with pytest.raises(Refusal) as refused:
        actions.sign_briefing(briefing=row, version=row.version, digest=row.digest, by=type(reviewer).objects.get(pk=reviewer.pk), reason="x")
    assert refused.value.code == "same_person"


def test_the_database_too_keeps_three_people_apart(county):
    row = drafted()
    with pytest.raises(IntegrityError), transaction.atomic():
        Briefing.objects.filter(pk=row.pk).update(state="reviewed", reviewed_by=row.created_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Briefing.objects.filter(pk=row.pk).update(state="signed", reviewed_by=stat())


@pytest.mark.parametrize("role", ["policy_officer", "data_clerk", "bureau_clerk", "enterprise_agent", "administrator", "leader"])
def test_nobody_without_the_right_drafts(county, role):
    with pytest.raises(access.Forbidden):
        actions.draft_briefing(month="2025-08", run=taken(), by=person_factory(role))


def test_another_text_than_was_read_is_not_reviewed_and_a_row_changed_meanwhile_not_written(county):
    row = drafted()
    for more in ({"digest": "0" * 64, "version": row.version}, {"digest": row.digest, "version": row.version + 1}):
        with pytest.raises(Refusal) as refused:
            actions.review_briefing(briefing=row, by=stat(), **more)
        assert refused.value.code == "conflict"


def test_text_changed_behind_the_actions_is_not_signed(county):
    row = drafted()
    row = actions.review_briefing(briefing=row, version=row.version, digest=row.digest, by=stat())
    row.text["zh"]["title"] = "别的"
    with pytest.raises(Refusal) as refused:
        actions.sign_briefing(briefing=row, version=row.version, digest=row.digest, by=person_factory("leader"))
    assert refused.value.code == "conflict"


def test_one_is_returned_with_a_reason_and_a_signed_one_never(county):
    row = drafted()
    with pytest.raises(Refusal):
        actions.return_briefing(briefing=row, version=row.version, reason=" ", by=stat())
    row = actions.review_briefing(briefing=row, version=row.version, digest=row.digest, by=stat())
    row = actions.return_briefing(briefing=row, version=row.version, reason="少一段", by=stat())
    assert (row.state, row.returned, row.reviewed_by) == ("draft", "少一段", None)
    signed = sign(row, "试")
    with pytest.raises(Refusal) as refused:
        actions.return_briefing(briefing=signed, version=signed.version, reason="x", by=stat())
    assert refused.value.code == "signed"


def test_a_template_with_figures_one_may_not_see_is_not_drafted(county, pack, settings):
    pack(PACK.replace("measure: enterprises.registered", "measure: projects.fund_lines").replace("  fold: distinct\n  span: day", "  fold: sum\n  span: to_date"))
    row = drafted()
    with pytest.raises(Refusal) as refused:
        actions._may_see(person_factory("policy_officer"), row)
    assert "a.rate" in refused.value.texts("zh")[0]


# ── editions ─────────────────────────────────────────────────────────────────
def test_a_late_correction_makes_a_further_edition_and_the_old_one_is_kept(client, county):
    first = sign(drafted(), "试")
    with pytest.raises(Refusal) as refused:
        drafted(reason="试")
    assert refused.value.code == "nothing_new"
    told("tax.paid", {county[0].uscc: {"2025-08": 2_000_000}})
    with pytest.raises(Refusal) as refused:
        drafted()
    assert refused.value.code == "why"
    second = drafted(reason="税务局更正 8 月一户")
    assert (second.edition, second.why) == (2, "税务局更正 8 月一户")
    client.force_login(stat())
    page = client.get(reverse("indicators:briefing", args=["2025-08", 2])).content.decode()
    where = f"{reverse('indicators:changed', args=['a.tax'])}?from={first.snapshot.run_id}&amp;to={second.snapshot.run_id}&amp;period=2025-08&amp;dim=&amp;group="
    assert where in page
    assert client.get(where.replace("&amp;", "&")).status_code == 200
    said = ["".join(piece["t"] for piece in pieces) for pieces in second.document("zh")["changes"]]
    assert any(line.startswith("试（2025 年 8 月）：上次简报为 10.5 万元，现为 11 万元。数据更正，口径没有变。") for line in said)
    first.refresh_from_db()
    assert prose(first)[0].startswith("入库税收 10.5 万元")
    with pytest.raises(Refusal) as refused:
        drafted(reason="再来")
    assert refused.value.code == "open_already"


def test_the_next_month_says_what_was_corrected_and_what_was_delivered_late(torn):
    sign(drafted(), "试")
    told("tax.paid", {torn[3].uscc: {"2025-08": 1_500_000}}, whole=("2025-08",))
    row = drafted(OCTOBER, "2025-09")
    said = ["".join(piece["t"] for piece in pieces) for pieces in row.document("zh")["changes"]]
    assert any("上次简报为 4.5 万元（数据不全，4 户里有 3 户），现为 6 万元。补报或名录变动：原来 4 条里有 3 条，现在 4 条里有 4 条。" in line for line in said)


def test_a_change_of_definition_is_called_so_and_years_are_not_joined(county, pack):
    sign(drafted(), "试")
    second = "- code: a.tax\n  version: 2\nHEAD\n  fact: tax.paid\n  where: {cluster: [钟表]}\n  by: [cluster]\n  why: {zh: 只数钟表, en: Watches alone}\n"
    pack(PACK + second.replace("HEAD", HEAD.strip("\n").replace("2020-01-01", "2025-08-01")))
    row = drafted(reason="口径改了")
    assert "口径已改，同比不可比" in prose(row)[0]
    said = ["".join(piece["t"] for piece in pieces) for pieces in row.document("zh")["changes"]]
    assert any("现为 6 万元。口径变更：只数钟表。" in line for line in said)


# ── pages and files ──────────────────────────────────────────────────────────
def test_a_draft_is_not_read_by_readers_and_a_signed_one_is(client, county):
    row = drafted()
    where = reverse("indicators:briefing", args=[row.month, row.edition])
    reader = person_factory("town_officer")
    client.force_login(reader)
    assert client.get(where).status_code == 404
    assert row.document("zh")["title"] not in client.get(reverse("indicators:briefings")).content.decode()
    signed = sign(row, "试")
    page = client.get(where).content.decode()
    assert "入库税收" in page
    assert "/rows/" not in page  # no right to the rows, so no link to them
    for name in ("briefing_word", "briefing_pdf"):
        assert client.get(reverse(f"indicators:{name}", args=[signed.month, signed.edition])).status_code == 403
    client.force_login(person_factory("bureau_clerk"))
    assert client.get(where).status_code == 403


def test_every_figure_of_the_page_opens_its_rows_in_the_same_snapshot(client, county):
    row = sign(drafted(), "试")
    client.force_login(person_factory("leader"))
    page = client.get(reverse("indicators:briefing", args=[row.month, row.edition])).content.decode()
    assert f"/indicators/of/a.tax/rows/?period=2025-08&amp;snapshot={row.snapshot.run_id}" in page
    assert 'href="#note-1"' in page


def test_the_day_of_a_briefing_from_draft_to_notice(client, county):
    maker, reviewer, leader, other = stat(), stat(), person_factory("leader"), person_factory("leader")
    client.force_login(maker)
    run = taken()
    answer = client.post(reverse("indicators:draft_briefing"), {"month": "2025-08", "run": run.run_id, "reason": ""})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    row = Briefing.objects.get()
    where, do = reverse("indicators:briefing", args=[row.month, 1]), lambda deed, **more: client.post(reverse("indicators:decide_briefing", args=[row.month, 1, deed]), {"version": Briefing.objects.get().version, "digest": row.digest, **more})
    assert "复核无误" not in client.get(where).content.decode()
    client.force_login(reviewer)
    assert row.document("zh")["title"] in client.get("/").content.decode()
    assert do("review").status_code == 302
    client.force_login(leader)
    answer = do("sign")
    assert (answer.status_code, "不能签发" in answer.content.decode()) in ((302, False), (409, True))
    if answer.status_code == 409:
        assert do("sign", reason="试").status_code == 302
    assert {notice.person_id for notice in Notice.objects.filter(kind="indicators.briefing_published")} == {other.pk}
    client.force_login(person_factory("town_officer"))
    assert do("return", reason="x").status_code == 403
    assert do("sign").status_code == 403


def test_who_declines_is_not_told_and_who_asks_is_whatever_their_role(client, county):
    leader, officer, outside = person_factory("leader"), person_factory("policy_officer"), person_factory("bureau_clerk")
    client.force_login(leader)
    client.post(reverse("indicators:subscribe"), {"wanted": "0"})
    client.force_login(officer)
    client.post(reverse("indicators:subscribe"), {"wanted": "1"})
    client.force_login(outside)
    assert client.post(reverse("indicators:subscribe"), {"wanted": "1"}).status_code == 403
    assert queries.subscribers() == [officer]
    type(officer).objects.filter(pk=officer.pk).update(is_active=False)
    assert queries.subscribers() == []


def test_word_holds_the_text_the_notes_and_pictures_and_is_the_same_bytes_again(county):
    row = sign(drafted(), "试")
    with translation.override("zh-hans"):
        one, two = (briefing_word.docx(row, "zh", around(row, "zh")) for _each in range(2))
    assert one == two
    archive = zipfile.ZipFile(io.BytesIO(one))
    text = archive.read("word/document.xml").decode()
    assert "入库税收" in text
    assert row.snapshot.run_id[:12] in text
    labels = [block["labels"] for section in row.document("zh")["sections"] for block in section["blocks"] if block["kind"] == "chart"]
    assert labels
    assert all(f"{each[0]}–{each[-1]}" in text for each in labels)  # as the page and the PDF have it
    assert any(name.startswith("word/media/") for name in archive.namelist()) == briefing_pdf.ready()


def test_without_a_chinese_font_word_has_tables_and_the_page_says_why_there_is_no_pdf(county, client, monkeypatch):
    monkeypatch.setattr(briefing_pdf, "fonts", lambda: ((), ()))
    row = sign(drafted(), "试")
    archive = zipfile.ZipFile(io.BytesIO(briefing_word.docx(row, "zh", around(row, "zh"))))
    assert not any(name.startswith("word/media/") for name in archive.namelist())
    assert "2025-06" in archive.read("word/document.xml").decode()
    client.force_login(person_factory("leader"))
    answer = client.get(reverse("indicators:briefing_pdf", args=[row.month, 1]))
    assert answer.status_code == 409
    assert "做不了 PDF" in answer.content.decode()


def test_a_countys_own_word_file_gives_its_heads_and_the_text_stands_where_it_is_asked_for(county, tmp_path, monkeypatch):
    own = docx.Document()
    own.sections[0].header.paragraphs[0].add_run("某县统计局 {{title}}")
    own.add_paragraph("前言")
    own.add_paragraph("{{briefing}}")
    own.add_paragraph("附后")
    own.save(str(tmp_path / "briefing.docx"))
    monkeypatch.setattr(briefing_word, "word_file", lambda: tmp_path / "briefing.docx")
    row = sign(drafted(), "试")
    made = docx.Document(io.BytesIO(briefing_word.docx(row, "zh", around(row, "zh"))))
    texts = [paragraph.text for paragraph in made.paragraphs]
    assert texts[0] == "前言"
    assert texts[-1] == "附后"
    assert any("入库税收" in text for text in texts[1:-1])
    assert not any("{{" in text for text in texts)
    assert made.sections[0].header.paragraphs[0].text.endswith("8 月简报")


@pytest.mark.skipif(not briefing_pdf.ready(), reason="no Chinese font on this machine (fonts-noto-cjk), so no PDF")
def test_the_pdf_is_the_same_bytes_again_and_nothing_in_a_text_is_read_as_markup(county):
    row = sign(drafted(), "#panic() $x$ *粗* [链](x)")
    with translation.override("zh-hans"):
        one, two = (briefing_pdf.pdf(row, "zh", around(row, "zh")) for _each in range(2))
        pages = briefing_pdf.pages(row, "zh", around(row, "zh"))
    assert one == two
    assert one.startswith(b"%PDF")
    assert all(page.startswith(b"\x89PNG") for page in pages)


# ── the template ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("old", "new", "word"), [
    ("{a.tax}，", "{a.taxes}，", "没有指标 a.taxes，最接近的是 a.tax"),
    ("{a.tax yoy}，{", "{a.tax yoj}，{", "没有 yoj 这种说法，最接近的是 yoy"),
    ("{a.tax by=cluster}。\"", "{a.tax by=clusters}。\"", "最接近的是 cluster"),
    ("{a.growth grew}；", "{a.tax grew}；", "不是增幅"),
    ("{a.tax}，", "{a.tax}}，", "花括号没有配对"),
    ("{month} 月简报", "{mont} 月简报", "最接近的是 month"),
    ("codes: [a.tax, a.rate]", "codes: [a.tax, a.rata]", "最接近的是 a.rate"),
    ("codes: [a.tax], months: 3", "codes: [a.tax, a.rate], months: 3", "要同一个单位"),
    ("months: 3", "month: 3", "不认识的键 month"),
    ("[leader]", "[leadr]", "最接近的是 leader"),
    ("入库税收{a.tax}，", "入库税收，", "要说同样的数"),
])
def test_a_template_that_cannot_be_used_is_refused_with_its_line_and_the_nearest(pack, old, new, word):
    assert old in TEMPLATE
    pack(template=TEMPLATE.replace(old, new, 1))
    with pytest.raises(packs.PackError) as refused:
        briefing_template.template()
    assert word in refused.value.message.zh
    line = int(refused.value.where.rpartition(":")[2])
    assert line == 2 or TEMPLATE.splitlines()[line - 1].strip().startswith("-")


def test_the_template_of_the_pack_tells_figures_the_statistics_officer_may_see():
    found = briefing_template.template()
    assert found is not None
    assert queries.hidden(stat(), found.codes) == []
    assert briefing_factory().document("en")["title"].endswith(("2026", "2025"))


def test_states_of_cells_are_those_the_words_know():
    assert {tables.UNKNOWN, tables.REFUSED, tables.FEW} == set(wording.NOT_TOLD)


def test_signing_publishes_the_month_from_the_same_snapshot_and_from_no_older_one(county):
    row = briefing_factory(signed=True)
    assert published.latest(row.month).run == row.snapshot
    assert PublishedMonth.objects.filter(month=row.month).count() == 1
