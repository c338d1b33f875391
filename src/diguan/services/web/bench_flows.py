"""Pages of flows that are brought to a study: read a BPMN file, say which task is which activity, see how the log keeps to it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from diguan.kernel import access
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, or_404
from diguan.services.actions import bench_flows as actions
from diguan.services.engine.edges import BenchRefused
from diguan.services.models import Study
from diguan.services.queries import bench
from diguan.services.queries import bench_flows as queries
from diguan.services.web import bench_flow_words as words
from diguan.services.web import bench_forms as forms
from diguan.services.web.bench import study_of, study_page


def listing(request: HttpRequest, number: int) -> HttpResponse:
    """The flows of a study, and a form to bring one."""
    row, person = study_of(request, number), asking(request)
    if request.method == "POST":
        access.require(person, bench.RUN, row)
    form = forms.FlowForm(request.POST or None, request.FILES or None)
    found = done(request, form, lambda: _bring(request, row, form))
    if found:
        messages.success(request, _("流程图读进来了"))
        return redirect("services:study_flow_brought", number=row.pk, flow=found)
    return study_page(request, row, "flows", lambda: {"flows": queries.flows(row)}, 422 if form.errors else 200, form=form)


def _bring(request: HttpRequest, row: Study, form: forms.FlowForm) -> int:
    file = form.cleaned_data["file"]
    if file.size > actions.MOST_BYTES:
        raise actions.too_large(file.size)  # before it is read whole
    content = file.read()
    actions.bring_flow(study=row, file_name=file.name or "", content=content, by=asking(request))
    made = queries.same(row, hashlib.sha256(content).hexdigest())
    return made.pk if made else 0


def one(request: HttpRequest, number: int, flow: int) -> HttpResponse:
    """A flow as it was read, its tasks as activities of the log, and how the log keeps to it."""
    row, person = study_of(request, number), asking(request)
    found = or_404(queries.find(row, flow))
    if request.method == "POST":
        access.require(person, bench.RUN, row)
        form = _matching(found, request.POST)
        if done(request, form, lambda: actions.match_flow(study=row, flow=flow, version=form.cleaned_data["version"], names=form.said, by=person)):
            messages.success(request, _("对应好了"))
            return redirect("services:study_flow_brought", number=row.pk, flow=flow)
        return study_page(request, row, "flow", lambda: {**_shown(found), "form": form}, 422)
    return study_page(request, row, "flow", lambda: {**_shown(found), "form": _matching(found, None)})


def _matching(found: queries.Brought, data: Any) -> forms.MatchForm:
    return forms.MatchForm(data, matches=found.matches, activities=found.analysis.log.activities, initial={"version": found.study.version})


def _shown(found: queries.Brought) -> dict[str, Any]:
    try:
        return {**words.flow(found), "held": words.held(found)}
    except BenchRefused as refused:  # nothing is matched yet: what was read is shown all the same
        if refused.code not in ("no_match", "too_many"):
            raise
        return {**words.flow(found), "held": None, "unheld": refused.message}
