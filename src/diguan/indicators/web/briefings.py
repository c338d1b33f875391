"""Pages of briefings: all of them, one to read and to print, drafting, reviewing, signing, and the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diguan.indicators import queries as room
from diguan.indicators.actions import briefings as actions
from diguan.indicators.models import Briefing, BriefingState
from diguan.indicators.queries import briefing_template, published, snapshots
from diguan.indicators.queries import briefings as queries
from diguan.indicators.web import briefing_pdf, briefing_word, change_words, drawn
from diguan.indicators.web.briefing_forms import DecideForm, DraftForm, RewriteForm
from diguan.indicators.web.briefing_words import around, status
from diguan.kernel import access, timelines
from diguan.kernel.declare import DeskItem
from diguan.kernel.forms import done, refused
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.lists.files import download
from diguan.kernel.shell import asking, language, or_404, trail

STATES = tuple((one.value, one.label) for one in BriefingState)


def address_of(row: Briefing) -> str:
    """Where a briefing's page is."""
    return reverse("indicators:briefing", args=[row.month, row.edition])


PAGE = ListPage(
    title=gettext_lazy("经济运行简报"), rows=queries.visible, permission=queries.READ, file_name="briefings", template="indicators/briefings.html",
    empty=(gettext_lazy("这里还没有简报"), gettext_lazy("签发了的简报在这里；没签发的只有起草、复核、签发的人看得到。")),
    columns=(
        Column("month", gettext_lazy("月份"), sort="month", head=True, link=address_of, value=lambda row: row.document(language())["title"]),
        Column("edition", gettext_lazy("版次"), kind="number"),
        Column("state", gettext_lazy("状态"), kind="status", value=status),
        Column("snapshot.as_of", gettext_lazy("数据截至"), kind="day", sort="snapshot__as_of"),
        Column("signed_at", gettext_lazy("签发时间"), kind="moment", sort="signed_at"),
        Column("snapshot.run_id", gettext_lazy("快照号"), value=lambda row: row.snapshot.run_id[:12], wide=True)),
    filters=(Filter("state", gettext_lazy("状态"), choices=STATES),))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, and whether one is told of new ones."""
    access.require(asking(request), queries.READ)
    return PAGE.show(request, may_draft=access.may(asking(request), queries.DRAFT), subscribed=queries.subscribed(asking(request)))


def briefing_of(request: HttpRequest, month: str, edition: int) -> Briefing:
    """The briefing of an address.

    Raises:
        Http404: there is none for this person.
    """
    return or_404(queries.one(asking(request), month, edition))


@require_GET
def latest(request: HttpRequest, month: str) -> HttpResponse:
    """The newest edition of a month that one may read."""
    return show(request, briefing_of(request, month, 0))


@require_GET
def briefing(request: HttpRequest, month: str, edition: int) -> HttpResponse:
    """One, to be read, printed and decided on."""
    return show(request, briefing_of(request, month, edition))


def show(request: HttpRequest, row: Briefing, status_code: int = 200, **more: Any) -> HttpResponse:
    """The page of one."""
    person, document = asking(request), row.document(language())
    may_open, others = access.may(person, room.VIEW), queries.editions(person, row.month)
    newer = next((other for other in others if other.edition > row.edition and other.published), None)
    return render(request, "indicators/briefing.html", {
        "row": row, "document": document, "words": around(row, language()), "status": status(row), "snapshot_url": reverse("indicators:snapshot", args=[row.snapshot.run_id]) if may_open else "",
        "sections": [{**section, "blocks": [_block(row, block, may_open) for block in section["blocks"]]} for section in document["sections"]],
        "changes": [_linked(row, pieces, may_open) for pieces in document["changes"]], "may": allowed(person, row), "newer": newer, "newer_url": address_of(newer) if newer else "", "older_than": _overtaken(row),
        "others": [(other, address_of(other), status(other)) for other in others], "may_export": access.may(person, queries.EXPORT_FILE), "pdf": briefing_pdf.ready(),
        "timeline": trail(timelines.of(person, row)), **more}, status=status_code)


def _overtaken(row: Briefing) -> str:
    """How the snapshot pages speak from is called, where one that is not signed yet rests on an older one of the data."""
    current = snapshots.current()
    later = current is not None and not row.published and (current.as_of, current.known_at) > (row.snapshot.as_of, row.snapshot.known_at)
    return change_words.run_words(current) if later and current else ""


def allowed(person: Any, row: Briefing) -> dict[str, bool]:
    """What this person may do now; who had a hand in it before is kept out by the action too."""
    draft, reviewed = row.state == BriefingState.DRAFT, row.state == BriefingState.REVIEWED
    may = {right: access.may(person, right, row) for right in queries.MAKERS} if not row.published and queries.makes(person) else dict.fromkeys(queries.MAKERS, False)
    return {"rewrite": draft and may[queries.DRAFT], "review": draft and may[queries.REVIEW] and row.created_by_id != person.pk,
            "send_back": may[queries.REVIEW] and (reviewed or row.created_by_id != person.pk), "sign": reviewed and may[queries.SIGN] and person.pk not in (row.created_by_id, row.reviewed_by_id)}


def _block(row: Briefing, block: dict[str, Any], may_open: bool) -> dict[str, Any]:
    if block["kind"] == "text":
        return {**block, "pieces": _linked(row, block["pieces"], may_open)}
    if block["kind"] == "table":
        return {**block, "rows": [[(head, _linked(row, cell, may_open)) for head, cell in zip(block["heads"], line, strict=True)] for line in block["rows"]]}
    return drawn.on_page(block, language())


def _linked(row: Briefing, pieces: list[dict[str, Any]], may_open: bool) -> list[dict[str, Any]]:
    """Pieces with the address of the rows behind a figure, as its snapshot has them; a space before a figure is no part of its link."""
    return [{**piece, "t": piece["t"].removeprefix(" ") if "code" in piece else piece["t"], "lead": "code" in piece and piece["t"].startswith(" "), "url": _rows_address(row, piece) if may_open and "code" in piece else _changed_address(row, piece) if may_open and "changed" in piece else ""} for piece in pieces]


def _rows_address(row: Briefing, piece: dict[str, Any]) -> str:
    query = {"period": piece["period"], "snapshot": row.snapshot.run_id, **({"dim": piece["dim"], "group": piece["group"]} if piece["dim"] else {})}
    return f"{reverse('indicators:rows', args=[piece['code']])}?{urlencode(query)}"


def _changed_address(row: Briefing, piece: dict[str, Any]) -> str:
    """Where it is told at length why a figure is another one than in the last briefing."""
    query = {"from": piece["from"], "to": row.snapshot.run_id, **{name: piece["of"][name] for name in ("period", "dim", "group")}}  # PostgreSQL keeps no order of keys
    return f"{reverse('indicators:changed', args=[piece['changed']])}?{urlencode(query)}"


# ── drafting and deciding ────────────────────────────────────────────────────
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Draft one from a snapshot."""
    person = asking(request)
    access.require(person, queries.DRAFT)
    found = queries.choices(person)
    form = DraftForm(found, request.POST or None)
    row = done(request, form, lambda: actions.draft_briefing(by=person, **form.cleaned_data))
    if row is not None:
        messages.success(request, _("已起草，等另一个人复核"))
        return redirect(address_of(row))
    return render(request, "indicators/briefing_draft.html", {"form": form, "runs": found, "template": briefing_template.template()}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def rewrite(request: HttpRequest, month: str, edition: int) -> HttpResponse:
    """Write a draft anew from another snapshot."""
    person, row = asking(request), briefing_of(request, month, edition)
    access.require(person, queries.DRAFT, row)
    form = RewriteForm(queries.choices(person), request.POST or None, initial={"version": row.version, "run": row.snapshot.run_id})
    if done(request, form, lambda: actions.rewrite_briefing(briefing=row, by=person, **form.cleaned_data)):
        messages.success(request, _("已按这份快照重写"))
        return redirect(address_of(row))
    return render(request, "indicators/briefing_draft.html", {"form": form, "runs": form.runs, "template": briefing_template.template(), "row": row, "back": address_of(row)}, status=422 if form.is_bound else 200)


_DEEDS: Mapping[str, tuple[Callable[..., Briefing], tuple[str, ...], Any]] = {
    "review": (actions.review_briefing, ("version", "digest"), gettext_lazy("已复核，等领导签发")),
    "return": (actions.return_briefing, ("version", "reason"), gettext_lazy("已退回，等重写")),
    "sign": (actions.sign_briefing, ("version", "digest", "reason"), gettext_lazy("已签发，订阅的人会收到通知")),
}
_RIGHTS = {"review": queries.REVIEW, "return": queries.REVIEW, "sign": queries.SIGN}


@require_POST
def decide(request: HttpRequest, month: str, edition: int, deed: str) -> HttpResponse:
    """Review, send back or sign; a refusal stands on the page.

    Raises:
        Http404: there is no such deed. Forbidden: the person may not.
    """
    if deed not in _DEEDS:
        raise Http404
    row = briefing_of(request, month, edition)
    access.require(asking(request), _RIGHTS[deed], row)
    act, names, told = _DEEDS[deed]
    form = DecideForm(request.POST)
    if not form.is_valid():
        return show(request, row, 422, errors=[str(text) for each in form.errors.values() for text in each])
    refusal = refused(lambda: act(briefing=row, by=asking(request), **{name: form.cleaned_data[name] for name in names}))
    if refusal is not None:
        return show(request, briefing_of(request, month, edition), 409, errors=refusal.texts(language()), typed=form.cleaned_data["reason"], deed=deed)
    messages.success(request, told)
    if deed == "sign" and not published.speaks_from(row.snapshot, month) and published.partial(row.snapshot, month):
        messages.info(request, _("{month} 没有随之发布：简报里没印的数也有不齐全的，要到“已发布的月份”写明理由再发布").format(month=month))
    return redirect("indicators:briefing", month, edition)


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Say whether one wants a notice when a briefing is published."""
    wanted = request.POST.get("wanted") == "1"
    actions.subscribe(wanted=wanted, by=asking(request))
    messages.success(request, _("签发新简报时会通知您") if wanted else _("不再通知您"))
    return redirect("indicators:briefings")


# ── files ────────────────────────────────────────────────────────────────────
@require_GET
def word(request: HttpRequest, month: str, edition: int) -> HttpResponse:
    """One as a Word file."""
    row = exported(request, month, edition)
    return download(briefing_word.docx(row, language(), around(row, language())), briefing_word.DOCX, f"briefing-{row.month}-{row.edition}.docx")


@require_GET
def pdf(request: HttpRequest, month: str, edition: int) -> HttpResponse:
    """One as PDF; where no Chinese font is, the page says so."""
    row = exported(request, month, edition)
    if not briefing_pdf.ready():
        return show(request, row, 409, errors=[no_font()])
    return download(briefing_pdf.pdf(row, language(), around(row, language())), "application/pdf", f"briefing-{row.month}-{row.edition}.pdf")


def no_font() -> str:
    """Why there is no PDF."""
    return _("这台机器上没有中文字体，做不了 PDF：请管理员装 fonts-noto-cjk。Word 不受影响，图改成表。")


def exported(request: HttpRequest, month: str, edition: int) -> Briefing:
    """The briefing of an address, for who may take it out.

    Raises:
        Http404: there is none for this person. Forbidden: they may read it alone.
    """
    row = briefing_of(request, month, edition)
    access.require(asking(request), queries.EXPORT_FILE, row)
    return row


def on_desk(person: Any) -> Iterator[DeskItem]:
    """What waits for this person."""
    for row in queries.waiting(person):
        word_, link = (_("待复核"), _("去复核")) if row.state == BriefingState.DRAFT else (_("待签发"), _("去签发"))
        yield DeskItem("first", "warn", word_, row.document(language())["title"], _("数据截至 {day}").format(day=row.snapshot.as_of.isoformat()), row.created_by.name if row.created_by else "", address_of(row), link, 35)
