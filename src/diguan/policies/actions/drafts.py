"""Writes of drafts: begun, copied or brought in; changed by whoever saw the state they change; kept as a version; published."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.disk import flush
from diguan.kernel.messages import Message
from diguan.kernel.rules.nodes import MOST_BYTES, DocumentErrors
from diguan.policies import queries
from diguan.policies.actions import life
from diguan.policies.engine import yamltext
from diguan.policies.models import Draft, DraftVersion
from diguan.policies.queries import drafts, papers, published

LONGEST_NOTE = 300
_ID = re.compile(r"\w[\w.-]{0,99}")


def new_draft(*, policy: str, title: str, issuer: str, document: str, source: str, by: Person) -> Draft:
    """Begin a document that holds nothing yet but what it is called and the text it is read from.

    Raises:
        access.Forbidden: the person may not draft. Refusal: the id will not do, or there is no source text.
    """
    access.require(by, drafts.WRITE)
    source = _text(source)
    data: dict[str, Any] = {"id": policy.strip(), "title": {"zh": title.strip()}, "issuer": issuer.strip(), "delivery": "application"}
    data["source"] = {"document": document.strip() or "—", **_named(data["id"], source)}
    data |= {"in_force": {"from": clocks.today().isoformat()}, "clauses": [], "benefit": {"kind": "flat", "amount": ""}, "examples": []}
    return create_draft(text=yamltext.write(data), source=source, by=by)


def copy_policy(*, policy: str, by: Person, name: str = "") -> Draft:
    """Begin a draft as a copy of a policy of the library: its next version, or a variant under a ``name`` of its own.

    Raises:
        Refusal: there is no such policy, its files cannot be read, or the name will not do.
    """
    access.require(by, drafts.WRITE)
    found = queries.library().policies.get(policy)
    if found is None or found.path is None:
        raise Refusal("no_policy", [Message(f"没有编号为 {policy} 的政策", f"there is no policy {policy}")])
    try:
        text, source = found.path.read_bytes().decode(), (found.path.parent / found.origin.file).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("unreadable", [Message(f"政策文件读不了：{error}", f"the policy's files cannot be read: {error}")]) from error
    if name:
        text = yamltext.rewrite(text, {**yamltext.read(text), "id": name.strip()})
    return create_draft(text=text, source=source, copied_from=found.digest, by=by)


def import_draft(*, text: str, source: str, by: Person) -> Draft:
    """Begin a draft from a YAML file and its source text; what is wrong in it is shown in the builder.

    Raises:
        Refusal: it is no YAML document, or it names another source text by its sha256.
    """
    access.require(by, drafts.WRITE)
    text, data = _lines(text), _read(_lines(text))
    source = source if _digest(source) == _told(data) else _text(source)
    if _told(data) not in ("", _digest(source)):
        raise Refusal("other_source", [Message(f"文件里写的原文摘要是 {_told(data)[:12]}…，给的这份原文是 {_digest(source)[:12]}…：不是同一份", f"the file is written for a source text {_told(data)[:12]}…, the one given is {_digest(source)[:12]}…: not the same")], field="source")
    given = data.get("source")
    named = {**(given if isinstance(given, dict) else {}), **_named(str(data.get("id", "")), source)}
    if not isinstance(given, dict) or not given.get("sha256") or not _safe(str(given.get("file", ""))):
        text = yamltext.rewrite(text, {**data, "source": {"document": "—", **named}})
    return create_draft(text=text, source=source, by=by)


@action(permission=drafts.WRITE, event="draft_begun")
def create_draft(*, text: str, source: str, by: Person, copied_from: str = "") -> Done[Draft]:
    """Keep a new draft: a document and the text it is read from.

    Raises:
        Refusal: it is no YAML document, has no id that will do, or no source text.
    """
    data = _checked(text, source)
    row = Draft.objects.create(**_columns(data), text=text, source=source, copied_from=copied_from, owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    return Done(row, after={"policy": row.policy, "digest": _digest(text), "source": _digest(source), "copied_from": copied_from})


def change_draft(*, draft: Draft, version: int, by: Person, data: Mapping[str, Any] | None = None, text: str | None = None, source: str | None = None) -> Draft:
    """Change a draft as somebody saw it at ``version``: its document by parts (``data``) or as a whole (``text``), its source text.

    Parts that say the same keep their lines and comments. A new source text brings its own name and digest into the document.

    Raises:
        Refusal: ``changed_meanwhile``: somebody saved first, nothing is changed; or it is no document.
    """
    source = draft.source if source is None else _kept_source(draft, source)
    new = _lines(text) if text is not None else draft.text if data is None else yamltext.rewrite(draft.text, data)
    if source != draft.source:
        held = _read(new)
        given = held.get("source")
        new = yamltext.rewrite(new, {**held, "source": {"document": "—", **(given if isinstance(given, dict) else {}), **_named(str(held.get("id", "")), source)}})
    if (new, source) == (draft.text, draft.source) and version == draft.version:
        return draft
    return save_draft(draft=draft, version=version, text=new, source=source, by=by)


@action(permission=drafts.WRITE, event="draft_changed", on="draft")
def save_draft(*, draft: Draft, version: int, text: str, source: str, by: Person) -> Done[Draft]:
    """Keep another text of a draft, if it is still as it was seen."""
    data, before = _checked(text, source), _digest(draft.text)
    _lock(draft, version, text=text, source=source, **_columns(data), changed_by=by, changed_at=clocks.now())
    return Done(Draft.objects.get(pk=draft.pk), before={"digest": before}, after={"digest": _digest(text), "source": _digest(source)})


@action(permission=drafts.WRITE, event="draft_version_saved", on="draft")
def save_version(*, draft: Draft, version: int, note: str, by: Person) -> Done[Draft]:
    """Keep a draft as its next version, with a note of what is new.

    Raises:
        Refusal: no note, nothing new since the last version, or somebody saved first.
    """
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise Refusal("note", [Message(f"写一句这一版改了什么，不超过 {LONGEST_NOTE} 字", f"say in a sentence what is new, at most {LONGEST_NOTE} characters")], field="note")
    last = DraftVersion.objects.filter(draft=draft, number=draft.saved).first()
    if last is not None and (last.text, last.source) == (draft.text, draft.source):
        raise Refusal("nothing_new", [Message(f"和第 {last.number} 版一样，没有要存的", f"the same as version {last.number}: nothing to keep")])
    life.queue_at(draft.policy)  # a leader who publishes now publishes what was kept before
    if Draft.objects.filter(pk=draft.pk, version=version, saved=draft.saved).update(saved=F("saved") + 1) != 1:
        raise changed_meanwhile()
    now = Draft.objects.get(pk=draft.pk)
    kept = _once(lambda: DraftVersion.objects.create(draft=now, number=now.saved, text=now.text, source=now.source, digest=_digest(now.text), note=note, by=by))
    return Done(now, after={"number": kept.number, "digest": kept.digest, "source": _digest(kept.source)})


def publish_draft(*, draft_version: DraftVersion, by: Person) -> Draft:
    """Put a version into the installation's own pack, where every process finds it at the next page; done again it changes nothing.

    The files are written first and whole, source text before document, then the row: a kill in between is made good by doing it again.

    Raises:
        access.Forbidden: the person may not publish.
        Refusal: ``not_usable`` (the loader refuses it), ``unpublishable`` (legal basis or review lacking), ``not_reviewed`` (its
            course has not reached published since this version was kept), ``superseded`` (another one was the last when it did), ``source_taken``.
    """
    draft = draft_version.draft
    access.require(by, drafts.PUBLISH, draft)
    _require_usable(draft_version)
    _require_reviewed(draft_version)
    _write(draft_version)
    return record_published(draft=draft, draft_version=draft_version, by=by)


@action(permission=drafts.PUBLISH, event="draft_published", on="draft")
def record_published(*, draft: Draft, draft_version: DraftVersion, by: Person) -> Done[Draft]:
    """Note which version is in use; its files are durable already."""
    before = draft.published
    Draft.objects.filter(pk=draft.pk).update(published=draft_version.number)
    return Done(Draft.objects.get(pk=draft.pk), before={"number": before}, after={"number": draft_version.number, "digest": draft_version.digest})


# ── what must hold ───────────────────────────────────────────────────────────
def _require_usable(kept: DraftVersion) -> None:
    found = drafts.opened(kept.text, kept.source)
    if not found.usable or found.policy is None:
        raise Refusal("not_usable", [Message(f"第 {fault.line} 行：{fault.message.zh}", f"line {fault.line}: {fault.message.en}") for fault in found.faults])
    if not found.policy.publishable:
        raise Refusal("unpublishable", found.policy.unpublishable)


def _require_reviewed(kept: DraftVersion) -> None:
    policy = drafts.opened(kept.text, kept.source).policy
    at = published.published_at(policy.id) if policy else None
    if at is None:
        raise Refusal("not_reviewed", [Message("这份政策的办理还没到“已发布”：先送公平竞争审查、合法性审查，再由领导发布", "the policy's course has not reached “published”: fair-competition and legality review come first, then a leader publishes")])
    if at < kept.at:
        raise Refusal("not_reviewed", [Message("这一版是在上次发布之后存的，没有审查过：先把这一版送审", "this version was kept after the policy was last published and has not been reviewed: send it to review first")])

    stood = papers.kept_last(policy.id, at) if policy else None
    if stood is None or (stood.text, stood.source) != (kept.text, kept.source):
        raise Refusal("superseded", [_superseded(stood)])


def _superseded(stood: DraftVersion | None) -> Message:
    which = (f"“{stood.draft.title}”第 {stood.number} 版", f"version {stood.number} of “{stood.draft.title}”") if stood else ("另一稿", "another text")
    return Message(f"领导发布的是{which[0]}，不是这一版：只有那一版能放进政策库；要用这一版，先送审", f"what the leader published is {which[1]}, not this one: only that goes into the library; to use this one, send it to review")


def _checked(text: str, source: str) -> dict[str, Any]:
    if not source.strip():
        raise Refusal("no_source", [Message("原文是空的：先贴上文件原文，条款都要指到原文", "there is no source text: paste the document first, every clause points into it")], field="source")
    if len(source.encode()) > MOST_BYTES:
        raise Refusal("too_long", [Message("原文超过 1 MB", "the source text is larger than 1 MB")], field="source")
    data = _read(text)
    if not _ID.fullmatch(str(data.get("id", ""))) or not isinstance(data.get("id"), str):
        raise Refusal("no_id", [Message("政策编号只用文字、数字、. _ -，100 字以内", "a policy id is made of letters, digits, . _ -, at most 100")], field="policy")
    return data


def _read(text: str) -> dict[str, Any]:
    try:
        return yamltext.read(text, drafts.NAME)
    except DocumentErrors as error:
        raise Refusal("not_yaml", [Message(f"第 {one.line} 行：{one.message.zh}", f"line {one.line}: {one.message.en}") for one in error.problems], field="text") from error


def _lock(draft: Draft, version: int, **changes: Any) -> None:
    if Draft.objects.filter(pk=draft.pk, version=version).update(version=F("version") + 1, **changes) != 1:
        raise changed_meanwhile()


def changed_meanwhile() -> Refusal:
    """Somebody saved first."""
    return Refusal("changed_meanwhile", [Message("没保存上，您填的还在：别人刚改过这份草稿，先看改了什么", "Not saved, your entries are kept: somebody has just changed this draft, see what")])


def _once(make: Any) -> DraftVersion:
    try:
        with transaction.atomic():
            kept: DraftVersion = make()
    except IntegrityError as error:
        raise changed_meanwhile() from error
    return kept


# ── texts ────────────────────────────────────────────────────────────────────
def _columns(data: Mapping[str, Any]) -> dict[str, str]:
    title = data.get("title")
    named = title.get("zh", "") if isinstance(title, dict) else title
    told = "".join(letter for letter in named if letter.isprintable()) if isinstance(named, str) else ""  # no column takes a NUL
    return {"policy": str(data["id"]), "title": (told or str(data["id"]))[:200]}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(text: str) -> str:
    """With the line ends of this house; a form sends those of another."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _text(source: str) -> str:
    return _lines(source).strip("\n") + "\n" if source.strip() else ""


