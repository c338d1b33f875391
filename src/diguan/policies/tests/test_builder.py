"""The rule builder's pages: what an officer does on them, what comes of it, and to whom they are closed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from diguan.kernel.tests.factories import person_factory
from diguan.policies import queries
from diguan.policies.actions import drafts as actions
from diguan.policies.actions import run_match
from diguan.policies.engine import clausetree, leaves, sentences, terms, yamltext
from diguan.policies.models import Draft, DraftVersion
from diguan.policies.queries import drafts, trials
from diguan.policies.tests import county
from diguan.policies.tests.county import ELSEWHERE, PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NAMES = {RICH: "衡阳大窑瓷业有限公司", PLAIN: "衡阳小窑瓷业有限公司", SHORT: "衡阳冷窑瓷业有限公司", SILENT: "衡阳静窑瓷业有限公司"}


@pytest.fixture(autouse=True)
def october(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)


@pytest.fixture
def officer(client):
    person = person_factory("policy_officer", login_name="officer", from_day=dt.date(2026, 1, 1))
    client.force_login(person)
    return person


@pytest.fixture
def matched(officer):
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 90), (ELSEWHERE, 900))
    return run_match(by=officer)


@pytest.fixture
def draft(officer):
    return actions.copy_policy(policy=POLICY, by=officer)


def page(client, name, *args, query="", status=200):
    answer = client.get(reverse(f"policies:{name}", args=args) + query)
    assert answer.status_code == status, answer.content.decode()[:300]
    return answer.content.decode()


def post(client, name, /, *args, status=302, **sent):
    sent = {"status" if key == "expected" else key: value for key, value in sent.items()}
    answer = client.post(reverse(f"policies:{name}", args=args), sent)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer


def now():
    return Draft.objects.get()


def data_now():
    return yamltext.read(now().text)


def editor(row, at):
    """What the editor's form sends where nothing was typed."""
    data, place = yamltext.read(row.text), clausetree.place_of(at)
    condition = clausetree.condition_at(data, place)
    found = {"version": row.version, "at": at, **(leaves.fields_of(condition) if clausetree.group_of(condition) is None else {})}
    if len(place) == 1:
        clause = data["clauses"][place[0]]
        found |= {"was": clause["id"], "article": clause["cite"]["article"], "quote": clause["cite"]["quote"], "name": clause["id"], "on_missing": clause.get("on_missing", "ask"), "sentence": ""}
    return found


# ── writing ──────────────────────────────────────────────────────────────────
def test_an_officer_writes_a_policy_from_its_text_to_a_version(client, matched):
    post(client, "builder_new", title="窑炉补助二", policy="kiln-two", issuer="窑炉办", document="窑〔2026〕9号", source=county.TEXT)
    row = now()
    sentence = next(one for one in sentences.sentences(row.source) if "本县" in one.text)
    answer = post(client, "builder_tree", row.pk, version=row.version, sentence=sentence.number)
    assert answer.headers["Location"].endswith("?at=0#editor")
    assert data_now()["clauses"][0]["cite"]["quote"] == sentence.text
    row = now()
    post(client, "builder_clause", row.pk, **{**editor(row, "0"), "fact": "enterprise.registered_region", "op": "in", "value": "430421", "name": "here"})
    html = page(client, "builder", row.pk)
    assert "登记地区划属于衡阳县" in html.replace(" ", "") or "430421" in html
    assert "4 户" in html  # four firms are registered here
    row = now()
    post(client, "builder_terms", row.pk, version=row.version, title="窑炉补助二", policy="kiln-two", kind="flat", amount="1万元", start="2026-01-01", delivery="application",
         legal_basis="依据", review_status="passed", review_date="2025-12-01", document="窑〔2026〕9号", issuer="窑炉办")
    for title, region, status, amount in (("本县", "430421", "eligible", "1万元"), ("外县", "441900", "ineligible", ""), ("不知道", "unknown", "unknown", "")):
        post(client, "builder_example", row.pk, 0, version=now().version, name=title, as_of="2026-06-30", facts=f"enterprise.registered_region = {region}", expected=status, amount=amount)
    found = drafts.opened(now().text, now().source)
    assert found.usable, found.faults
    post(client, "builder_versions", row.pk, version=now().version, note="头一版")
    assert DraftVersion.objects.get().note == "头一版"


