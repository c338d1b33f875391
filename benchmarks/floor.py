"""The floor: read Parquet, then one fused loop in C written for exactly these fifty policies. Nothing could do much less.

:func:`source` writes the C: one pass over a firm's rows fills its aggregates, then come all clauses, codes and amounts. It knows
no other policy, keeps no reason and checks no overflow. 0 is true, 1 false, 2 unknown. Compiling it is not counted.
"""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NONE = -(2**63)
NUMBERS = ("firm.high_tech", "firm.founded", "firm.capital")
OUT = 4
"""Columns of an answer: policy, firm, code, fen."""


class Kernel:
    """The C of a plan, compiled into a folder."""

    def __init__(self, plan: dict[str, Any], folder: Path) -> None:
        self.plan, self.texts = plan, plan["texts"]
        (folder / "floor.c").write_text(source(plan), "utf-8")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(folder / "floor.so"), str(folder / "floor.c")], check=True)
        self._run = ctypes.CDLL(str(folder / "floor.so")).run
        self._run.restype = ctypes.c_int64

    def run(self, folder: Path) -> pa.Table:
        """Who is kept, of every policy: from the files to policy, firm, code and fen, in that order."""
        firms = pq.read_table(folder / "firms.parquet", read_dictionary=list(self.texts))
        rows = pq.read_table(folder / "rows.parquet")
        count = len(firms)
        columns = [np.ascontiguousarray(_places(firms[name], words)) for name, words in self.texts.items()]
        columns += [np.ascontiguousarray(firms[name].fill_null(NONE).to_numpy()) for name in NUMBERS]
        told = [np.ascontiguousarray(rows["ent"].to_numpy()), np.ascontiguousarray(rows["fact"].to_numpy()), np.ascontiguousarray(rows["period"].to_numpy()),
                np.ascontiguousarray(rows["num"].fill_null(NONE).to_numpy())]
        policies = len(self.plan["policies"])
        out = [np.empty((policies, count), kind) for kind in (np.int32, np.int64, np.int64)]
        found = np.zeros(policies, np.int64)
        self._run(*(ctypes.c_void_p(array.ctypes.data) for array in (*columns, *told, *out, found)), ctypes.c_int64(count), ctypes.c_int64(len(rows)))
        ent, code, fen = (np.concatenate([array[at, :most] for at, most in enumerate(found)]) for array in out)
        return pa.table({"policy": np.repeat(np.arange(policies, dtype=np.int32), found), "ent": ent, "code": code, "fen": pa.array(fen, mask=fen == NONE)})


def _places(column: pa.ChunkedArray, words: list[str]) -> np.ndarray:
    encoded = column.combine_chunks()
    place = np.array([words.index(word) for word in encoded.dictionary.to_pylist()] or [0], np.int8)
    indices = encoded.indices.fill_null(0).to_numpy()
    return np.where(encoded.is_valid().to_numpy(zero_copy_only=False), place[indices], np.int8(-1)).astype(np.int8)


