"""Pages that write: register, change, titles, contacts, former names. Every one of them calls an action."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from diguan.enterprises import actions, engine, queries
from diguan.enterprises.models import Enterprise
from diguan.enterprises.queries import dossier
from diguan.enterprises.web import forms, lists
from diguan.enterprises.web.pages import enterprise
from diguan.kernel import access, money
from diguan.kernel import uscc as uscc_codes
from diguan.kernel.forms import done, refuse
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, or_404


def to_change(request: HttpRequest, uscc: str) -> Enterprise:
    """The enterprise, for somebody who may change it.

    Raises:
        Forbidden: they may not. Http404: there is none for them.
    """
    row = enterprise(request, uscc)
    access.require(asking(request), queries.CHANGE, row)
    return row


# ── a new one ────────────────────────────────────────────────────────────────
def new(request: HttpRequest) -> HttpResponse:
    """Register an enterprise; one that looks registered already is shown first and must be told apart."""
    person = asking(request)
    access.require(person, queries.CHANGE)
    form = forms.NewForm(person, request.POST or None)
    found = _alike(request, request.POST) if request.method == "POST" else []
    if request.method == "POST" and form.is_valid() and (not found or form.cleaned_data["checked"]):
        return _create(request, form, found)
    return _show_new(request, form, found)


def _create(request: HttpRequest, form: forms.NewForm, found: list[dict[str, Any]]) -> HttpResponse:
    row = done(request, form, lambda: actions.create_enterprise(uscc=form.cleaned_data["uscc"], values=form.values(), by=asking(request)))
    if row is None:
        return _show_new(request, form, found)
    messages.success(request, _("已登记 %(name)s") % {"name": row.name})
    return redirect(lists.address_of(row))


def _show_new(request: HttpRequest, form: forms.NewForm, found: list[dict[str, Any]]) -> HttpResponse:
    asked = bool(found) and not form.errors
    context = {"form": form, "found": found, "asked": asked}
    return render(request, "enterprises/new.html", context, status=422 if form.errors or asked else 200)


@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """A fragment while typing: who this may be. For those who may register; others learn nothing of who is there."""
    access.require(asking(request), queries.CHANGE)
    return render(request, "enterprises/_duplicates.html", {"found": _alike(request, request.GET)})


def _alike(request: HttpRequest, data: Any) -> list[dict[str, Any]]:
    """Firms that may be the one being typed, and why; a name of one character says nothing yet."""
    name, code, representative, address = (str(data.get(key, ""))[:200] for key in ("name", "uscc", "legal_representative", "address"))
    code = uscc_codes.normalise(code)
    if len(engine.name_key(name)) < 2 and len(code) < 18:
        return []
    reasons = {"uscc": _("信用代码相同"), "core": _("名称相同"), "sound": _("名称只差一个同音字"), "near": _("名称相近"),
               "person": _("法定代表人同名"), "phone": _("电话相同"), "address": _("地址相同")}
    return [{"row": one.enterprise, "url": lists.address_of(one.enterprise), "why": "、".join(reasons[word] for word in one.reasons)}
            for one in queries.duplicates_of(
                asking(request), name=name, uscc=code, legal_representative=representative, address=address)]


# ── a change ─────────────────────────────────────────────────────────────────
def change(request: HttpRequest, uscc: str) -> HttpResponse:
    """Change what the register keeps of a firm; who saves second sees both versions and keeps the input."""
    row = to_change(request, uscc)
    form = forms.ChangeForm(asking(request), request.POST or None, row=row, initial=forms.initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            return _change(request, row, form)
        except Refusal as refusal:
            if refusal.code == "conflict":
                return _conflict(request, row, form)
            refuse(form, refusal)
    return render(request, "enterprises/change.html", {"row": row, "form": form}, status=422 if form.errors else 200)


def _change(request: HttpRequest, row: Enterprise, form: forms.ChangeForm) -> HttpResponse:
    data = form.cleaned_data
    actions.change_enterprise(enterprise=row, version=data["version"], values=form.values(), renamed=data["renamed"], reason=data["reason"], by=asking(request))
    messages.success(request, _("已保存"))
    return redirect(lists.address_of(row))


def _conflict(request: HttpRequest, row: Enterprise, form: forms.ChangeForm) -> HttpResponse:
    """Keep the input, show both versions; pressing again saves over what is there now."""
    now = Enterprise.objects.select_related("changed_by").get(pk=row.pk)
    mine = form.values()
    lines = [{"label": form[_field(name)].label, "mine": _words(name, value), "theirs": _words(name, getattr(now, name))}
             for name, value in mine.items() if getattr(now, name) != value]
    again = forms.ChangeForm(asking(request), {**request.POST.dict(), "version": now.version}, row=now)
    again.is_valid()
    who = now.changed_by.name if now.changed_by else ""
    return render(request, "enterprises/change.html", {"row": now, "form": again, "lines": lines, "conflict": True, "who": who, "when": now.changed_at},
                  status=409)


def _field(name: str) -> str:
    return "capital" if name == "registered_capital_fen" else name


def _words(name: str, value: Any) -> str:
    if value in (None, ""):
        return _("未知")
    return money.words(value, get_language() or "zh") if name == "registered_capital_fen" else str(value)


# ── parts of one ─────────────────────────────────────────────────────────────
def add_former_name(request: HttpRequest, uscc: str) -> HttpResponse:
    """Note a name the firm bore."""
    row = to_change(request, uscc)
    form = forms.FormerNameForm(request.POST or None)
    return _part(request, row, form, _("记一个曾用名"), _("记下曾用名"), lambda data: actions.add_former_name(
        enterprise=row, name=data["former_name"], until=data["until"], by=asking(request)))


def add_title(request: HttpRequest, uscc: str) -> HttpResponse:
    """Note a dated title."""
    row = to_change(request, uscc)
    form = forms.TitleForm(request.POST or None)
    return _part(request, row, form, _("添一项荣誉资质"), _("添上这一项"), lambda data: actions.add_title(enterprise=row, by=asking(request), **data))


def withdraw_title(request: HttpRequest, uscc: str, number: int) -> HttpResponse:
    """Note that a title was taken back."""
    row = to_change(request, uscc)
    title = or_404(row.titles.filter(pk=number, withdrawn_on__isnull=True).first())
    form = forms.WithdrawForm(request.POST or None)
    return _part(request, row, form, _("取消“%(name)s”") % {"name": title.name}, _("取消这项资质"), lambda data: actions.withdraw_title(
        enterprise=row, title=title, by=asking(request), **data))


def add_contact(request: HttpRequest, uscc: str) -> HttpResponse:
    """Add a contact."""
    row = to_change(request, uscc)
    form = forms.ContactForm(request.POST or None)
    return _part(request, row, form, _("添一位联系人"), _("添上这位联系人"), lambda data: actions.change_contact(enterprise=row, by=asking(request), **data))


def change_contact(request: HttpRequest, uscc: str, number: int) -> HttpResponse:
    """Change a contact; its number is never shown in the form."""
    row = to_change(request, uscc)
    contact = or_404(dossier.contact(asking(request), row, number))
    form = forms.ContactForm(request.POST or None, initial={"name": contact.name, "role": contact.role}, contact=contact)
    return _part(request, row, form, _("修改联系人"), _("保存联系人"), lambda data: actions.change_contact(
        enterprise=row, contact=contact, by=asking(request), **data))


def _part(request: HttpRequest, row: Enterprise, form: Form, title: str, button: str, save: forms.Save) -> HttpResponse:
    """One small form: show it, or save and go back to the dossier; a refusal stands at its field."""
    if done(request, form, lambda: save(form.cleaned_data)):
        messages.success(request, _("已保存"))
        return redirect(lists.address_of(row))
    context = {"row": row, "form": form, "heading": title, "button": button, "back": reverse("enterprises:dossier", args=[row.uscc])}
    return render(request, "enterprises/part.html", context, status=422 if form.errors else 200)