def test_a_value_without_its_unit_is_kept_and_said_at_its_field(client, draft):
    row = draft
    sent = editor(row, "1") | {"value": "abc", "unit": ""}
    post(client, "builder_clause", row.pk, **sent)
    assert clausetree.condition_at(data_now(), (1,))["value"] == "abc"
    html = page(client, "builder", row.pk, query="?at=1")
    field = html[html.index('name="value"') - 900:html.index('name="value"')]
    assert "id_value-error" in field
    assert "'abc' 不是数" in field.replace("&#x27;", "'")
    assert 'value="abc"' in html


@pytest.mark.parametrize(("fact", "op", "written", "kept"), [
    ("enterprise.registered_region", ">=", "衡阳县", {"op": "in", "value": ["430421"]}),
    ("enterprise.industry", "starts_with", "制造业", {"op": "starts_with", "value": [f"{division}" for division in range(13, 44)]}),
    ("enterprise.industry", "in", "C、51", {"op": "starts_with", "value": [*(f"{division}" for division in range(13, 44)), "51"]}),
    ("enterprise.industry", "in", "农、林、牧、渔业", {"op": "starts_with", "value": ["01", "02", "03", "04", "05"]}),
    ("enterprise.industry", "starts_with", "30", {"op": "starts_with", "value": "30"}),
    ("enterprise.registered_region", "in", "某县", {"op": "in", "value": ["某县"]})])
def test_codes_are_kept_where_names_were_written(client, draft, fact, op, written, kept):
    post(client, "builder_clause", draft.pk, **editor(draft, "1") | {"fact": fact, "op": op, "value": written, "unit": "", "over": "", "agg": ""})
    found = clausetree.condition_at(data_now(), (1,))
    assert {key: found[key] for key in ("op", "value")} == kept
    html = page(client, "builder", draft.pk, query="?at=1")
    assert '<option value="430421">衡阳县</option>' in html if fact.endswith("region") else '<option value="C">' not in html


def test_what_a_kind_of_money_needs_is_not_called_optional_and_an_empty_field_is_called_empty(client, officer):
    post(client, "builder_new", title="新政策", policy="new-2027", issuer="", document="", source="第一条 本县企业。第二条 每户一万元。")
    row = now()
    post(client, "builder_tree", row.pk, version=row.version, quote="本县企业")
    post(client, "builder_clause", row.pk, version=now().version, at="0", was="clause", fact="enterprise.registered_region", op="in", value="430421", article="第一条", quote="本县企业", on_missing="ask", name="here")
    html = page(client, "builder_terms", row.pk)
    assert "这里还空着，要填" in html
    label = html[html.index('for="id_amount"'):]
    assert "可不填" not in label[:label.index("</label>")]
    assert "可不填" in html[html.index('for="id_rate"'):][:120]


def test_sending_the_editor_back_untouched_changes_nothing(client, draft):
    for at in range(len(yamltext.read(draft.text)["clauses"])):
        post(client, "builder_clause", draft.pk, **editor(now(), str(at)))
    assert (now().text, now().version) == (draft.text, draft.version)


def test_conditions_are_wrapped_moved_and_taken_away(client, draft):
    before = data_now()["clauses"]
    for deed, at in (("any:1", "1"), ("inside:1", "1.1"), ("not:1.1", "1.1"), ("up:1.1", "1.0"), ("up:1", "0")):
        answer = post(client, "builder_tree", draft.pk, version=now().version, deed=deed)
        assert f"?at={at}#" in answer.headers["Location"]
    first = data_now()["clauses"][0]
    assert first["id"] == before[1]["id"]
    assert first["when"] == {"any": [{"not": {"fact": "", "op": ">=", "value": ""}}, before[1]["when"]]}
    assert "以下符合一条" in page(client, "builder", draft.pk)
    post(client, "builder_tree", draft.pk, version=now().version, deed="delete:0.0")
    post(client, "builder_tree", draft.pk, version=now().version, deed="ungroup:0")
    post(client, "builder_tree", draft.pk, version=now().version, deed="down:0")
    assert data_now()["clauses"] == before
    post(client, "builder_tree", draft.pk, version=now().version, deed="delete:0")
    assert data_now()["clauses"] == before[1:]
    page(client, "builder", draft.pk, query="?at=7", status=404)
    page(client, "builder", draft.pk, query="?at=x", status=404)