def _kept_source(draft: Draft, source: str) -> str:
    """The source text as it is, where the form sent back the same with other line ends."""
    return draft.source if _lines(draft.source).strip("\n") == _lines(source).strip("\n") else _text(source)


def _named(policy: str, source: str) -> dict[str, str]:
    """A source file's name and digest: named by its content, so that no other text ever has its name."""
    digest = _digest(source)
    stem = policy if _ID.fullmatch(policy) else "draft"
    return {"file": f"sources/{stem}-{digest[:12]}.txt", "sha256": digest}


def _told(data: Mapping[str, Any]) -> str:
    source = data.get("source")
    return str(source.get("sha256", "")).lower() if isinstance(source, dict) else ""


def _safe(name: str) -> bool:
    return bool(re.fullmatch(r"(?:[\w][\w. -]*/)*\w[\w. -]*\.(?:txt|md)", name))


# ── files ────────────────────────────────────────────────────────────────────
def _write(kept: DraftVersion) -> None:
    data = yamltext.read(kept.text, drafts.NAME)
    folder = queries.own_folder()
    name = str(data["source"]["file"])
    if not _safe(name):
        raise Refusal("source_name", [Message(f"原文文件名不能用：{name}", f"the source file's name will not do: {name}")])
    source = folder / name
    if source.exists() and source.read_bytes() != kept.source.encode():
        raise Refusal("source_taken", [Message(f"{name} 已是另一份原文，不覆盖：改一下原文文件名（source.file）", f"{name} holds another source text and is not overwritten: name the source file (source.file) otherwise")])
    _put(source, kept.source)
    _put(folder / f"{data['id']}.yaml", kept.text)


def _put(path: Path, text: str) -> None:
    """A file, whole or not at all, and there for good."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=".", suffix=".part", delete=False) as aside:
        aside.write(text.encode())
    try:
        Path(aside.name).chmod(0o640)
        flush(Path(aside.name))
        Path(aside.name).replace(path)
    finally:
        Path(aside.name).unlink(missing_ok=True)
    for folder in (path.parent, *path.parent.parents[:2]):
        flush(folder)
