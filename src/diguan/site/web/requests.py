"""Requests for data 数据征询: the list, one request, its sheet to fill, and the form on which an enterprise answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, packs, timelines
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.factrow import FactRow
from diguan.kernel.facts import batches, deliveries
from diguan.kernel.facts.models import DataRequest, RequestLine, RequestState
from diguan.kernel.facts.requests import actions, queries
from diguan.kernel.facts.requests.answers import read_answer
from diguan.kernel.lists import Column, Filter, ListPage, files
from diguan.kernel.lists.pages import PAGE_SIZE
from diguan.kernel.packs import SELF
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import guard, shelf, values
from diguan.kernel.sheets.declare import Sheet
from diguan.kernel.shell import asking, frame_of, language, or_404, source_name, trail
from diguan.kernel.templatetags.diguan import address
from diguan.kernel.units import UNITS

STATES = {"open": ("accent", gettext_lazy("待答复")), "answered": ("ok", gettext_lazy("已答复")),
          "declined": ("warn", gettext_lazy("答不了")), "withdrawn": ("mute", gettext_lazy("已撤回"))}
MOST_ALSO = 60
DUE = "due"
"""Among the states to look for: open, and its day has not passed."""


# ── words ────────────────────────────────────────────────────────────────────
def to_whom(row: DataRequest) -> str:
    """Who is asked: a bureau, or the enterprise itself."""
    return row.subject_name if row.addressee == SELF else source_name(row.addressee)


def state_of(row: DataRequest) -> tuple[str, Any]:
    """The state as kind and word; overdue is worked out."""
    if row.overdue:
        return "bad", _("超期 {days} 天").format(days=(clocks.today() - row.due).days)
    if row.state == RequestState.DECLINED and getattr(row, "answered", False):
        return "warn", _("答了一部分，其余答不了")
    return STATES[row.state]


def fact_name(name: str) -> str:
    """A fact in the page's language."""
    spec = packs.catalogue().get(name)
    return spec.label(language()) if spec else name


def derivation(row: DataRequest) -> str:
    """How the due date came about."""
    told = row.derivation
    said = _("从 {start} 起第 {n} 个工作日，当天不算").format(start=told.get("start", ""), n=told.get("workdays", ""))
    if told.get("holidays"):
        said += _("，跳过放假 {days}").format(days=_("、").join(day[5:] for day in told["holidays"]))
    if told.get("weekends"):
        said += _("，{days} 调休上班").format(days=_("、").join(day[5:] for day in told["weekends"]))
    return said + (_("；这一年的放假安排还没公布，暂按周末推算") if told.get("provisional") else "")


# ── the list ─────────────────────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every request the person may see."""
    return _page().show(request)


def _page() -> ListPage:
    return ListPage(
        title=_("数据征询"), permission=queries.VIEW, export_permission=queries.EXPORT, file_name="requests", order="-id", rows=queries.requests,
        columns=[
            Column("id", gettext_lazy("征询号"), kind="text", sort=True, head=True, link=lambda row: reverse("site:request", args=[row.pk])),
            Column("addressee", gettext_lazy("问谁"), sort=True, value=to_whom, note=lambda row: _("企业自己") if row.addressee == SELF else ""),
            Column("about_title", gettext_lazy("为了什么"), sort=True),
            Column("asked", gettext_lazy("问了几条"), kind="number", sort=True),
            Column("open", gettext_lazy("还没答"), kind="number", sort=True),
            Column("due", gettext_lazy("截止"), kind="day", sort=True),
            Column("state", gettext_lazy("状态"), kind="status", value=state_of),
            Column("created_by.name", gettext_lazy("谁问的"), wide=True),
            Column("created_at", gettext_lazy("发出时间"), kind="moment", sort=True, wide=True),
        ],
        filters=FILTERS,
        empty=(_("还没有数据征询"), _("在政策的“待补信息”名单里选出要问的，就有第一份。")),
    )


def _named(rows: QuerySet[DataRequest], text: str) -> QuerySet[DataRequest]:
    named = RequestLine.objects.filter(name__icontains=text) | RequestLine.objects.filter(subject_id__istartswith=text)
    return rows.filter(pk__in=named.values("request"))


def _addressees(person: Any) -> list[tuple[str, str]]:
    rows = access.visible(DataRequest.objects.all(), person, queries.VIEW)
    return [(key, _("企业自己") if key == SELF else source_name(key)) for key in rows.order_by("addressee").values_list("addressee", flat=True).distinct()]


def _reasons(person: Any) -> list[tuple[str, str]]:
    rows = access.visible(DataRequest.objects.all(), person, queries.VIEW)
    return list(dict(rows.order_by("about_id").values_list("about_id", "about_title").distinct()).items())


FILTERS = (
    Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", apply=_named),
    Filter("addressee", gettext_lazy("问谁"), choices=_addressees),
    Filter("policy", gettext_lazy("政策"), choices=_reasons, fields=("about_id",)),
    Filter("state", gettext_lazy("状态"), choices=[*((state.value, STATES[state.value][1]) for state in RequestState), (DUE, gettext_lazy("待答复，没有超期"))],
           apply=lambda rows, wanted: queries.in_time(rows) if wanted == DUE else rows.filter(state=wanted)),
    Filter("overdue", gettext_lazy("只看超期的"), kind="bool", apply=lambda rows, _value: queries.overdue(rows)),
)