def test_two_officers_on_one_clause_the_second_keeps_the_input_and_sees_both(client, draft):
    first = editor(draft, "1")
    post(client, "builder_clause", draft.pk, **{**first, "value": "300"})
    answer = post(client, "builder_clause", draft.pk, status=409, **{**first, "value": "450"})
    html = answer.content.decode()
    assert "没保存上，您填的还在" in html
    assert 'value="450"' in html
    assert '<td data-label="现在草稿里的">300</td>' in html
    assert leaves.fields_of(clausetree.condition_at(data_now(), (1,)))["value"] == "300"
    post(client, "builder_clause", draft.pk, **{**first, "value": "450", "version": now().version})
    assert leaves.fields_of(clausetree.condition_at(data_now(), (1,)))["value"] == "450"


def test_a_clause_that_was_moved_meanwhile_is_found_again_and_no_other_is_touched(client, draft, officer):
    sent = {**editor(draft, "1"), "value": "450"}
    moved = actions.change_draft(draft=draft, version=draft.version, data=clausetree.shift(yamltext.read(draft.text), (1,), -1)[0], by=officer)
    html = post(client, "builder_clause", draft.pk, status=409, **sent).content.decode()
    assert 'name="at" value="0"' in html
    assert 'value="450"' in html
    post(client, "builder_clause", draft.pk, **{**sent, "at": "0", "version": moved.version})
    clauses = data_now()["clauses"]
    assert clauses[0]["when"]["value"].startswith("450")
    assert clauses[1] == yamltext.read(draft.text)["clauses"][0]


def test_what_was_typed_for_a_clause_that_is_gone_is_told(client, draft, officer):
    sent = {**editor(draft, "1"), "value": "4567"}
    actions.change_draft(draft=draft, version=draft.version, data=clausetree.remove(yamltext.read(draft.text), (1,)), by=officer)
    html = post(client, "builder_clause", draft.pk, status=409, **sent).content.decode()
    assert "这一条已被别人去掉" in html
    assert "4567" in html


def test_a_change_elsewhere_says_that_the_input_is_kept_and_may_be_saved(client, draft, officer):
    sent = {**editor(draft, "1"), "value": "450"}
    actions.change_draft(draft=draft, version=draft.version, data={**yamltext.read(draft.text), "issuer": "别的单位"}, by=officer)
    html = post(client, "builder_clause", draft.pk, status=409, **sent).content.decode()
    assert "没保存上，您填的还在" in html
    assert 'value="450"' in html


@pytest.mark.parametrize(("name", "sent"), [("builder_terms", {"title": "甲", "budget": "9万元"}), ("builder_source", {"source": "第一条 别的。"}), ("builder_text", {"text": "id: other\n"}), ("builder_versions", {"note": "记一笔"})])
def test_every_other_form_of_a_stale_draft_keeps_its_input_too(client, draft, officer, name, sent):
    actions.change_draft(draft=draft, version=draft.version, data={**data_now(), "issuer": "别的单位"}, by=officer)
    rest = terms.fields_of(yamltext.read(draft.text)) if name == "builder_terms" else {}
    answer = client.post(reverse(f"policies:{name}", args=[draft.pk]), {**rest, **sent, "version": draft.version})
    html = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert "没保存上，您填的还在" in html
    assert list(sent.values())[-1].strip() in html
    assert data_now()["issuer"] == "别的单位"


