"""Pages of the county's own honours: the register, one of them, and its entry, verification and end. Also what of them waits on the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.indicators.actions import honours as actions
from diguan.indicators.models import Honour, HonourKind, HonourLevel
from diguan.indicators.queries import honours
from diguan.indicators.web.plans import deed, reason_of, shown_form, version_of
from diguan.kernel import access, clocks, timelines
from diguan.kernel.declare import DeskItem, Hit, Hits
from diguan.kernel.forms import day_field, done, file_field, proof_of
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.lists.files import sent
from diguan.kernel.shell import asking, or_404, trail
from diguan.projects.models import CheckState

MOST = 5
STANDINGS = {honours.HOLDS: ("ok", gettext_lazy("有效")), honours.ENDED: ("mute", gettext_lazy("已到期或撤销")), "entered": ("warn", CheckState.ENTERED.label), "rejected": ("bad", CheckState.REJECTED.label), "void": ("mute", CheckState.VOID.label)}


def status(row: Honour) -> tuple[str, Any]:
    """How an honour stands today."""
    return STANDINGS[honours.standing(row, clocks.today())]


def _address(row: Honour) -> str:
    return reverse("indicators:honour", args=[row.pk])


HONOURS = ListPage(
    title=gettext_lazy("县级荣誉"), rows=honours.visible_honours, permission=honours.VIEW, export_permission=honours.EXPORT, file_name="honours", template="indicators/honours.html",
    empty=(gettext_lazy("还没有荣誉"), gettext_lazy("把文件或证书扫描登记，由另一个人核实后计数。")), about=[(gettext_lazy("口径"), gettext_lazy("县、园区和机构自己的荣誉、评价和认可；企业的在能力名册里"))],
    columns=(
        Column("name", gettext_lazy("荣誉名称"), head=True, sort="key", link=_address, note=lambda row: row.document),
        Column("kind", gettext_lazy("荣誉类别"), value=lambda row: row.get_kind_display()),
        Column("level", gettext_lazy("荣誉级别"), value=lambda row: row.get_level_display()),
        Column("holder", gettext_lazy("获得者")),
        Column("issuer", gettext_lazy("授予单位"), wide=True),
        Column("issued", gettext_lazy("授予日期"), kind="day", sort="issued"),
        Column("last_day", gettext_lazy("有效期至"), kind="day", wide=True, nothing=gettext_lazy("长期")),
        Column("status", gettext_lazy("状态"), kind="status", value=status)),
    filters=(
        Filter("q", gettext_lazy("名称、获得者、授予单位或文号"), kind="search", apply=honours.search),
        Filter("kind", gettext_lazy("荣誉类别"), choices=HonourKind.choices),
        Filter("level", gettext_lazy("荣誉级别"), choices=HonourLevel.choices),
        Filter("standing", gettext_lazy("状态"), choices=[(key, words) for key, (_kind, words) in STANDINGS.items()], apply=honours.in_standing)))


class HonourForm(forms.Form):
    """What the paper says, and the paper."""

    kind = forms.ChoiceField(label=gettext_lazy("荣誉类别"), choices=HonourKind.choices)
    name = forms.CharField(label=gettext_lazy("荣誉名称"), max_length=100)
    holder = forms.CharField(label=gettext_lazy("获得者"), max_length=100, help_text=gettext_lazy("县、园区或机构的名字；企业的登记到能力名册"))
    level = forms.ChoiceField(label=gettext_lazy("荣誉级别"), choices=HonourLevel.choices)
    issuer = forms.CharField(label=gettext_lazy("授予单位"), max_length=100)
    document = forms.CharField(label=gettext_lazy("文号或证书号"), max_length=100, required=False)
    issued = day_field(gettext_lazy("授予日期"))
    valid_until = day_field(gettext_lazy("有效期至"), required=False, help_text=gettext_lazy("空着就是长期有效"))
    proof = file_field(gettext_lazy("文件或证书的扫描件"))

    def clean_proof(self) -> tuple[str, bytes] | None:
        """Name and content of the file."""
        return proof_of(self.cleaned_data["proof"])


def honour_of(request: HttpRequest, number: int) -> Honour:
    """The honour of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), honours.VIEW)
    return or_404(honours.honour(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The register."""
    return HONOURS.show(request, may_enter=access.may(asking(request), honours.ENTER))


def new(request: HttpRequest) -> HttpResponse:
    """Enter one."""
    access.require(asking(request), honours.ENTER)
    form = HonourForm(request.POST or None, request.FILES or None)
    row = done(request, form, lambda: actions.enter_honour(told={name: form.cleaned_data[name] for name in actions.FIELDS}, proof=form.cleaned_data["proof"], by=asking(request)))
    if row is None:
        return shown_form(request, form, _("登记荣誉"), reverse("indicators:honours"), _("登记"), over=(_("县级荣誉"), reverse("indicators:honours")))
    messages.success(request, _("登记了，等另一个人核实"))
    return redirect(_address(row))


@require_GET
def honour(request: HttpRequest, number: int) -> HttpResponse:
    """One honour: what it is, its paper, who entered and who verified it."""
    return _show(request, honour_of(request, number))


def _show(request: HttpRequest, row: Honour, status_code: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    decides = access.may(person, honours.VERIFY, row)
    others = decides and row.entered_by_id != person.pk
    context = {"row": row, "standing": status(row), "may_verify": others and row.state == CheckState.ENTERED, "own": decides and not others and row.state == CheckState.ENTERED,
               "may_reject": (decides and row.state == CheckState.ENTERED) or (others and row.state == CheckState.VERIFIED),
               "may_withdraw": others and row.state == CheckState.VERIFIED and row.withdrawn_on is None, "today": clocks.today(), "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "indicators/honour.html", context, status=status_code)


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The paper."""
    return sent(honour_of(request, number).proof)


def _deed(request: HttpRequest, number: int, act: Callable[[Honour, int], Any], said: str) -> HttpResponse:
    row = honour_of(request, number)
    return deed(request, lambda: act(row, version_of(request)), said, partial(_show, request, row), _address(row))


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Say that the paper shows it."""
    return _deed(request, number, lambda row, version: actions.verify_honour(honour=row, version=version, by=asking(request)), _("已核实，从授予那天起计数"))


@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it does not hold."""
    return _deed(request, number, lambda row, version: actions.reject_honour(honour=row, version=version, reason=reason_of(request), by=asking(request)), _("不再计数，原因留着"))


class _WithdrawnForm(forms.Form):
    """When its issuer took it back."""

    on = day_field(gettext_lazy("撤销日期"))


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Say that its issuer took it back."""
    form = _WithdrawnForm(request.POST)
    if not form.is_valid():
        return _show(request, honour_of(request, number), 422, error=_("撤销日期没有填对，写成 2026-08-31"))
    return _deed(request, number, lambda row, version: actions.withdraw_honour(honour=row, version=version, on=form.cleaned_data["on"], reason=reason_of(request), by=asking(request)), _("登记了撤销，撤销前照旧计数"))


def found(person: Any, text: str, limit: int) -> Hits:
    """What the search box finds of honours."""
    rows = honours.search(honours.visible_honours(person), text)
    return Hits([Hit(row.name, _address(row), f"{row.holder} · {row.issuer}", status(row)) for row in rows[:limit]], rows.count(), f"{reverse('indicators:honours')}?{urlencode({'q': text})}")


def on_desk(person: Any) -> Iterator[DeskItem]:
    """Honours that others entered."""
    for row in honours.to_verify(person)[:MOST]:
        yield DeskItem("week", "warn", _("待核实"), row.name, _("{issuer}授予{holder}").format(issuer=row.issuer, holder=row.holder), "", _address(row), _("去核实"), 49)