# ── one request ──────────────────────────────────────────────────────────────
def request_of(request: HttpRequest, number: int) -> DataRequest:
    """The request for data of an address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.request(asking(request), number))


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One request: what is asked of whom and why, what has come, and what its addressee or asker may do."""
    row = request_of(request, number)
    return render(request, "site/request.html", _about(asking(request), row, request.GET.get("page")))


def _about(person: Any, row: DataRequest, number: str | None = None) -> dict[str, Any]:
    lines = sorted(row.lines.select_related("batch"), key=lambda line: line.state != RequestState.OPEN)
    page = Paginator(lines, PAGE_SIZE).get_page(number)
    going = row.state == RequestState.OPEN
    answers = going and queries.may_answer(person, row)
    may_import = answers and access.may(person, batches.IMPORT)
    return {
        "row": row, "to": to_whom(row), "state": state_of(row), "derivation": derivation(row), "page": page,
        "shown": [_line(line, person) for line in page.object_list], "counts": _counts(lines), "shell": frame_of(person), "staff": not access.usccs_of(person),
        "about_url": address("policies:policy", row.about_id) if row.about_kind == "policy" and access.scope(person, "policies.view_policy") is access.Scope.COUNTY else "",
        "sheets": _sheets(row, lines) if going and row.addressee != SELF else [], "may_import": may_import,
        "answer_url": reverse("site:answer", args=[row.subject_id]) if answers and row.addressee == SELF else "",
        "may_decline": answers, "may_withdraw": going and access.may(person, queries.ASK, row),
        "trace": trail(timelines.of(person, row, limit=40))}


def _line(line: RequestLine, person: Any) -> dict[str, Any]:
    by = source_name(line.batch.source) if line.batch else ""
    number = line.batch_id if line.batch_id and access.may(person, batches.VIEW, line.batch) else None
    return {"name": line.name, "uscc": line.subject_id, "fact": fact_name(line.fact), "period": "" if line.period == "all" else line.period, "why": line.why,
            "state": STATES[line.state], "by": by, "batch": number, "at": line.closed_at}


def _counts(lines: Iterable[RequestLine]) -> list[tuple[str, Any, int]]:
    states = [line.state for line in lines]
    return [(*STATES[state], states.count(state)) for state in STATES if state in states]


def _sheets(row: DataRequest, lines: list[RequestLine]) -> list[dict[str, Any]]:
    found = queries.sheets_of(row, lines)
    return [{"name": name, "label": f"{shelf.fact_sheets()[name].label(language()) if name else ''} {period}".strip(), "lines": len(asked),
             "query": f"?period={period}" if period else "", "id": f"{name}-{period}".strip("-"), "firms": len({line.subject_id for line in asked})}
            for (name, period), asked in sorted(found.items(), key=lambda each: (not each[0][0], each[0]))]


