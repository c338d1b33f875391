"""划型与认定: the classes an enterprise reaches by dated national standards, on two days, and why they differ."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.enterprises.queries import dossier
from diguan.enterprises.queries import standing as queries
from diguan.enterprises.queries.standing import Placed, Turned
from diguan.enterprises.web import pages
from diguan.enterprises.web.forms import DaysForm
from diguan.kernel import clocks, packs, periods
from diguan.kernel.rules import tree, words
from diguan.kernel.rules.scalar import Finding, Verdict
from diguan.kernel.rules.standards import Class
from diguan.kernel.shell import VERDICTS, asking, language

CLASSES = {"大型": gettext_lazy("大型"), "中型": gettext_lazy("中型"), "小型": gettext_lazy("小型"), "微型": gettext_lazy("微型")}
BACK = -12  # months: without a day to compare with, a year ago


@require_GET
def page(request: HttpRequest, uscc: str) -> HttpResponse:
    """Each standard on two days, side by side."""
    row = pages.enterprise(request, uscc)
    form, (before, after) = days(request)
    pairs = zip(queries.placed(asking(request), row, before), queries.placed(asking(request), row, after), strict=True)
    context = {"form": form, "before": before, "after": after, "standards": [compared(old, new) for old, new in pairs]}
    return render(request, "enterprises/standards.html", {**pages.frame(request, row, "standards", dossier.facts(asking(request), row)), **context})


def days(request: HttpRequest) -> tuple[DaysForm, tuple[dt.date, dt.date]]:
    """The form and the two days asked for, the earlier one first; a day that is none is told at its field."""
    form = DaysForm(request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    after = given.get("on") or clocks.today()
    before = given.get("against") or periods.add_months(after, BACK)
    if not form.is_bound or form.is_valid():
        form = DaysForm(initial={"on": after, "against": before})
    return form, (min(before, after), max(before, after))


def compared(old: Placed, new: Placed) -> dict[str, Any]:
    """One standard on both days, and the sentences that say why they differ."""
    differs = old.value != new.value
    return {"title": new.standard.label(language()), "fact": new.standard.fact.name, "days": [shown(old), shown(new)], "differs": differs, "other_text": old.version != new.version,
            "why": [why(turn, old, new) for turn in queries.turned(old, new)] if differs else []}


def shown(one: Placed) -> dict[str, Any]:
    """One standard on one day: the class, the document, and each class clause by clause."""
    lines = [line for each, verdict in one.classes if asks(each) for line in clauses(each, verdict, one)]
    version = one.version
    return {"day": one.day, "kind": kind(one), "word": word(one), "version": version, "lines": lines,
            "group": (one.group.title.get(language()) or one.group.title.get("zh", "")) if one.group else "",
            "left_out": (version.left_out.get(language()) or version.left_out.get("zh", "")) if version else ""}


def asks(one: Class) -> bool:
    """Whether a class asks for something; the lowest one only needs the figures to be there."""
    return any(each.op != "exists" for clause in one.clauses for each in tree.comparisons(clause.condition))


def kind(one: Placed) -> str:
    """The colour of a class."""
    if one.value is None:
        return "unknown"
    return ("ok" if one.value else "mute") if one.standard.fact.type == "bool" else "accent"


def word(one: Placed) -> str:
    """A class in words."""
    if one.version is None:
        return _("那时还没有这项标准")
    if one.value is None:
        return _("还判断不了") if one.classes else _("不在标准的范围内，或行业不明")
    if one.standard.fact.type == "bool":
        return _("达到") if one.value else _("没达到")
    return str(CLASSES.get(str(one.value), one.value))


def clauses(one: Class, verdict: Verdict, placed: Placed) -> list[dict[str, Any]]:
    """The clauses of one class with what there is."""
    several = len([each for each, _verdict in placed.classes if asks(each)]) > 1
    names = packs.codes().names
    return [{"class": CLASSES.get(one.value, one.value) if several else "", "says": clause.cite.quote, "reading": words.reading(clause.condition, language(), names),
             "kind": VERDICTS[finding.verdict][0], "word": VERDICTS[finding.verdict][1],
             "reason": there(clause, finding, placed)}
            for clause, finding in zip(one.clauses, verdict.findings, strict=True)]


def why(turn: Turned, old: Placed, new: Placed) -> str:
    """One clause that turned: the standard asks for something else, or the figure is another."""
    if turn.before is None:
        assert turn.after is not None
        return _("标准新增：{says}").format(says=says(turn.after))
    if turn.after is None:
        return _("标准不再要求：{says}").format(says=says(turn.before))
    if turn.other_limit:
        return _("标准改了：原为“{was}”，现为“{now}”").format(was=says(turn.before), now=says(turn.after))
    return _("数变了：{says}，原来{was}，现在{now}").format(says=says(turn.after), was=found(turn.before, old), now=found(turn.after, new))


def says(clause: tree.Clause) -> str:
    """What a clause asks for, in the words of the standard or, in another language, of its reading."""
    return clause.cite.quote if language() == "zh" else words.reading(clause.condition, language(), packs.codes().names)


def found(clause: tree.Clause, placed: Placed) -> str:
    """What there was for a clause on that day."""
    return next(there(each, finding, placed) for one, verdict in placed.classes
                for each, finding in zip(one.clauses, verdict.findings, strict=True) if each is clause)


def there(clause: tree.Clause, finding: Finding, placed: Placed) -> str:
    """What there is for a clause: of one comparison the figure and the distance, of several every figure."""
    if isinstance(clause.condition, tree.Compare):
        return words.reason(clause, finding, placed.day, language(), packs.codes().names)
    return _("；").join(words.seen(source, placed.facts, placed.day, language()) for source in dict.fromkeys(tree.sources_of(clause.condition)))
