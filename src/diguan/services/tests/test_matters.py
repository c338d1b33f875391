from __future__ import annotations

import pytest

from diguan.services.engine import cells, fields, matters
from diguan.services.engine.fields import BY_NAME
from diguan.services.queries import shelf
from diguan.services.tests.factories import content_factory

CODE = "11430421006345678C4" + "000131001000"
WRONG = [
    ("promised_days", {"promised_days": 6}), ("promised_days", {"case_type": "即办件", "promised_days": 2}), ("case_type", {"promised_days": 0}),
    ("visits_reason", {"visits": 1}), ("visits", {"handling_form": ["窗口办理"]}), ("online_depth", {"online_depth": "Ⅳ", "visits": 1, "visits_reason": "核验原件"}),
    ("fees", {"is_fee": True}), ("fees", {"is_fee": True, "fees": [{"name": "登记费", "standard": "80元", "basis": ""}]}), ("is_fee", {"fees": [{"name": "登记费", "standard": "80元", "basis": "文件"}]}),
    ("online_payment", {"online_payment": True}), ("catalog_code", {"catalog_code": "12345"}), ("task_code", {"task_code": "1" * 30}), ("task_code", {"provisional": False, "catalog_code": "000131001000"}),
    ("task_handle_item", {"task_code": CODE, "task_handle_item": "9" * 33}), ("complaint", {"consult": "0734-1", "complaint": "0734-1"}), ("topic_natural", {"topic_natural": "生育"}),
    ("results", {"results": [{"name": "营业执照", "kind": "审批办结"}]}), ("results", {"results": [{"name": "环评批复", "kind": "出证"}]}),
    ("kind", {"kind": "行政许客"}), ("name", {"name": ""}), ("legal_basis", {"legal_basis": []}), ("visits", {"visits": 11, "visits_reason": "核验原件"}), ("promised_days", {"promised_days": None}), ("statutory_days", {"statutory_days": "5"}),
    ("requirements", {"requirements": [{"meaning": "business_licens"}]}), ("requirements", {"requirements": [{"meaning": "lease"}, {"meaning": "lease"}]}),
    ("requirements", {"requirements": [{"meaning": "lease", "when": {"sites": ["own"]}}]}), ("requirements", {"requirements": [{"meaning": "lease", "when": {"site": ["owned"]}}]}),
    ("requirements", {"requirements": [{"meaning": "lease", "quality": "E"}]}),
]


def errors(**told):
    return matters.errors(matters.whole(content_factory(**told)), shelf.known())


def test_a_matter_by_the_rules_has_no_error():
    assert errors() == []
    assert errors(task_code=CODE, catalog_code="000131001000", provisional=False, consult="0734-1", complaint="0734-2") == []
    assert errors(case_type="即办件", promised_days=1) == []


@pytest.mark.parametrize(("field", "told"), WRONG)
def test_what_breaks_a_rule_is_named_by_its_field_in_both_languages(field, told):
    found = errors(**told)
    assert [wrong.field for wrong in found] == [field]
    assert BY_NAME[field].zh in found[0].message.zh
    assert BY_NAME[field].en in found[0].message.en


def test_an_unknown_meaning_names_the_nearest():
    assert "business_licence" in errors(requirements=[{"meaning": "business_licens"}])[0].message.en


def test_what_a_licence_should_tell_is_advice():
    found = matters.problems(matters.whole(content_factory(kind="行政许可", statutory_days=None)), shelf.known())
    assert {"steps", "faqs", "statutory_days"} <= {wrong.field for wrong in found if wrong.advice}
    assert not [wrong for wrong in found if not wrong.advice]


def test_the_digest_is_of_the_content_and_not_of_its_order():
    content = matters.whole(content_factory())
    assert matters.digest(content) == matters.digest(dict(reversed(list(content.items()))))
    assert matters.digest(content) != matters.digest({**content, "promised_days": 2})


def test_every_matter_of_the_pack_is_read_from_its_cells_as_it_was_written():
    known = shelf.known()
    for matter in shelf.matters().values():
        for spec in fields.SPECS:
            again = cells.read(spec, cells.written(spec, matter.content[spec.name], known), known)
            assert matters.whole({**matter.content, spec.name: again}) == matter.content, (matter.key, spec.name)


@pytest.mark.parametrize(("field", "text"), [("requirements", "不认识的材料"), ("requirements", "营业执照|Z级"), ("requirements", "营业执照|场所从哪来=月球"), ("fees", "登记费|80元"),
                                             ("results", "营业执照|发证"), ("promised_days", "三天"), ("is_fee", "也许")])
def test_a_cell_that_cannot_be_read_says_so(field, text):
    with pytest.raises(cells.Unreadable) as wrong:
        cells.read(BY_NAME[field], text, shelf.known())
    assert wrong.value.message.zh
    assert wrong.value.message.en


def test_a_paper_is_found_by_the_name_a_bureau_gives_it():
    known = shelf.known()
    assert [cells.meaning_of(name, known) for name in ("营业执照副本", "营业执照", "business_licence")] == ["business_licence"] * 3


def test_a_cell_may_be_written_in_english():
    known = shelf.known()
    assert cells.read(BY_NAME["requirements"], "business_licence|B|copy|2 copies|may follow|3 months", known) == cells.read(BY_NAME["requirements"], "营业执照|B|复印件|2份|容缺|3个月内", known)
    assert cells.read(BY_NAME["results"], "营业执照|certificate|sample", known) == [{"name": "营业执照", "kind": "出证", "sample": True}]