@require_GET
def sheet(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """The sheet to fill, as its own import reads it: code, name and period are in it already."""
    row = request_of(request, number)
    asked = queries.sheets_of(row, list(row.lines.all())).get((name, request.GET.get("period", "")))
    declared = shelf.fact_sheets().get(name)
    if not asked or declared is None:
        raise Http404
    table, told = _table(declared, asked), [(_("征询"), f"{row.pk} · {row.about_title}"), (_("问谁"), to_whom(row)), (_("截止"), row.due.isoformat()),
                                              (_("怎么填"), _("不知道的留空；确定没有的填“无”；其余各列不要动，整份传回。"))]
    return files.download(files.xlsx(table, declared.label(), told), files.XLSX, f"{_('征询')}-{row.pk}-{declared.label(language())}.xlsx")


def _table(declared: Sheet, asked: list[RequestLine]) -> list[list[Any]]:
    """Headings in Chinese, the ones its reader knows, with the unit of each; only the columns asked for, and those no such file may lack."""
    facts = {line.fact for line in asked}
    columns = [column for column in declared.columns if column.required or column.name in ("name", "period") or column.fact in facts]
    rows = sorted({(line.subject_id, line.name, line.period) for line in asked})
    given = {declared.key: 0, "name": 1, "period": 2}
    return [[f"{column.label()}（{column.unit}）" if column.unit else column.label() for column in columns],
            *([row[given[column.name]] if column.name in given else None for column in columns] for row in rows)]


@require_POST
def upload(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """The filled sheet: kept and previewed as any import, never taken to be complete for anything."""
    row = request_of(request, number)
    if not queries.may_answer(asking(request), row) or name not in shelf.fact_sheets():
        raise Http404
    file = request.FILES.get("file")
    try:
        if file is None:
            raise guard.refuse("请选要传回的文件", "choose the file to send back")
        guard.check_size(file.size or 0)
        kept = deliveries.keep(file.name or "", file.read(), name, by=asking(request))
    except guard.SheetRefused as refusal:
        messages.error(request, refusal.message.text(language()))
        return redirect("site:request", number)
    said = {"sheet": name, "period": request.GET.get("period", ""), "source": row.addressee, "complete": "0"}
    return redirect(f"{reverse('site:import_preview', args=[kept.pk])}?{urlencode(said)}")


@require_POST
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """Say why the rest cannot be told."""
    return _end(request, number, actions.decline_request, _("已说明"))


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what is still open."""
    return _end(request, number, actions.withdraw_request, _("已撤回"))


def _end(request: HttpRequest, number: int, deed: Any, done: str) -> HttpResponse:
    row = request_of(request, number)
    try:
        deed(request=row, by=asking(request), reason=request.POST.get("reason", ""))
    except access.Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
    else:
        messages.success(request, done)
    return redirect("site:request", number)


# ── an enterprise answers ────────────────────────────────────────────────────
class AnswerForm(forms.Form):
    """One field for each fact and period asked; empty fields tell nothing. ``told`` are the rows read."""

    def __init__(self, uscc: str, asked: list[tuple[str, str, str]], *args: Any) -> None:
        super().__init__(*args)
        self.told: list[FactRow] = []
        self.uscc, self.specs = uscc, {f"{fact}@{period}": (packs.catalogue()[fact], period) for fact, period, _hint in asked}
        for fact, period, hint in asked:
            self.fields[f"{fact}@{period}"] = _field(packs.catalogue()[fact], period, hint)

    def lines(self) -> list[tuple[Any, str]]:
        """Each field with its unit."""
        return [(self[name], _unit(spec)) for name, (spec, _period) in self.specs.items()]

    def clean(self) -> dict[str, Any]:
        """Read every field by the rules of the sheets."""
        for name, (spec, period) in self.specs.items():
            try:
                row = read_answer(self.uscc, spec, period, str(self.cleaned_data.get(name) or ""))
            except values.ValueProblem as problem:
                self.add_error(name, problem.message.text(language()))
            else:
                self.told += [row] if row else []
        if not self.told and not self.errors:
            self.add_error(None, _("一项也没有填；不知道的可以留空，至少填一项"))
        return self.cleaned_data


def _unit(spec: FactSpec) -> str:
    unit = spec.unit if spec.numeric else ""
    return unit if language() == "zh" or unit not in UNITS else UNITS[unit].name_en


def _field(spec: FactSpec, period: str, hint: str) -> forms.Field:
    label = f"{spec.label(language())} {'' if period == 'all' else period}".strip()
    if spec.type == "bool":
        return forms.ChoiceField(label=label, required=False, help_text=hint, choices=[("", _("不知道")), ("是", _("是")), ("否", _("否"))])
    widget = forms.TextInput(attrs={"inputmode": "decimal" if spec.numeric else "text", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=40, help_text=hint, widget=widget)


def answer(request: HttpRequest, uscc: str) -> HttpResponse:
    """What one enterprise is asked, and what it came to tell unasked, on one form; what it tells is one batch of its own."""
    person = asking(request)
    access.require(person, queries.ANSWER)
    if uscc not in access.usccs_of(person):
        raise Http404
    lines = queries.asked_of(person, uscc)
    form = AnswerForm(uscc, _asked(lines, request.GET.getlist("also")), *((request.POST,) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        try:
            batch = actions.tell(subject_id=uscc, rows=form.told, by=person)
        except Refusal as refusal:
            form.add_error(None, " ".join(refusal.texts(language())))
        else:
            messages.success(request, _("已收到 {n} 项，下次比对就用上；标为企业自报").format(n=batch.facts))
            return redirect(f"{address('policies:mine') or reverse('site:requests')}?{urlencode({'uscc': uscc})}")
    return render(request, "site/answer.html", _form_page(form, uscc, lines), status=422 if form.is_bound else 200)


def _form_page(form: AnswerForm, uscc: str, lines: list[RequestLine]) -> dict[str, Any]:
    from diguan.kernel.sheets.declare import subjects

    known = subjects("enterprise")
    names = known({uscc}).get(uscc, frozenset()) if known else frozenset()
    rows = list({line.request.pk: line.request for line in lines}.values())
    return {"form": form, "uscc": uscc, "name": lines[0].name if lines else min(names, default=uscc), "mine": address("policies:mine"),
            "requests": [(row, state_of(row)) for row in rows]}


def _asked(lines: list[RequestLine], also: list[str]) -> list[tuple[str, str, str]]:
    """Fact, period and hint of each field: what is asked, then what the address adds and an enterprise may tell."""
    found = {(line.fact, line.period): _("{why}要用，{day} 前答复").format(why=f"《{line.request.about_title}》{line.why}", day=line.request.due)
             for line in lines if queries.may_be_told(packs.catalogue().get(line.fact))}
    for text in also[:MOST_ALSO]:
        fact, _at, period = text.partition("@")
        spec = packs.catalogue().get(fact)
        if spec is not None and queries.may_be_told(spec) and actions.fits(spec, period):
            found.setdefault((fact, period), "")
    return [(fact, period, hint) for (fact, period), hint in found.items()]
