"""Quoted sentences lie in the document where they stand, whatever they end in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diguan.policies.engine.quotes import paragraphs


def test_a_quote_that_ends_in_a_lines_end_keeps_its_mark():
    lines = paragraphs("甲乙\n丙丁\n", [(0, 3)])
    assert [(piece.text, piece.marks, piece.ends) for line in lines for piece in line] == [("甲乙", (1,), (1,)), ("丙丁", (), ())]


def test_a_quote_over_two_lines_is_marked_in_both_and_numbered_once():
    lines = paragraphs("甲乙\n丙丁", [(1, 4)])
    assert [(piece.text, piece.marks, piece.ends) for line in lines for piece in line] == [
        ("甲", (), ()), ("乙", (1,), ()), ("丙", (1,), (1,)), ("丁", (), ())]


TEXT = st.text(alphabet="甲乙 \n", min_size=1, max_size=30)


@given(TEXT, st.data())
def test_no_word_is_lost_and_every_quote_with_words_is_numbered_once(text, data):
    spans = [tuple(sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True)))) for _ in range(2)]
    pieces = [piece for line in paragraphs(text, spans) for piece in line]
    assert "".join(piece.text for piece in pieces) == "".join(line for line in text.split("\n") if line.strip())
    for number, (start, end) in enumerate(spans, 1):
        numbered = sum(number in piece.ends for piece in pieces)
        assert numbered == (1 if text[start:end].strip() else 0), (text, spans)