# ── the trial ────────────────────────────────────────────────────────────────
def test_the_trial_counts_as_the_match_does_and_every_number_opens_its_firms(client, matched, draft, officer):
    found = drafts.opened(draft.text, draft.source)
    of = trials.trial(officer, found.trial)
    run = queries.totals_of(matched)[POLICY]
    assert [getattr(of.totals, name) for name in ("eligible", "unknown", "ineligible", "near_miss", "amount_fen", "first_false")] == [
        getattr(run, name) for name in ("eligible", "unknown", "ineligible", "near_miss", "amount_fen", "first_false")]
    for group, firms in (("entitled", {RICH, PLAIN}), ("near", {SHORT}), ("unknown", {SILENT})):
        html = page(client, "builder_people", draft.pk, group)
        assert {uscc for uscc in NAMES if uscc in html} == firms, group
    assert "衡阳冷窑瓷业有限公司" in page(client, "builder", draft.pk)
    page(client, "builder_people", draft.pk, "out-9", status=404)


def test_a_lower_threshold_shows_at_once_who_gains(client, matched, draft, officer):
    sent = editor(draft, "1") | {"value": "80"}
    post(client, "builder_clause", draft.pk, **sent)
    html = page(client, "builder", draft.pk)
    assert "施行版" in html
    assert "+1" in html
    assert reverse("policies:builder_moved", args=[draft.pk, "inforce", "draft", "gained"]) in html
    compared = page(client, "builder_compare", draft.pk)
    assert "新可享" in compared
    assert "最近一期天然气用量不低于 100 立方米" in compared
    assert "最近一期天然气用量不低于 80 立方米" in compared
    listed = page(client, "builder_moved", draft.pk, "inforce", "draft", "gained")
    assert {uscc for uscc in NAMES if uscc in listed} == {SHORT}
    assert "差一步" in listed


def test_an_example_that_no_longer_holds_names_the_clause_that_differs(client, draft):
    post(client, "builder_clause", draft.pk, **{**editor(draft, "1"), "value": "5000"})
    html = page(client, "builder_examples", draft.pk)
    assert "不通过" in html
    assert "第 2 条不符合" in html


def test_two_versions_are_compared_clause_by_clause(client, matched, draft, officer):
    row = actions.save_version(draft=draft, version=draft.version, note="一", by=officer)
    data = clausetree.remove(yamltext.read(row.text), (0,))
    row = actions.change_draft(draft=row, version=row.version, data={**data, "budget": {"amount": "7万元"}}, by=officer)
    actions.save_version(draft=row, version=row.version, note="二", by=officer)
    html = page(client, "builder_compare", row.pk, query="?old=1&new=2")
    for words in ("去掉", "第 1 版", "第 2 版", "预算 7 万元"):
        assert words in html, words
    page(client, "builder_compare", row.pk, query="?old=9&new=2", status=404)
    page(client, "builder_compare", row.pk, query="?old=x&new=2", status=404)
    Draft.objects.filter(pk=row.pk).update(policy="clean-kiln-2031")  # a new policy: there is none in the library to compare with
    assert "第 1 版 → 草稿" in page(client, "builder_compare", row.pk), "a draft just kept is its own last version: it is held against the one before"


def test_without_a_match_nothing_is_tried_and_the_page_says_so(client, draft):
    assert "还没有比对过数据" in page(client, "builder", draft.pk)


# ── files ────────────────────────────────────────────────────────────────────
def test_what_is_downloaded_comes_in_again_as_it_is(client, draft):
    text = client.get(reverse("policies:builder_download", args=[draft.pk])).content
    source = client.get(reverse("policies:builder_download", args=[draft.pk]) + "?source=1").content
    assert text.decode() == draft.text
    answer = client.post(reverse("policies:builder_import"), {"text": SimpleUploadedFile("a.yaml", text), "file": SimpleUploadedFile("a.txt", source)})
    assert answer.status_code == 302
    assert Draft.objects.latest("pk").text == draft.text
    for bad in (b"a: [", "政策".encode("gb18030")):
        answer = client.post(reverse("policies:builder_import"), {"text": SimpleUploadedFile("a.yaml", bad), "file": SimpleUploadedFile("a.txt", source)})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()


