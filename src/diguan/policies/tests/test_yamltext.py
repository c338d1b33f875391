"""Documents as text: whatever is written is read back, and what has not changed keeps its lines."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diguan.policies.engine import sentences, yamltext

pytestmark = pytest.mark.one_database
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(["null", "~", "yes", "- a", "a: b", "a #b", "'", '"', "&x", "*x", "!t", "|", ">", "%", "@", "`", "3%", "[", "{", "1e3", "0x1", "2026-06-30", "<<", "=", "\u2028", "\x85", "\ufeff", "a\nb", " a", "a "])
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8) | st.sampled_from(["id", "clauses", "examples", "name", "when", "2025-Q1", "2025-03", "a.b", "null", "<<", "-", "?"])
DATA = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)
DOCUMENTS = st.dictionaries(KEYS, DATA, min_size=1, max_size=6)


@settings(max_examples=400)
@given(DOCUMENTS)
def test_what_is_written_is_read_back(data):
    assert yamltext.read(yamltext.write(data)) == data


@given(DOCUMENTS, DOCUMENTS)
@example({"clauses": [{"id": "a"}]}, {"clauses": []})
@example({"clauses": [{"id": "a"}, {"id": "b"}]}, {"clauses": [{"id": "b"}, {"id": "a", "when": {"op": "="}}]})
def test_a_text_rewritten_says_what_it_is_to_say(old, new):
    text = yamltext.write(old)
    assert yamltext.read(yamltext.rewrite(text, new)) == new
    assert yamltext.rewrite(text, old) == text


@given(st.lists(st.sampled_from("abc"), unique=True), st.permutations("abcd"))
def test_clauses_keep_their_comments_wherever_they_go(gone, order):
    text = "id: x # 头\nclauses:\n" + "".join(f"  # 说明 {name}\n  - id: {name}\n    when: {{op: '='}}   # {name}\n" for name in "abcd") + "# 尾\nbenefit: {}\n"
    kept = [name for name in order if name not in gone]
    out = yamltext.rewrite(text, {"id": "x", "clauses": [{"id": name, "when": {"op": "="}} for name in kept], "benefit": {}})
    assert out == "id: x # 头\nclauses:\n" + "".join(f"  # 说明 {name}\n  - id: {name}\n    when: {{op: '='}}   # {name}\n" for name in kept) + "# 尾\nbenefit: {}\n"


@given(st.text("第一二条甲乙。；，\n 　", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4))
def test_a_source_laid_out_is_all_there_and_every_mark_ends_once(text, found):
    spans = [(min(pair), max(pair)) for pair in found if min(pair) < max(pair) <= len(text) and text[max(pair) - 1].strip() and "\n" not in text[min(pair):max(pair)] and text[min(pair)].strip()]
    parts = [part for line in sentences.laid_out(text, spans) for part in line]
    assert "".join(piece.text for part in parts for piece in part.pieces) == "".join(line for line in text.split("\n") if line.strip())
    assert sorted(n for part in parts for piece in part.pieces for n in piece.ends) == list(range(1, len(spans) + 1))
    for one in sentences.sentences(text):
        assert text[one.start:one.end] == one.text
        assert one.text.strip() == one.text
