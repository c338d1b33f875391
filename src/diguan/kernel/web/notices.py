"""Pages of notices: the inbox of a recipient, one notice, the outbox of the house, files handed over and their receipts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, declare, phones
from diguan.kernel.access.roles import title_of
from diguan.kernel.declare import DeskItem
from diguan.kernel.forms import refuse
from diguan.kernel.lists import Column, Filter, ListPage, files
from diguan.kernel.notices import actions, kinds, queries, receipts
from diguan.kernel.notices.models import Channel, Dispatch, Notice, Round, RoundKind, State, Way
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, frame_of, language, or_404
from diguan.kernel.web import shown

PAGE_SIZE = 25
KIND = "kind:"
"""In front of a kind among the things notices are about."""
IN_PANEL = 5


# ── the recipient's side ─────────────────────────────────────────────────────
def _lines(rows: Any) -> list[dict[str, Any]]:
    return [{"row": row, "title": shown.title(row), "body": shown.body(row), "state": shown.state(row), "new": row.holds and row.state in (State.QUEUED, State.DELIVERED)}
            for row in rows]


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What is addressed to whoever asks, newest first, what nobody has opened yet marked."""
    person = asking(request)
    access.require(person, queries.VIEW)
    page = Paginator(queries.inbox(person), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "kernel/notices/inbox.html", {"frame": frame_of(person), "page": page, "lines": _lines(page.object_list),
                                                         "unopened": queries.unopened(person)})


def notice_of(request: HttpRequest, number: int) -> Notice:
    """The notice of an address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.one(asking(request), number))


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One notice; the recipient's first look is noted, an official's is none."""
    row = notice_of(request, number)
    actions.look(notice=row, by=asking(request))
    return _show(request, row)


