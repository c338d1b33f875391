"""Pages of the re-engineering bench: a log and what it shows, its orders and their reasons, a better flow, and its publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done, refuse, refused
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.lists.files import download, streamed
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.services.actions import bench as actions
from diguan.services.engine import bpmn, bpmnfile, xes
from diguan.services.engine.edges import BenchRefused
from diguan.services.engine.eventlog import LogRefused
from diguan.services.models import LifeEvent, Study
from diguan.services.queries import bench
from diguan.services.queries import life_events as events
from diguan.services.web import bench_forms as forms
from diguan.services.web import bench_words as words

CASES_SHOWN = 200


def _address(row: Study) -> str:
    return reverse("services:study", args=[row.pk])


PAGE = ListPage(
    title=gettext_lazy("流程再造实验台"), permission=bench.VIEW, export_permission=bench.VIEW, rows=bench.visible_studies, file_name="studies", template="services/bench/studies.html",
    empty=(gettext_lazy("还没有实验"), gettext_lazy("导入去年的办件日志，看哪些先后只是习惯。")),
    columns=(
        Column("title", gettext_lazy("名称"), head=True, link=_address, note=lambda row: row.upload.name),
        Column("life_event", gettext_lazy("一件事"), value=words.event),
        Column("cases", gettext_lazy("案件"), kind="number", sort=True), Column("events", gettext_lazy("事件"), kind="number", sort=True),
        Column("created_by", gettext_lazy("谁做的"), value=lambda row: row.created_by.name if row.created_by else ""),
        Column("created_at", gettext_lazy("哪天"), kind="day", sort=True),
        Column("state", gettext_lazy("状态"), kind="status", value=lambda row: ("ok", _("已发布")) if row.published_id else ("accent", _("在做")))),
    filters=(Filter("q", gettext_lazy("名称"), kind="search", fields=("title",)),))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The studies this person may see."""
    return PAGE.show(request, may_run=access.may(asking(request), bench.RUN))


def new(request: HttpRequest) -> HttpResponse:
    """Bring a log."""
    person = asking(request)
    access.require(person, bench.RUN)
    offered = {one.row.key: one for one in events.summaries(person)}
    form = forms.StudyForm(request.POST or None, request.FILES or None, events=[(key, one.document.label(language())) for key, one in offered.items()])
    row = done(request, form, lambda: _open(request, form))
    if row is None:
        return render(request, "services/bench/new.html", {"form": form}, status=422 if form.errors else 200)
    return redirect(_address(row))


def _open(request: HttpRequest, form: forms.StudyForm) -> Study:
    data = form.cleaned_data
    event = LifeEvent.objects.filter(key=data["life_event"]).first() if data["life_event"] else None
    if data["file"].size > actions.MOST_BYTES:
        raise actions.too_large(data["file"].size)  # before it is read whole
    return actions.open_study(title=data["title"], file_name=data["file"].name or "", content=data["file"].read(), columns=form.columns, hours=data["hours"], support=data["support"] or 0,
                              life_event=event, by=asking(request))


# ── one study ────────────────────────────────────────────────────────────────
def study_of(request: HttpRequest, number: int) -> Study:
    """The study of this address.

    Raises:
        Forbidden: the person sees no studies. Http404: there is none, or none they may see.
    """
    access.require(asking(request), bench.VIEW)
    return or_404(bench.find(asking(request), number))


def study_page(request: HttpRequest, row: Study, tab: str, context: Callable[[], dict[str, Any]], status: int = 200, **more: Any) -> HttpResponse:
    """A page of a study; where its log cannot be read any more, or nothing can be planned, one sentence says so."""
    try:
        found, refused = context(), None
    except (LogRefused, BenchRefused) as error:
        found, refused = {}, error.message
    tabs = [(name, label, reverse(f"services:study{'' if name == 'log' else '_' + name}", args=[row.pk])) for name, label in words.TABS]
    return render(request, f"services/bench/{tab}.html", {
        "row": row, "tabs": tabs, "tab": "flows" if tab == "flow" else tab, "refused": refused, "event": words.event(row), "may_run": access.may(asking(request), bench.RUN, row), **found, **more}, status=status)


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """What the log shows."""
    row = study_of(request, number)
    days = whole(request.GET.get("limit", ""), 4)
    return study_page(request, row, "log", lambda: words.log(bench.analysis(row), days), timeline=trail(timelines.of(asking(request), row)))


@require_GET
def orders(request: HttpRequest, number: int) -> HttpResponse:
    """The orders of the log, what is said of them, and the reasons."""
    return _orders(request, study_of(request, number))


def _orders(request: HttpRequest, row: Study, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)

    typed = request.POST if status != 200 else None  # what was refused is shown again as it was typed, beside what is there now

    def context() -> dict[str, Any]:
        found, again = bench.analysis(row), {**typed.dict(), "version": row.version} if typed is not None and "before" in typed else None
        add = forms.OrderForm(again, initial={"version": row.version}, activities=found.observed.activities)
        return {**words.orders(row, found, person, typed), "add": add, "typed": typed, "may_review": access.may(person, bench.REVIEW, row)}
    return study_page(request, row, "orders", context, status, **more)


@require_GET
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """The better flow: plan with its certificate, simulation, replay."""
    return _plan(request, study_of(request, number))


def _plan(request: HttpRequest, row: Study, form: forms.AssumeForm | None = None) -> HttpResponse:
    def context() -> dict[str, Any]:
        return {"form": form or _assume_form(row, None), **words.plan(row)}
    return study_page(request, row, "plan", context, 422 if form else 200)


