"""One policy document: YAML beside its source text → a typed tree, or every problem with file and line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.messages import Message
from diguan.kernel.packs import Codes
from diguan.kernel.rules import conditions, tree, values
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors, Node, Problem, parse

__all__ = ["DocumentErrors", "Problem", "load_folder", "load_policy", "try_policy"]

RESERVED = ("claims", "drafts", "evaluations", "lives", "mine", "payments", "reviews", "runs", "simulations")
KEYS = ("id", "version", "title", "issuer", "source", "in_force", "recorded_at", "delivery", "legal_basis",
        "fair_competition_review", "clauses", "benefit", "exclusive_with", "budget", "examples")
NEEDED = ("id", "title", "source", "in_force", "clauses", "benefit", "examples")
BENEFIT_KEYS = {"flat": ("kind", "amount", "rounding"), "rate": ("kind", "of", "rate", "cap", "rounding"),
                "tiers": ("kind", "of", "tiers", "cap", "rounding")}
FEWEST_EXAMPLES = 3
T = TypeVar("T")


def load_policy(path: Path, catalogue: Catalogue, codes: Codes | None = None) -> tree.Policy:
    """Read, check and try one document.

    Raises:
        DocumentErrors: anything wrong in it; nothing of it is used.
    """
    name = path.name if not path.parent.name else f"{path.parent.name}/{path.name}"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentErrors([Problem(name, 1, Message(f"读不了：{error.strerror}", f"cannot be read: {error.strerror}"))]) from error
    policy, problems = try_policy(parse(raw, name), name, catalogue, codes, sha256=hashlib.sha256(raw).hexdigest(), path=path)
    if problems or policy is None:
        raise DocumentErrors(problems)
    return policy


def try_policy(root: Node, name: str, catalogue: Catalogue, codes: Codes | None = None, *, sha256: str = "", path: Path | None = None,
               source: bytes | None = None) -> tuple[tree.Policy | None, list[Problem]]:
    """A document that may still be wrong: the policy as far as it can be built at all, and everything that is wrong in it.

    One whose clauses, benefit and dates are in order is built even if its examples are too few or do not hold; it may be
    tried, not used.

    Args:
        root: the document as it was read.
        name: what errors call it.
        catalogue: the facts there are.
        codes: the regions and industries there are.
        sha256: the digest of its bytes.
        path: where it lies, for its source text beside it.
        source: the source text itself, for a document that lies nowhere yet.
    """
    from diguan.kernel.rules import examples

    reader = Reader(name, catalogue, codes)
    policy = _try(lambda: _policy(reader, root, sha256, path, source))
    if policy is not None and (not reader.problems or source is not None):
        examples.check(policy, reader)
    return policy, sorted(reader.problems, key=lambda problem: problem.line)


def load_folder(folder: Path, catalogue: Catalogue, codes: Codes | None = None) -> tuple[list[tree.Policy], list[Problem]]:
    """Every ``*.yaml`` of a folder, by file name; a document with a problem is left out and named."""
    policies: dict[str, tree.Policy] = {}
    problems: list[Problem] = []
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]) if folder.is_dir() else []
    if not paths:
        problems.append(Problem(str(folder), 1, Message("这里没有政策文件（*.yaml）", "no policy documents (*.yaml) here")))
    for path in paths:
        try:
            policy = load_policy(path, catalogue, codes)
        except DocumentErrors as error:
            problems += error.problems
            continue
        if policy.id in policies:
            problems.append(Problem(path.name, 1, Message(f"政策编号 {policy.id} 另一份文件已用", f"policy id {policy.id} is used by another file")))
            continue
        policies[policy.id] = policy
    return list(policies.values()), problems


def _try(make: Callable[[], T]) -> T | None:
    try:
        return make()
    except Refused:
        return None


def _policy(reader: Reader, root: Node, digest: str, path: Path | None, source: bytes | None) -> tree.Policy:
    keys = reader.keys(root, KEYS, NEEDED)
    text, origin = _source(reader, keys["source"], path, source)
    start, end = in_force(reader, keys["in_force"])
    clauses = _clauses(reader, keys["clauses"], text)
    found = tree.Policy(
        id=_id(reader, keys["id"]), title=title(reader, keys["title"]), in_force_from=start, in_force_to=end,
        clauses=clauses, benefit=_benefit(reader, keys["benefit"]),
        version=keys["version"].text or digest if "version" in keys else digest, sha256=digest,
        origin=origin, text=text, issuer=_optional(keys, "issuer"), legal_basis=_optional(keys, "legal_basis"),
        recorded_at=day(reader, keys["recorded_at"]) if "recorded_at" in keys else None,
        delivery=reader.word(keys["delivery"], tree.DELIVERIES) if "delivery" in keys else "application",
        review=_review(reader, keys["fair_competition_review"]) if "fair_competition_review" in keys else None,
        exclusive_with=tuple(reader.text(part) for part in _items(keys, "exclusive_with")),
        budget=_budget(reader, keys["budget"]) if "budget" in keys else None,
        examples=tuple(_example(reader, part) for part in _items(keys, "examples")), path=path,
    )
    if len(found.examples) < FEWEST_EXAMPLES:
        reader.refuse(keys["examples"], f"至少要 {FEWEST_EXAMPLES} 个算例，现有 {len(found.examples)} 个",
                      f"at least {FEWEST_EXAMPLES} examples are needed, there are {len(found.examples)}")
    return found


def _id(reader: Reader, node: Node) -> str:
    """Runs, addresses and file names are made of it: no spaces, no slashes."""
    found = reader.text(node)
    if re.fullmatch(r"\w[\w.-]{0,99}", found) is None:
        raise reader.refuse(node, f"政策编号只用文字、数字、. _ -，现为 {found}", f"a policy id is made of letters, digits, . _ - only: {found}")
    if found in RESERVED:
        raise reader.refuse(node, f"{found} 是页面地址用的词，政策编号换一个", f"{found} is a word of the pages' addresses; choose another id")
    return found


def _optional(keys: dict[str, Node], name: str) -> str:
    return (keys[name].text or "") if name in keys else ""


def _items(keys: dict[str, Node], name: str) -> tuple[Node, ...]:
    return (keys[name].items or ()) if name in keys else ()


def day(reader: Reader, node: Node) -> Any:
    return reader.valued(node, values.date, reader.text(node))


def title(reader: Reader, node: Node) -> dict[str, str]:
    if node.text:
        return {"zh": node.text}
    return {key: child.text or "" for key, child in reader.keys(node, ("zh", "en"), ("zh",)).items()}


def _source(reader: Reader, node: Node, path: Path | None, given: bytes | None) -> tuple[str, tree.Origin]:
    keys = reader.keys(node, ("document", "file", "sha256"), ("document", "file", "sha256"))
    name = reader.text(keys["file"])
    folder = (path.parent if path else Path()).resolve()
    if not (folder / name).resolve().is_relative_to(folder):
        raise reader.refuse(keys["file"], f"原文要放在政策文件夹里：{name}", f"the source must lie in the policy folder: {name}")
    try:
        raw = (folder / name).read_bytes() if given is None else given
        text = raw.decode("utf-8-sig")
    except OSError:
        raise reader.refuse(keys["file"], f"找不到原文 {name}", f"source text {name} not found") from None
    except UnicodeDecodeError:
        raise reader.refuse(keys["file"], f"原文 {name} 不是 UTF-8", f"source text {name} is not UTF-8") from None
    digest = hashlib.sha256(raw).hexdigest()
    if digest != reader.text(keys["sha256"]).lower():
        raise reader.refuse(keys["sha256"], f"原文 {name} 的 sha256 对不上，现在是 {digest}", f"sha256 of {name} differs, it is now {digest}")
    return text, tree.Origin(reader.text(keys["document"]), name, digest)


def in_force(reader: Reader, node: Node) -> tuple[Any, Any]:
    keys = reader.keys(node, ("from", "to"), ("from",))
    start = day(reader, keys["from"])
    end = day(reader, keys["to"]) if "to" in keys and keys["to"].text else None
    if end is not None and end < start:
        raise reader.refuse(keys["to"], "to 早于 from", "to is before from")
    return start, end


def _clauses(reader: Reader, node: Node, text: str) -> tuple[tree.Clause, ...]:
    if not node.items:
        raise reader.refuse(node, "至少要一条 clause", "at least one clause is needed")
    if len(node.items) > tree.MOST_CLAUSES:
        raise reader.refuse(node, f"一份政策最多 {tree.MOST_CLAUSES} 条，现有 {len(node.items)} 条；请拆成几份，或把几条合成一条 all",
                            f"a policy has at most {tree.MOST_CLAUSES} clauses, there are {len(node.items)}: split it, or join clauses by all")
    found = [clause for part in node.items if (clause := _attempt(reader, part, text))]
    seen: set[str] = set()
    for clause in found:
        if clause.id in seen:
            reader.refuse(Node(clause.line, text=clause.id), f"条款编号 {clause.id} 重复", f"clause id {clause.id} is used twice")
        seen.add(clause.id)
    if reader.problems:
        raise Refused
    return tuple(found)


def _attempt(reader: Reader, node: Node, text: str) -> tree.Clause | None:
    # One bad clause must not hide what is wrong with the next.
    return _try(lambda: _clause(reader, node, text))


def _clause(reader: Reader, node: Node, text: str) -> tree.Clause:
    keys = reader.keys(node, ("id", "cite", "when", "on_missing"), ("id", "cite", "when"))
    cite = reader.keys(keys["cite"], ("article", "quote"), ("article", "quote"))
    quote = reader.text(cite["quote"])
    at = text.find(quote)
    if at < 0:
        reader.refuse(cite["quote"], f"原文里找不到这句：{quote[:40]}", f"the source text does not hold this quote: {quote[:40]}")
    return tree.Clause(
        id=reader.text(keys["id"]), cite=tree.Cite(reader.text(cite["article"]), quote, (at, at + len(quote))),
        condition=conditions.condition(reader, keys["when"]),
        on_missing=reader.word(keys["on_missing"], ("ask", "fail")) if "on_missing" in keys else "ask", line=node.line)


def said_clause(reader: Reader, node: Node) -> tree.Clause:
    """A clause that says itself what it stands on, as standards and gates have them."""
    keys = reader.keys(node, ("id", "says", "when"), ("id", "says", "when"))
    says = reader.text(keys["says"])
    return tree.Clause(reader.text(keys["id"]), tree.Cite("", says, (0, len(says))), conditions.condition(reader, keys["when"]), line=node.line)


def _benefit(reader: Reader, node: Node) -> tree.Benefit:
    keys = node.keys or {}
    if "kind" not in keys:
        raise reader.refuse(node, "缺少 kind", "kind is missing")
    kind = reader.word(keys["kind"], BENEFIT_KEYS)
    keys = reader.keys(node, BENEFIT_KEYS[kind])
    rounding = reader.word(keys["rounding"], tree.ROUNDINGS) if "rounding" in keys else "down_to_fen"
    cap = _fen(reader, keys["cap"]) if "cap" in keys else None
    if kind == "flat":
        return tree.Flat(_fen(reader, reader.keys(node, BENEFIT_KEYS[kind], ("amount",))["amount"]), rounding)
    reader.keys(node, BENEFIT_KEYS[kind], ("of", "rate") if kind == "rate" else ("of", "tiers"))
    of = _base(reader, keys["of"])
    if kind == "rate":
        return tree.Rate(of, _rate(reader, keys["rate"], of), cap, rounding)
    steps = [_step(reader, part, of) for part in keys["tiers"].items or ()]
    if not steps:
        raise reader.refuse(keys["tiers"], "tiers 至少一档", "tiers needs a step")
    return tree.Tiers(of, tuple(sorted(steps, key=lambda step: step.at_least)), cap, rounding)


def _base(reader: Reader, node: Node) -> tree.Read:
    of = conditions.read(reader, node, reader.keys(node, conditions.READ_KEYS, ("fact",)))
    if of.type not in ("money", "number", "count", "percent"):
        raise reader.refuse(node, f"{of.fact.name} 不是数，不能按它算钱", f"{of.fact.name} is no number to pay by")
    return of


def _fen(reader: Reader, node: Node) -> int:
    return reader.valued(node, values.money_fen, reader.text(node))  # type: ignore[return-value]


def _rate(reader: Reader, node: Node, of: tree.Read) -> Fraction:
    """Fen per display unit of the base: 10% of one yuan is 10 fen, 2000 元/人 are 200 000."""
    yuan = reader.valued(node, values.rate, reader.text(node), of)
    assert isinstance(yuan, Fraction)
    return yuan * 100


def _step(reader: Reader, node: Node, of: tree.Read) -> tree.Step:
    keys = reader.keys(node, ("at_least", "amount", "rate"), ("at_least",))
    if ("amount" in keys) == ("rate" in keys):
        raise reader.refuse(node, "每档 amount 和 rate 写且只写一个", "a step has exactly one of amount and rate")
    at_least = reader.valued(keys["at_least"], values.parse, reader.text(keys["at_least"]), of, None)
    return tree.Step(at_least, _fen(reader, keys["amount"]) if "amount" in keys else None,  # type: ignore[arg-type]
                     _rate(reader, keys["rate"], of) if "rate" in keys else None)


def _review(reader: Reader, node: Node) -> tree.Review:
    keys = reader.keys(node, ("status", "date", "record"), ("status",))
    date = day(reader, keys["date"]) if "date" in keys else None
    return tree.Review(reader.text(keys["status"]), date, _optional(keys, "record"))


def _budget(reader: Reader, node: Node) -> tree.Budget:
    keys = reader.keys(node, ("amount", "order", "when_exhausted", "places"), ("amount",))
    word = reader.word(keys["when_exhausted"], ("waitlist", "prorate")) if "when_exhausted" in keys else "waitlist"
    order = tuple(_order(reader, part) for part in _items(keys, "order"))
    return tree.Budget(_fen(reader, keys["amount"]), order, word, _places(reader, keys["places"]) if "places" in keys else None)


def _places(reader: Reader, node: Node) -> int:
    text = reader.text(node)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise reader.refuse(node, f"places 是名额数，写正整数，现为 {text}", f"places is a number of places, a positive whole number: {text}")
    return int(text)


def _order(reader: Reader, node: Node) -> tree.OrderKey:
    keys = reader.keys(node, (*conditions.READ_KEYS, "desc", "asc"), ("fact",))
    of = conditions.read(reader, node, {key: child for key, child in keys.items() if key in conditions.READ_KEYS})
    return tree.OrderKey(of, "desc" in keys and keys["desc"].text in ("", "true"))


def _example(reader: Reader, node: Node) -> tree.Example:
    keys = reader.keys(node, ("name", "as_of", "facts", "expect"), ("as_of", "facts", "expect"))
    return tree.Example(_optional(keys, "name"), day(reader, keys["as_of"]), dict(keys["facts"].keys or {}),
                        dict(reader.keys(keys["expect"], ("status", "amount", "amount_fen", "clauses", "gap"))), node.line)