class AnswerForm(forms.Form):
    """Why not."""

    reason = forms.ChoiceField(label=gettext_lazy("不申请的原因"), widget=forms.RadioSelect, required=False)
    words = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False, help_text=gettext_lazy("选“其他”时要写；写清楚，政策能改得更好"))

    def __init__(self, kind: kinds.Kind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = list(kind.reasons.items())  # type: ignore[attr-defined]


def _show(request: HttpRequest, row: Notice, form: AnswerForm | None = None, status: int = 200) -> HttpResponse:
    person, kind = asking(request), kinds.kind_of(row)
    mine = queries.addressed(person, row)
    details = kind.details(person, row) if kind.details else None
    context = {"frame": frame_of(person), "row": row, "title": shown.title(row), "body": shown.body(row), "state": shown.state(row), "kind": kind.title, "mine": mine,
               "act": (details or {}).get("act") or kind.act, "answering": mine and row.holds and kind.act, "form": form or AnswerForm(kind),
               "reason": shown.reason(row), "details": details, "template": kind.template, "ways": [shown.way(each) for each in row.dispatches.order_by("id")],
               "history": [] if mine else shown.history(queries.history(person, row), row)}
    return render(request, "kernel/notices/one.html", context, status=status)


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """The recipient says yes, or no and why."""
    row = notice_of(request, number)
    form = AnswerForm(kinds.kind_of(row), request.POST)
    acted = request.POST.get("answer") == "acted"
    if not acted and not form.is_valid():
        return _show(request, row, form, 422)
    try:
        actions.answer_notice(notice=row, acted=acted, reason="" if acted else form.cleaned_data["reason"], words="" if acted else form.cleaned_data["words"], by=asking(request))
    except Refusal as refusal:
        return _refused(request, row, form, refusal)
    messages.success(request, _("已记下，县里看得到") if acted else _("已记下原因，谢谢"))
    return redirect("notices:one", number)


def _refused(request: HttpRequest, row: Notice, form: AnswerForm, refusal: Refusal) -> HttpResponse:
    form.is_valid()
    refuse(form, refusal)
    return _show(request, row, form, 422)


def panel(person: Any, record: Any) -> dict[str, Any] | None:
    """The notices of one enterprise on its dossier: the newest, and how many there are."""
    rows = queries.of_enterprise(person, record.uscc)
    found = list(rows[:IN_PANEL])
    if not found:
        return None
    return {"lines": _lines(found), "total": rows.count(), "uscc": record.uscc, "office": access.scope(person, queries.VIEW) is not access.Scope.OWN}


# ── the office's side ────────────────────────────────────────────────────────
def require_office(request: HttpRequest) -> None:
    """Let pass who may see notices of others.

    Raises:
        Forbidden: they may see their own alone.
    """
    if access.scope(asking(request), queries.VIEW) in (None, access.Scope.OWN):
        raise Forbidden(queries.VIEW, title_of(queries.VIEW))


def _link(row: Notice) -> str:
    return reverse("notices:one", args=[row.pk])


CHANNELS = {"page": gettext_lazy("已到网页"), "handed": gettext_lazy("短信已交出，等回执"), "sent": gettext_lazy("短信已送达"), "failed": gettext_lazy("短信没有送到"),
            "lost": gettext_lazy("短信没有送到，网页也没人打开"), "none": gettext_lazy("还没有渠道送到")}
_CHANNEL = {"page": (Channel.PAGE, Way.DELIVERED), "handed": (Channel.FILE, Way.HANDED), "sent": (Channel.FILE, Way.DELIVERED), "failed": (Channel.FILE, Way.FAILED)}


def _by_channel(rows: QuerySet[Notice], wanted: str) -> QuerySet[Notice]:
    if wanted == "none":
        return rows.filter(state=State.QUEUED)
    if wanted == "lost":
        return queries.lost(rows)
    channel, state = _CHANNEL[wanted]
    return rows.filter(pk__in=Dispatch.objects.filter(channel=channel, state=state).values("notice"))


def _by_state(rows: QuerySet[Notice], wanted: str) -> QuerySet[Notice]:
    return rows.filter(ended_at__isnull=False).exclude(state=State.WITHDRAWN) if wanted == "ended" else rows.filter(state=wanted)


def _abouts(person: Any) -> list[tuple[str, str]]:
    return [(about, zh if language() == "zh" else en) for about, zh, en in queries.abouts(person)]


def _subjects(person: Any) -> list[tuple[str, str]]:
    known = kinds.kinds()
    return [*((f"{KIND}{name}", str(known[name].title)) for name in queries.single_kinds(person)), *_abouts(person)]


def _by_subject(rows: Any, wanted: str) -> Any:
    return rows.filter(kind=wanted.removeprefix(KIND)) if wanted.startswith(KIND) else rows.filter(about_id=wanted)


def _with_ways(rows: Any) -> list[Notice]:
    found = queries.ways(rows)
    for row in rows:
        row.ways = found[row.pk]
    return list(rows)


OUTBOX = ListPage(
    title=gettext_lazy("通知"), permission=queries.VIEW, rows=queries.visible, template="kernel/notices/outbox.html", file_name="notices",
    fill=_with_ways, empty=(gettext_lazy("还没有发过通知"), gettext_lazy("比对之后，新可享的企业会收到通知。")),
    columns=(
        Column("addressee", gettext_lazy("收件人"), sort=True, head=True, link=_link, note=lambda row: row.uscc),
        Column("title", gettext_lazy("通知"), value=shown.title),
        Column("state", gettext_lazy("状态"), kind="status", sort=True, value=shown.state, note=lambda row: shown.reason(row) if row.reason else ""),
        Column("ways", gettext_lazy("渠道"), value=lambda row: shown.ways(row.ways)),
        Column("place", gettext_lazy("所在乡镇"), sort=True, wide=True),
        Column("created_at", gettext_lazy("写于"), kind="moment", sort=True)),
    filters=(
        Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("addressee", "uscc")),
        Filter("about", gettext_lazy("关于"), choices=_subjects, apply=_by_subject),
        Filter("state", gettext_lazy("状态"), choices=[*State.choices, ("ended", gettext_lazy("已失效"))], apply=_by_state),
        Filter("channel", gettext_lazy("渠道"), choices=list(CHANNELS.items()), apply=_by_channel),
        Filter("town", gettext_lazy("所在乡镇"), choices=lambda person: [(place, place) for place in queries.places(person)], fields=("place",))))


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Every notice the office may see, by what it is about, state, channel and place."""
    require_office(request)
    return OUTBOX.show(request)


@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """What waits to be handed over, the files that were, and the receipts that came back."""
    require_office(request)
    person = asking(request)
    may_export = access.may(person, queries.EXPORT)
    chosen = {name: request.GET.get(name, "")[:100] for name in ("about", "town")}
    due = queries.due_for_file(person, about=chosen["about"], place=chosen["town"]) if may_export else []
    page = Paginator(queries.rounds(person), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "kernel/notices/rounds.html", {
        "page": page, "lines": [_round(row) for row in page.object_list], "due": len(due), "may_export": may_export, "first": due[:IN_PANEL] and [
            {"number": each.notice.pk, "name": each.notice.addressee, "phone": phones.masked(each.phone), "text": each.notice.text} for each in due[:IN_PANEL]],
        "may_import": access.may(person, queries.RECEIPT), "chosen": chosen, "abouts": _abouts(person), "towns": queries.places(person)})


def _round(row: Round) -> dict[str, Any]:
    return {"row": row, "what": RoundKind(row.kind).label, "file": row.kind == RoundKind.FILE, "who": row.created_by.name if row.created_by else "",
            "name": row.upload.name if row.upload else ""}


@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    """Hand over what waits and still holds, and answer with the file."""
    declare.run_due()
    try:
        row = actions.hand_over(about=request.POST.get("about", ""), place=request.POST.get("town", ""), by=asking(request))
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
        return redirect("notices:rounds")
    return _file(request, row)


@require_POST
def take_again(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a round once more; that is noted."""
    access.require(asking(request), queries.EXPORT)
    row = or_404(queries.rounds(asking(request)).filter(pk=number, kind=RoundKind.FILE).first())
    actions.take_again(row=row, by=asking(request))
    return _file(request, row)