def _assume_form(row: Study, data: Any) -> forms.AssumeForm:
    found, assumed = bench.analysis(row).observed, bench.assumptions(row)
    version = bench.version_of(row)
    document = events.document(version) if version else None
    return forms.AssumeForm(data, activities=found.activities, people=found.people, staff=assumed.staff, dropped=sorted(assumed.dropped), names=row.names,
                            matters=sorted(bench.titles(document.keys).items(), key=lambda pair: pair[1]) if document else (),
                            initial={"wait_left": assumed.wait_left, "share": round(assumed.share * 100), "seed": assumed.seed, "version": row.version})


@require_GET
def outcome(request: HttpRequest, number: int) -> HttpResponse:
    """What would be published, what stands in its way, and what was."""
    return _outcome(request, study_of(request, number))


def _outcome(request: HttpRequest, row: Study, form: forms.PublishForm | None = None) -> HttpResponse:
    person = asking(request)

    def context() -> dict[str, Any]:
        may = access.may(person, events.PUBLISH) and row.created_by_id != person.pk
        return {"form": form or forms.PublishForm(initial={"valid_from": clocks.today(), "version": row.version}), "may_publish": may, **words.outcome(row)}
    return study_page(request, row, "outcome", context, 422 if form else 200)


# ── rows behind the figures ──────────────────────────────────────────────────
@require_GET
def cases(request: HttpRequest, number: int) -> HttpResponse:
    """The cases behind a figure."""
    row = study_of(request, number)
    return study_page(request, row, "cases", lambda: words.cases(row, request.GET, CASES_SHOWN))


@require_GET
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One case of the log with its events, and what it did against the orders that bind."""
    row = study_of(request, number)
    return study_page(request, row, "case", lambda: or_404(words.case(row, request.GET.get("id", ""), whole(request.GET.get("flow", "")))))


@require_GET
def flow(request: HttpRequest, number: int) -> HttpResponse:
    """The new flow as BPMN 2.0."""
    row = study_of(request, number)
    found = bench.redesign(row)
    process = bpmn.process_of({name: name for name in found.left}, found.pairs(found.left), row.title)
    return download(bpmnfile.write(process), "application/xml", f"flow-{row.pk}.bpmn")


@require_GET
def log(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The log as it was read, as XES."""
    row = study_of(request, number)
    found = bench.analysis(row).log
    return streamed((text.encode() for text in xes.write_xes(found, clocks.COUNTY_TIME)), "application/xml", f"log-{row.pk}.xes")


# ── deeds ────────────────────────────────────────────────────────────────────
def _judge(row: Study, version: int, request: HttpRequest) -> object:
    said = {whole(name[5:]): (str(value), request.POST.get(f"evidence-{name[5:]}", "")) for name, value in request.POST.items() if name.startswith("kind-")}
    return actions.judge(study=row, version=version, said=said, by=asking(request))


def _free(row: Study, version: int, request: HttpRequest) -> object:
    return actions.free_habits(study=row, version=version, reason=request.POST.get("reason", ""), by=asking(request))


def _review(row: Study, version: int, request: HttpRequest) -> object:
    return actions.review(study=row, version=version, numbers=[whole(number) for number in request.POST.getlist("edge")], by=asking(request))


def _add(row: Study, version: int, request: HttpRequest) -> object:
    data = {name: request.POST.get(name, "").strip()[:300] for name in ("before", "after", "kind", "evidence")}
    return actions.add_order(study=row, version=version, by=asking(request), **data)


DEEDS: dict[str, tuple[str, Callable[[Study, int, HttpRequest], object], Any]] = {
    "judge": (bench.RUN, _judge, gettext_lazy("记下了")), "free": (bench.RUN, _free, gettext_lazy("没有依据的先后都按习惯去掉了")),
    "review": (bench.REVIEW, _review, gettext_lazy("复核了")), "add": (bench.RUN, _add, gettext_lazy("加上了"))}


@require_POST
def deed(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Say, review, add or let go of orders; what is refused is shown on the page it came from."""
    row = study_of(request, int(number))
    right, act, said = DEEDS[name]
    access.require(asking(request), right, row)
    refusal = refused(lambda: act(row, whole(request.POST.get("version", "")), request))
    if refusal is not None:
        return _orders(request, study_of(request, int(number)), 409, error=refusal.texts(language()))
    messages.success(request, said)
    return redirect("services:study_orders", number=row.pk)


@require_POST
def assume(request: HttpRequest, number: int) -> HttpResponse:
    """Say what the new flow may count on."""
    row = study_of(request, number)
    access.require(asking(request), bench.RUN, row)
    form = _assume_form(row, request.POST)
    saved = done(request, form, lambda: actions.assume(study=row, version=form.cleaned_data["version"], by=asking(request), **form.said))
    return redirect("services:study_plan", number=row.pk) if saved else _plan(request, row, form)


@require_POST
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Publish the next version of the life event."""
    row = study_of(request, number)
    access.require(asking(request), events.PUBLISH)
    form = forms.PublishForm(request.POST)
    if form.is_valid():
        try:
            actions.publish_study(study=row, version=form.cleaned_data["version"], valid_from=form.cleaned_data["valid_from"], reason=form.cleaned_data["reason"], by=asking(request))
        except BenchRefused as refused:
            refuse(form, Refusal("invalid", [Message(refused.message.zh, refused.message.en)]))
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("新的一版发布了"))
            return redirect("services:study_outcome", number=row.pk)
    return _outcome(request, row, form)
