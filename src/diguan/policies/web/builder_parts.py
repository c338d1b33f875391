"""Pages of a draft beside its clauses: source text, money and dates, examples, the YAML as a whole, versions, publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, timelines
from diguan.kernel.lists import files
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, trail
from diguan.policies import queries
from diguan.policies.actions import drafts as actions
from diguan.policies.engine import terms as texts
from diguan.policies.models import Draft
from diguan.policies.queries import drafts, published
from diguan.policies.web import builder_forms as forms
from diguan.policies.web import builder_shown as shown
from diguan.policies.web import builder_words as words
from diguan.policies.web import shown as policy_words
from diguan.policies.web.builder import draft_of, saved, to_write

YAML = "application/yaml"
TRACE = 30


def _page(request: HttpRequest, row: Draft, step: str, template: str, form: Any, conflict: list[dict[str, Any]], **more: Any) -> HttpResponse:
    """One form of a draft. The frame shows the draft as it is now."""
    fresh = Draft.objects.get(pk=row.pk)
    status = 409 if conflict else 422 if request.method == "POST" else 200
    context = {**shown.frame(asking(request), fresh, step), "form": form, "conflict": conflict, **more}
    return render(request, f"policies/builder/{template}.html", context, status=status)


# ── source ───────────────────────────────────────────────────────────────────
def source(request: HttpRequest, number: int) -> HttpResponse:
    """The source text: pasted anew or as a file. Quotes that are no longer in it become faults of their clauses."""
    row = to_write(request, number)
    form = forms.SourceForm(request.POST, request.FILES) if request.method == "POST" else forms.SourceForm(initial={"source": row.source, "version": row.version})
    after, conflict = saved(request, row, form, lambda: actions.change_draft(draft=row, version=form.cleaned_data["version"], source=form.cleaned_data["source"], by=asking(request)),
                            lambda now: forms.SourceForm(initial={"source": now.source}))
    return redirect("policies:builder", row.pk) if after else _page(request, row, "source", "source", form, conflict)


# ── money and dates ──────────────────────────────────────────────────────────
def terms(request: HttpRequest, number: int) -> HttpResponse:
    """Benefit, budget, dates, legal basis and review."""
    row = to_write(request, number)
    form = forms.TermsForm(request.POST) if request.method == "POST" else terms_form(row)
    after, conflict = saved(request, row, form, lambda: actions.change_draft(
        draft=row, version=form.cleaned_data["version"], data=texts.document_of(form.cleaned_data, drafts.opened(row.text, row.source).data), by=asking(request)), terms_form)
    if after:
        messages.success(request, _("已保存"))
        return redirect("policies:builder_terms", row.pk)
    offer_terms(form)
    return _page(request, row, "terms", "terms", form, conflict, facts=words.facts())


def terms_form(row: Draft) -> forms.TermsForm:
    """The terms as the draft has them, with what the loader says at each field."""
    found = drafts.opened(row.text, row.source)
    form = forms.TermsForm({**texts.fields_of(found.data), "version": row.version})
    form.is_valid()
    forms.faults_at(form, [fault for fault in found.faults if fault.place and fault.place[0] not in ("clauses", "examples")], texts.PLACES)
    return form


def offer_terms(form: forms.TermsForm) -> None:
    """The choices of the terms."""
    for name, choices in (("kind", words.KINDS), ("rounding", words.ROUNDINGS), ("of_over", words.OVERS), ("of_agg", words.AGGS), ("when_exhausted", [("", "—"), *words.EXHAUSTED]),
                          ("delivery", list(policy_words.DELIVERY.items())), ("review_status", words.REVIEWS)):
        form.offer(name, choices)


# ── examples ─────────────────────────────────────────────────────────────────
@require_GET
def examples(request: HttpRequest, number: int) -> HttpResponse:
    """Every worked example with what came of it."""
    row = draft_of(request, number)
    context = shown.frame(asking(request), row, "examples")
    return render(request, "policies/builder/examples.html", {**context, "examples": shown.examples(context["found"])})


def example(request: HttpRequest, number: int, at: int) -> HttpResponse:
    """One worked example; number 0 is a new one, an emptied name with ``delete`` takes it away."""
    row = to_write(request, number)
    held = drafts.opened(row.text, row.source).data.get("examples")
    rows = list(held) if isinstance(held, list) else []
    if at > len(rows):
        raise Http404
    if "delete" in request.POST and at:
        return _without_example(request, row, at)
    form = forms.ExampleForm(request.POST) if request.method == "POST" else example_form(row, at)
    form.offer("status", words.STATUSES)
    after, conflict = saved(request, row, form, lambda: actions.change_draft(
        draft=row, version=form.cleaned_data["version"], data=_with_example(row, at, form.cleaned_data), by=asking(request)), lambda now: example_form(now, at))
    if after:
        return redirect("policies:builder_examples", row.pk)
    return _page(request, row, "examples", "example", form, conflict, at=at, facts=words.facts())


def _example_rows(row: Draft) -> list[Any]:
    held = drafts.opened(row.text, row.source).data.get("examples")
    return list(held) if isinstance(held, list) else []


def _with_example(row: Draft, at: int, fields: dict[str, Any]) -> dict[str, Any]:
    rows = _example_rows(row)
    old = rows[at - 1] if at and isinstance(rows[at - 1], dict) else None
    new = texts.example_of(fields, old)
    kept = [*rows[:at - 1], new, *rows[at:]] if at else [*rows, new]
    return {**drafts.opened(row.text, row.source).data, "examples": kept}


def _without_example(request: HttpRequest, row: Draft, at: int) -> HttpResponse:
    rows, version = _example_rows(row), request.POST.get("version", "")
    try:
        actions.change_draft(draft=row, version=int(version) if version.isdecimal() and len(version) < 10 else 0, by=asking(request),
                             data={**drafts.opened(row.text, row.source).data, "examples": [*rows[:at - 1], *rows[at:]]})
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
    return redirect("policies:builder_examples", row.pk)


def example_form(row: Draft, at: int) -> forms.ExampleForm:
    """One example as the draft has it, with what the loader says."""
    rows, found = _example_rows(row), drafts.opened(row.text, row.source)
    if not at or at > len(rows) or not isinstance(rows[at - 1], dict):
        return forms.ExampleForm(initial={"version": row.version, "status": "eligible", "as_of": rows[-1].get("as_of", "") if rows and isinstance(rows[-1], dict) else ""})
    form = forms.ExampleForm({**texts.example_fields(rows[at - 1]), "version": row.version})
    form.is_valid()
    fields: dict[tuple[str | int, ...], str] = {("as_of",): "as_of", ("facts",): "facts", ("expect", "status"): "status", ("expect", "amount"): "amount", ("expect", "clauses"): "clauses", (): "status"}
    forms.faults_at(form, found.at("examples", at - 1), fields, depth=2)
    return form


# ── the YAML as a whole ──────────────────────────────────────────────────────
def text(request: HttpRequest, number: int) -> HttpResponse:
    """The document as a pack holds it, to read, and to change for who may."""
    row = to_write(request, number) if request.method == "POST" else draft_of(request, number)
    form = forms.TextForm(request.POST) if request.method == "POST" else forms.TextForm(initial={"text": row.text, "version": row.version})
    after, conflict = saved(request, row, form, lambda: actions.change_draft(draft=row, version=form.cleaned_data["version"], text=form.cleaned_data["text"], by=asking(request)),
                            lambda now: forms.TextForm(initial={"text": now.text}))
    if after:
        messages.success(request, _("已保存"))
        return redirect("policies:builder_text", row.pk)
    return _page(request, row, "text", "text", form, conflict)


@require_GET
def download(request: HttpRequest, number: int) -> HttpResponse:
    """The YAML as a file: of the draft as it is, or of a kept version (``?version=2``); ``?source=1`` is its source text."""
    row = draft_of(request, number)
    wanted = request.GET.get("version", "")
    kept = or_404(drafts.version(row, int(wanted))) if wanted.isdecimal() and len(wanted) < 9 else row
    if request.GET.get("source"):
        return files.download(kept.source.encode(), "text/plain; charset=utf-8", f"{row.policy}.txt")
    return files.download(kept.text.encode(), YAML, f"{row.policy}.yaml")


# ── versions, publishing ─────────────────────────────────────────────────────
def versions(request: HttpRequest, number: int) -> HttpResponse:
    """The versions that were kept, and the form that keeps the next one."""
    row = draft_of(request, number)
    known = queries.library().policies.get(row.policy)
    form = forms.NoteForm(request.POST) if request.method == "POST" else forms.NoteForm(initial={"version": row.version})
    after, conflict = saved(request, row, form, lambda: actions.save_version(draft=row, version=form.cleaned_data["version"], note=form.cleaned_data["note"], by=asking(request)),
                            lambda now: forms.NoteForm(initial={"note": form["note"].value()}))
    if after:
        messages.success(request, _("存好了第 {n} 版").format(n=after.saved))
        return redirect("policies:builder_versions", row.pk)
    return _page(request, row, "versions", "versions", form, conflict, versions=list(drafts.versions(row)), in_use=known.digest if known else "", trace=trail(timelines.of(asking(request), row, limit=TRACE)))


@require_GET
def publishing(request: HttpRequest, number: int) -> HttpResponse:
    """What still stands between a version and the library."""
    row = draft_of(request, number)
    context = shown.frame(asking(request), row, "publish")
    at, kept = published.published_at(row.policy), drafts.version(row, row.saved)
    found = drafts.opened(kept.text, kept.source) if kept else context["found"]
    lacking = [reason.text(language()) for reason in found.trial.unpublishable] if found.trial else [_("还没有能算的条款")]
    same, stale = kept is not None and (kept.text, kept.source) == (row.text, row.source), kept is not None and at is not None and at < kept.at
    return render(request, "policies/builder/publish.html", {
        **context, "kept": kept, "of": found, "same": same, "reviewed": at, "lacking": lacking, "stale": stale, "ready": kept is not None and found.usable and not lacking and at is not None and not stale,
        "known": row.policy in queries.library().policies, "life": shown.life_of(asking(request), row)})


@require_POST
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Put a version into the library."""
    row = draft_of(request, number)
    access.require(asking(request), drafts.PUBLISH, row)
    wanted = request.POST.get("number", "")
    kept = or_404(drafts.version(row, int(wanted)) if wanted.isdecimal() and len(wanted) < 9 else None)
    try:
        actions.publish_draft(draft_version=kept, by=asking(request))
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
        return redirect("policies:builder_publish", row.pk)
    messages.success(request, _("第 {n} 版已在政策库里，下一次比对就按它算").format(n=kept.number))
    return redirect("policies:policy", row.policy)