class _Source:
    """What the loop over rows must gather, noted while clauses are written."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.texts = plan["texts"]
        self.gathered: dict[str, tuple[int, str, str]] = {}

    def number(self, of: dict[str, Any], what: str) -> str:
        name = f"{what}_{of['fact']}_{of['first']}_{of['last']}"
        inside = f"p >= {of['first']} && p <= {of['last']}"
        start, step = {
            "sum": ("0", f"if (v != NONE && {inside}) {name} += v;"), "n": ("0", f"if (v != NONE && {inside}) {name}++;"),
            "max": ("NONE", f"if (v != NONE && {inside} && v > {name}) {name} = v;"), "min": ("MOST", f"if (v != NONE && {inside} && v < {name}) {name} = v;"),
            "last": ("NONE", f"if ({inside}) {name} = v;"),  # rows come in the order of periods
            "filled": ("0", f"if ({' || '.join(f'p == {gap}' for gap in of['gaps'] or [-1])}) {name}++;")}[what]
        self.gathered[name] = (of["fact"], start, step)
        return name

    def whole(self, of: dict[str, Any]) -> str:
        if of["gaps"] is None:
            return "0"
        return f"({self.number(of, 'filled')} == {len(of['gaps'])})" if of["gaps"] else "1"

    def leaf(self, leaf: dict[str, Any]) -> str:
        kind = leaf["kind"]
        if kind == "attribute":
            return self.attribute(leaf)
        if kind == "total":
            return self.total(leaf)
        if kind == "exists":
            return f"({self.number(leaf['of'], 'n')} > 0 ? 0 : {self.whole(leaf['of'])} ? 1 : 2)"
        if kind == "growth":
            now, before = self.number(leaf["now"], "sum"), self.number(leaf["before"], "sum")
            return f"({before} > 0 && ({now} - {before}) * 100 >= {before} * {leaf['percent']} ? 0 : 1)"
        a, b, known_a, known_b = self.number(leaf["a"], "sum"), self.number(leaf["b"], "sum"), self.whole(leaf["a"]), self.whole(leaf["b"])
        return f"({known_b} && {b} <= 0 ? 1 : {known_a} && {known_b} ? ({a} * {leaf['den']} >= {b} * {leaf['num']} ? 0 : 1) : 2)"

    def attribute(self, leaf: dict[str, Any]) -> str:
        fact, op, values = leaf["fact"], leaf["op"], leaf["values"]
        missing = 1 if leaf["always"] else 2
        if fact in self.texts:
            at, words = f"t{list(self.texts).index(fact)}[e]", self.texts[fact]
            yes = [place for place, word in enumerate(words) if (word.startswith(tuple(values)) if op == "starts_with" else (word in values) != (op == "!="))]
            return f"({at} < 0 ? {missing} : {' || '.join(f'{at} == {place}' for place in yes) or '0'} ? 0 : 1)"
        at = f"x{NUMBERS.index(fact)}[e]"
        test = f"{at} >= {values[0]} && {at} <= {values[1]}" if op == "between" else f"{at} {'==' if op in ('=', 'in') else op} {values[0]}"
        return f"({at} == NONE ? {missing} : {test} ? 0 : 1)"

    def total(self, leaf: dict[str, Any]) -> str:
        of, agg, limit = leaf["of"], leaf["agg"], leaf["limit"]
        value = self.number(of, {"latest": "last", "count": "n"}.get(agg, agg))
        if agg == "latest":
            return f"({value} != NONE && {value} >= {limit} ? 0 : 1)"
        whole = self.whole(of)
        if agg == "min":
            return f"({value} <= {limit} ? 1 : !{whole} ? 2 : {value} == MOST ? 1 : 0)"
        yes, no = ("2", "2") if leaf["signed"] else ("2", "1") if leaf["op"] == "<=" else ("0", "2")
        return f"({value} {leaf['op']} {limit} ? ({whole} ? 0 : {yes}) : ({whole} ? 1 : {no}))"

    def clause(self, of: dict[str, Any]) -> str:
        parts = [self.leaf(leaf) for leaf in of["leaves"]]
        found = parts[0]
        if of["how"] == "any":
            found = f"any({parts[0]}, {parts[1]}, {parts[2] if len(parts) > 2 else 1})"
        elif of["how"] == "not":
            found = f"opposite({found})"
        return f"({found} != 0)" if of["fail"] else found

    def amount(self, pays: dict[str, Any]) -> str:
        if pays["kind"] == "flat":
            return str(pays["fen"])
        base = self.number(pays["of"], "sum")
        if pays["kind"] == "rate":
            part = f"{base} * {pays['num']} / {pays['den']} * 100"
            return f"({self.whole(pays['of'])} ? ({part} < {pays['cap']} ? {part} : {pays['cap']}) : NONE)"
        found = "0"
        for least, fen in pays["steps"]:
            found = f"({base} >= {least} ? {fen} : {found})"
        return f"({self.whole(pays['of'])} ? {found} : NONE)"


def source(plan: dict[str, Any]) -> str:
    """The C of all policies."""
    made = _Source(plan)
    policies = []
    for at, policy in enumerate(plan["policies"]):
        code = " | ".join(f"(i64){made.clause(clause)} << {2 * place}" for place, clause in enumerate(policy["clauses"]))
        policies.append(f"{{ i64 c = {code}; i64 f = c & FALSES; if (!f || !(c & ((c - 1) | UNKNOWNS))) {{ i64 k = found[{at}]++; i64 o = {at} * count + k; "
                        f"ents[o] = e; codes[o] = c; fens[o] = f ? NONE : {made.amount(policy['pays'])}; }} }}")
    start = " ".join(f"i64 {name} = {value};" for name, (_, value, _) in made.gathered.items())
    facts = sorted({fact for fact, _, _ in made.gathered.values()})
    steps = " ".join(f"case {fact}: {' '.join(step for of, _, step in made.gathered.values() if of == fact)} break;" for fact in facts)
    texts = ", ".join(f"const int8_t *t{at}" for at in range(len(plan["texts"])))
    numbers = ", ".join(f"const i64 *x{at}" for at in range(len(NUMBERS)))
    return "\n".join([
        "#include <stdint.h>", "typedef int64_t i64;", "#define NONE INT64_MIN", "#define MOST INT64_MAX",
        "#define FALSES 0x1555555555555555LL", "#define UNKNOWNS 0x2AAAAAAAAAAAAAAALL",
        "static inline int any(int a, int b, int c) { return !a || !b || !c ? 0 : a == 2 || b == 2 || c == 2 ? 2 : 1; }",
        "static inline int opposite(int a) { return a == 2 ? 2 : !a; }",
        f"i64 run({texts}, {numbers}, const int32_t *ent, const int8_t *fact, const int16_t *period, const i64 *num, int32_t *ents, i64 *codes, i64 *fens, i64 *found, i64 count, i64 rows) {{",
        f"i64 r = 0; for (int32_t e = 0; e < count; e++) {{ {start}",
        f"for (; r < rows && ent[r] == e; r++) {{ int p = period[r]; i64 v = num[r]; switch (fact[r]) {{ {steps} }} }}",
        *policies, "} return r; }"]) + "\n"