def _file(request: HttpRequest, row: Round) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    body, media = receipts.outbox_file(queries.handed(asking(request), row), row.pk, kind, str(asking(request)))
    name = f"短信-{clocks.today().isoformat()}-{row.pk}.{kind}"
    return files.download(body, media, name)


def desk(person: Any) -> Iterator[DeskItem]:
    """On the work desk: notices to oneself that are not opened, messages that wait to be handed over, those that came back."""
    unopened = queries.unopened(person)
    if unopened:
        yield DeskItem("first", "accent", _("通知"), ngettext("{n} 条通知没有打开", "{n} 条通知没有打开", unopened).format(n=unopened), "", "", reverse("notices:inbox"), _("去看"), 12)
    if access.scope(person, queries.VIEW) is access.Scope.OWN:
        return
    due = queries.unread_by_file(person) if access.may(person, queries.EXPORT) else 0
    if due:
        yield DeskItem("week", "accent", _("待发短信"), ngettext("{n} 条通知没人打开，也没有发短信", "{n} 条通知没人打开，也没有发短信", due).format(n=due),
                       _("留有手机号的可以导出"), "", reverse("notices:rounds"), _("去导出"), 45)
    failed = queries.lost(queries.visible(person)).count()
    if failed:
        yield DeskItem("week", "warn", _("没有触达"), ngettext("{n} 条通知短信退回，网页也没人打开", "{n} 条通知短信退回，网页也没人打开", failed).format(n=failed), "", "",
                       f"{reverse('notices:outbox')}?channel=lost", _("看是哪些"), 46)
