"""Bringing files in: choose, preview with errors by cell, commit as one batch or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, packs, periods
from diguan.kernel.facts import actions, batches, deliveries
from diguan.kernel.facts.deliveries import Preview, Request
from diguan.kernel.facts.models import Batch, Upload
from diguan.kernel.lists import files
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import guard, marks, values
from diguan.kernel.sheets.declare import names_of
from diguan.kernel.shell import asking, language, source_name

SHOWN_ERRORS = 200
MOST_REASON = 200
SAID = ("sheet", "period", "source", "complete")
"""What is said of a file beside the file, as the form and the address name it."""
STEPS = (gettext_lazy("选文件"), gettext_lazy("核对"), gettext_lazy("入库"))


class ImportForm(forms.Form):
    """Which sheet, which file, for when, from whom, and whether it is all there is."""

    sheet = forms.ChoiceField(label=gettext_lazy("表"))
    file = forms.FileField(label=gettext_lazy("文件"), help_text=gettext_lazy("Excel（.xlsx）或 CSV，不超过 50 MB"),
                           widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}))
    period = forms.CharField(label=gettext_lazy("所属期"), required=False, max_length=20,
                             help_text=gettext_lazy("如 2026-08；空着则按表里写的"))
    source = forms.ChoiceField(label=gettext_lazy("报送单位"), required=False)
    complete = forms.BooleanField(label=gettext_lazy("本次报送是齐全的：表里没有的企业，就是没有"), required=False, initial=True)

    def __init__(self, person: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sheets = deliveries.sheets_for(person)
        self.fields["sheet"].choices = [(sheet.name, sheet.label(language())) for sheet in sheets]  # type: ignore[attr-defined]
        offered = dict.fromkeys(source for sheet in sheets for source in (sheet.source, *sheet.sources) if source)
        self.fields["source"].choices = [("", _("按表的默认")), *(  # type: ignore[attr-defined]
            (source, source_name(source)) for source in offered)]
        if not any(column.fact for sheet in sheets for column in sheet.columns):  # answers of the treasury have no period, no other source and no completeness
            for name in ("period", "source", "complete"):
                del self.fields[name]

    def clean_period(self) -> str:
        """A period in the usual spelling, whichever way it is written."""
        text = str(self.cleaned_data["period"]).strip()
        if not text:
            return ""
        try:
            return periods.parse(text).text
        except periods.PeriodError:
            pass
        try:
            return values.period_of(text, "month").text
        except values.ValueProblem as problem:
            raise forms.ValidationError(problem.message.text(language())) from problem


def imports(request: HttpRequest) -> HttpResponse:
    """The form; a file that passes the door is kept and previewed."""
    deliveries.require_any(asking(request))
    asked: dict[str, Any] = {name: request.GET[name] for name in SAID if name in request.GET}
    if "complete" in asked:
        asked["complete"] = asked["complete"] != "0"
    form = ImportForm(asking(request), *((request.POST, request.FILES) if request.method == "POST" else ()), initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            return _keep(request, form.cleaned_data)
        except guard.SheetRefused as refusal:
            form.add_error("file", refusal.message.text(language()))
    return render(request, "site/import.html", {"form": form, "step_names": STEPS, "sees_batches": access.may(asking(request), "facts.view_batch")}, status=400 if form.is_bound else 200)


def _keep(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    file = data["file"]
    guard.check_size(file.size)
    upload = deliveries.keep(file.name, file.read(), data["sheet"], by=asking(request))
    said = {"sheet": data["sheet"], "period": data.get("period", ""), "source": data.get("source", ""), "complete": "1" if data.get("complete", True) else "0"}
    return redirect(f"{reverse('site:import_preview', args=[upload.pk])}?{urlencode(said)}")


def _asked(request: HttpRequest, upload: Upload) -> Request:
    """What the address says of the upload; its checks are those of the engine, the address is not trusted."""
    text = request.GET.get("period", "")
    try:
        period = periods.parse(text) if text else None
    except periods.PeriodError as error:
        raise guard.refuse(f"{text[:20]} 不是期间，应写成 2026-08", f"{text[:20]} is no period, write 2026-08") from error
    return Request(upload.sheet, period, request.GET.get("source", "")[:40], () if request.GET.get("complete") == "0" else None)


def _previewed(request: HttpRequest, number: int) -> tuple[Upload, bytes, Preview]:
    upload, content, asked = _load(request, number)
    return upload, content, deliveries.preview(asked, upload.name, content, by=asking(request))


def _load(request: HttpRequest, number: int) -> tuple[Upload, bytes, Request]:
    upload, content = deliveries.kept(number, by=asking(request))
    return upload, content, _asked(request, upload)


@require_GET
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """What the file holds, what is wrong with it, what committing it would change."""
    try:
        upload, _content, found = _previewed(request, number)
    except guard.SheetRefused as refusal:
        return _refused(request, refusal)
    return render(request, "site/import_preview.html", _shown(found, upload, request))


def _shown(found: Preview, upload: Upload, request: HttpRequest) -> dict[str, Any]:
    words = language()
    heads, rows = deliveries.first_rows(found)
    catalogue = packs.catalogue()
    counts, first = (found.compared.counts, found.compared.first) if found.compared else ({}, [])
    names = names_of(found.sheet.subject, {change.key[1] for change in first})
    few_new = counts.get("new", 0) if counts.get("new", 0) <= batches.SHOWN else 0  # a few new values are what the file was brought for
    return {
        "found": found, "checked": found.checked, "upload": upload, "heads": heads, "first": rows, "counts": found.counts,
        "sheet": found.sheet.label(words), "source": source_name(found.source),
        "errors": found.checked.errors[:SHOWN_ERRORS], "more": len(found.checked.errors) - SHOWN_ERRORS,
        "coverage": [(catalogue[fact].label(words), period) for fact, period in found.coverage[:60]],
        "changes": [_change(change, catalogue, words) | {"name": names.get(change.key[1], "")} for change in first], "changed": counts.get("changed", 0) + counts.get("gone", 0) + few_new,
        "as_part": urlencode({**request.GET.dict(), "complete": "0"}), "again": urlencode({name: request.GET[name][:40] for name in SAID if name in request.GET}),
        "doubtful": found.ok and bool(found.doubts), "query": request.GET.urlencode(), "step_names": STEPS, "after": found.after or "", "shown_changes": batches.SHOWN,
    }


def _change(change: Any, catalogue: Any, language: str) -> dict[str, Any]:
    spec = catalogue[change.key[2]]
    return {"id": change.key[1], "fact": spec.label(language), "period": change.key[3],
            "before": _side(change.before or ("unknown", None, None), spec), "after": _side(change.after or ("absent", None, None), spec)}


def _side(side: Any, spec: Any) -> dict[str, Any]:
    return {"state": side[0], "num": side[1], "text": side[2], "unit": spec.unit}


@require_GET
def marked(request: HttpRequest, number: int) -> HttpResponse:
    """The file with its errors marked in it."""
    try:
        upload, content, found = _previewed(request, number)
    except guard.SheetRefused as refusal:
        return _refused(request, refusal)
    return files.download(marks.marked(upload.name, content, found.checked), files.XLSX, f"{upload.name.rpartition('.')[0] or upload.name}-标错.xlsx")


@require_POST
def commit(request: HttpRequest, number: int) -> HttpResponse:
    """Check once more and commit; a refusal goes back to the preview with its reason."""
    try:
        upload, content, asked = _load(request, number)
        _unchanged(request, asked)
        asked = replace(asked, only_new=request.POST.get("only_new") == "1")
        batch = deliveries.commit(asked, upload, content, by=asking(request), reason=request.POST.get("reason", "")[:MOST_REASON])
    except guard.SheetRefused as refusal:
        return _refused(request, refusal)
    except access.Forbidden:
        raise
    except Refusal as refusal:
        for text in refusal.texts(language()):
            messages.error(request, text)
        return redirect(f"{reverse('site:import_preview', args=[number])}?{request.GET.urlencode()}")
    messages.success(request, _("已入库"))
    return redirect("site:batch", batch.pk) if isinstance(batch, Batch) else redirect("site:imports")


def _unchanged(request: HttpRequest, asked: Request) -> None:
    """Refuse when the source delivered again between what the clerk saw and what the clerk presses."""
    if request.POST.get("after", "") != str(deliveries.newest(asked, by=asking(request)) or ""):
        raise Refusal("changed_meanwhile", [actions.CHANGED_MEANWHILE])


def _refused(request: HttpRequest, refusal: guard.SheetRefused) -> HttpResponse:
    """Back to the form, with what was said of the file still in it."""
    messages.error(request, refusal.message.text(language()))
    said = {name: request.GET[name][:40] for name in SAID if name in request.GET}
    return redirect(f"{reverse('site:imports')}?{urlencode(said)}" if said else "site:imports")