def test_a_variant_is_a_copy_under_an_id_of_its_own(client, officer):
    post(client, "builder_copy", policy=POLICY, name="kiln-variant")
    assert (now().policy, data_now()["id"], now().copied_from) == ("kiln-variant", "kiln-variant", queries.library().policies[POLICY].digest)
    for sent in ({"policy": "nothing"}, {"policy": POLICY, "name": "a/b"}):
        assert client.post(reverse("policies:builder_copy"), sent).headers["Location"] == reverse("policies:drafts")
    assert Draft.objects.count() == 1


# ── who may ──────────────────────────────────────────────────────────────────
def addresses(row):
    here = [row.pk]
    return {"drafts": [], "builder": here, "builder_source": here, "builder_terms": here, "builder_examples": here, "builder_example": [row.pk, 1], "builder_text": here, "builder_download": here,
            "builder_versions": here, "builder_publish": here, "builder_compare": here, "builder_moved": [row.pk, "inforce", "draft", "gained"], "builder_people": [row.pk, "entitled"], "builder_new": [], "builder_import": []}


DEEDS = {"builder_clause": {"at": "0"}, "builder_tree": {"deed": "delete:0"}, "builder_source": {"source": "x"}, "builder_terms": {"title": "x"}, "builder_text": {"text": "id: x\n"}, "builder_versions": {"note": "x"}}


@pytest.mark.parametrize("role", ["data_clerk", "administrator", "bureau_clerk"])
def test_who_may_not_see_drafts_finds_none_of_their_pages(client, matched, draft, role):
    client.force_login(person_factory(role, login_name="other", from_day=dt.date(2026, 1, 1)))
    for name, args in addresses(draft).items():
        page(client, name, *args, status=403)
    for name, sent in DEEDS.items():
        post(client, name, draft.pk, status=403, version=draft.version, **sent)


def test_a_leader_reads_and_changes_nothing(client, matched, draft):
    client.force_login(person_factory("leader", login_name="leader", from_day=dt.date(2026, 1, 1)))
    html = page(client, "builder", draft.pk)
    assert "加一条" not in html
    assert "dg-pick" not in html
    for name in ("builder_examples", "builder_text", "builder_versions", "builder_publish", "builder_compare"):
        page(client, name, draft.pk)
    for name, sent in DEEDS.items():
        post(client, name, draft.pk, status=403, version=draft.version, **sent)
    assert now().text == draft.text


def test_an_enterprise_finds_no_drafts(client, matched, draft):
    client.force_login(person_factory("enterprise_agent", uscc=RICH, from_day=dt.date(2026, 1, 1)))
    for name, args in addresses(draft).items():
        page(client, name, *args, status=403)


def test_the_address_of_drafts_is_no_policy(client, draft):
    assert reverse("policies:drafts") == "/policies/drafts/"
    assert "政策草稿" in page(client, "drafts")


def test_from_a_draft_its_life_begins_and_leads_back(client, officer, draft):
    actions.save_draft(draft=draft, version=draft.version, text=draft.text.replace(f"id: {POLICY}", "id: fair-2026"), source=draft.source, by=officer)
    html = page(client, "builder_publish", draft.pk)
    assert "开始政策全过程" in html
    begin = reverse("policies:life_begin") + f"?policy=fair-2026&title={draft.title}"
    assert 'value="fair-2026"' in client.get(begin).content.decode()
    client.post(begin, {"policy_id": "fair-2026", "title": draft.title, "day": "2026-10-31"})
    html = page(client, "builder_publish", draft.pk)
    assert "看全过程办到哪了" in html
    assert reverse("policies:life", args=["fair-2026"]) in html
    html = page(client, "life", "fair-2026")
    assert reverse("policies:builder_publish", args=[draft.pk]) in html
    assert "规则还在草稿里" in html
    client.force_login(person_factory("finance_officer", from_day=dt.date(2026, 1, 1)))
    assert reverse("policies:builder_publish", args=[draft.pk]) not in client.get(reverse("policies:life", args=["fair-2026"])).content.decode()
