"""Pages of the rule builder: the drafts there are, how one begins, and the clauses of one with their editor and trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access
from diguan.kernel.forms import done, refuse
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404
from diguan.policies import queries
from diguan.policies.actions import drafts as actions
from diguan.policies.engine import clausetree, leaves, sentences
from diguan.policies.engine.clausetree import NoSuchNode
from diguan.policies.models import Draft
from diguan.policies.queries import drafts
from diguan.policies.web import builder_forms as forms
from diguan.policies.web import builder_shown as shown
from diguan.policies.web import builder_words as words
from diguan.policies.web.builder_shown import Editor

PAGE = ListPage(
    title=gettext_lazy("政策草稿"), permission=drafts.VIEW, rows=drafts.visible_drafts, template="policies/builder/list.html", order="-changed_at",
    empty=(gettext_lazy("还没有草稿"), gettext_lazy("从一份文件开始，或从政策库里抄一份来改。")),
    columns=(
        Column("title", gettext_lazy("政策"), sort="title", head=True, link=lambda row: reverse("policies:builder", args=[row.pk]), note=lambda row: row.policy),
        Column("saved", gettext_lazy("存过几版"), kind="number", sort=True), Column("published", gettext_lazy("已发布第几版"), kind="number", nothing=gettext_lazy("没有")),
        Column("changed_by.name", gettext_lazy("最近改的人")), Column("changed_at", gettext_lazy("最近改动"), kind="moment", sort=True)),
    filters=(Filter("q", gettext_lazy("名称或编号"), kind="search", fields=("title", "policy")),))


def draft_of(request: HttpRequest, number: int) -> Draft:
    """The draft of this address.

    Raises:
        Forbidden: the person sees no drafts. Http404: there is none for them.
    """
    access.require(asking(request), drafts.VIEW)
    return or_404(drafts.draft(asking(request), number))


def to_write(request: HttpRequest, number: int) -> Draft:
    """As :func:`draft_of`, for who may change it.

    Raises:
        Forbidden: they may not.
    """
    row = draft_of(request, number)
    access.require(asking(request), drafts.WRITE, row)
    return row


# ── drafts ───────────────────────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponseBase:
    """The drafts a person may see."""
    known = sorted((policy.label(language()), policy.id) for policy in queries.library().policies.values())
    return PAGE.show(request, may_write=access.may(asking(request), drafts.WRITE), library=known)


def new(request: HttpRequest) -> HttpResponse:
    """Begin a document from its source text."""
    access.require(asking(request), drafts.WRITE)
    form = forms.NewForm(request.POST or None, request.FILES or None)
    made = done(request, form, lambda: actions.new_draft(by=asking(request), **{name: form.cleaned_data[name] for name in ("policy", "title", "issuer", "document", "source")}))
    return redirect("policies:builder", made.pk) if made else _begin(request, form, _("起草一份政策"))


def bring(request: HttpRequest) -> HttpResponse:
    """Begin from a YAML file and its source text."""
    access.require(asking(request), drafts.WRITE)
    form = forms.ImportForm(request.POST or None, request.FILES or None)
    made = done(request, form, lambda: actions.import_draft(text=form.cleaned_data["text"], source=form.cleaned_data["source"], by=asking(request)))
    return redirect("policies:builder", made.pk) if made else _begin(request, form, _("导入规则文件"))


def _begin(request: HttpRequest, form: Any, title: str) -> HttpResponse:
    return render(request, "policies/builder/begin.html", {"form": form, "page_title": title}, status=422 if form.errors else 200)


@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """Begin as a copy of a policy of the library: its next version, or under another id a variant of it."""
    try:
        made = actions.copy_policy(policy=request.POST.get("policy", ""), name=request.POST.get("name", ""), by=asking(request))
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
        return redirect("policies:drafts")
    messages.success(request, _("抄好了，改这份不影响施行中的那份"))
    return redirect("policies:builder", made.pk)


# ── clauses ──────────────────────────────────────────────────────────────────
@require_GET
def builder(request: HttpRequest, number: int) -> HttpResponse:
    """Source, clauses with one open editor, trial and examples."""
    return _show(request, draft_of(request, number), request.GET.get("at", ""))


def _show(request: HttpRequest, row: Draft, at: str, editor: Editor | None = None, status: int = 200, lost: Sequence[tuple[Any, str]] = ()) -> HttpResponse:
    try:
        context = shown.builder(asking(request), row, at, editor, lost)
    except NoSuchNode as error:
        raise Http404 from error
    return render(request, "policies/builder/builder.html", context, status=status)


@require_POST
def clause(request: HttpRequest, number: int) -> HttpResponse:
    """Save the open editor. What is wrong in it is kept too, and said at its field."""
    row, at = to_write(request, number), request.POST.get("at", "")
    if _version(request) != row.version:
        return _conflict(request, row, at)
    try:
        data = _edited(row, request.POST, at)
        actions.change_draft(draft=row, version=_version(request), data=data, by=asking(request))
    except NoSuchNode:
        return _gone(request, row)
    except Refusal as refusal:
        if refusal.code != "changed_meanwhile":
            raise
        return _conflict(request, Draft.objects.get(pk=row.pk), at)
    return redirect(f"{reverse('policies:builder', args=[row.pk])}?at={at}#editor")


def _edited(row: Draft, given: Mapping[str, str], at: str) -> Any:
    """The document with what the editor sent."""
    found, place = drafts.opened(row.text, row.source), clausetree.place_of(at)
    data, condition = dict(found.data), clausetree.condition_at(found.data, place)
    if clausetree.group_of(condition) is None and "fact" in given:
        data = clausetree.put(data, place, leaves.leaf_of(words.coded(given), condition))
    if len(place) == 1 and "quote" in given:
        one = next((one for one in sentences.sentences(row.source) if str(one.number) == given.get("sentence")), None)
        quote = one.text if one else given["quote"].replace("\r\n", "\n").strip()
        article = one.article if one else given.get("article", "").strip() or sentences.article_at(row.source, quote)
        data = clausetree.describe(data, place[0], name=given.get("name", "").strip(), article=article, quote=quote, on_missing=given.get("on_missing", "ask"))
    return data


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _gone(request: HttpRequest, row: Draft) -> HttpResponse:
    messages.error(request, _("这个条件已经不在了：别人刚改过这份草稿"))
    return redirect("policies:builder", row.pk)


def _conflict(request: HttpRequest, row: Draft, at: str) -> HttpResponse:
    """Keep the input and show what is there now, wherever the clause has gone; pressing again saves over it. Of a clause that is gone the input is told."""
    found, sent = drafts.opened(row.text, row.source), {**request.POST.dict(), "version": str(row.version)}
    try:
        editor = shown.opened(row, found, _found_again(found, clausetree.place_of(at), sent.get("was", "")))
    except NoSuchNode:
        return _show(request, row, "", status=409, lost=_told(sent))
    editor.stale, at = True, editor.spot.name
    for name, form_of in (("leaf", forms.LeafForm), ("about", forms.ClauseForm)):
        theirs = getattr(editor, name)
        if theirs is not None:
            mine = form_of(sent)
            mine.is_valid()
            editor.conflict += differences(mine, theirs)
            setattr(editor, name, mine)
    if editor.leaf:
        shown.prepare(editor.leaf)
    if editor.about:
        shown.offer_sentences(editor.about, row)
    return _show(request, row, at, editor, status=409)


def _found_again(found: drafts.Opened, place: clausetree.Place, was: str) -> clausetree.Place:
    """Where the clause stands now that was sent from a place.

    Raises:
        NoSuchNode: no clause has its id any more.
    """
    names = [str(clause.get("id", "")) for clause in clausetree.clauses(found.data)]
    if place[0] < len(names) and names[place[0]] == was:
        return place
    if was not in names:
        raise NoSuchNode(was)
    return (names.index(was), *place[1:])


def _told(sent: Mapping[str, str]) -> list[tuple[Any, str]]:
    """What was typed into an editor whose clause is gone."""
    fields = {**forms.LeafForm.base_fields, **forms.ClauseForm.base_fields}
    return [(fields[name].label, value) for name, value in sent.items() if name in fields and value and name not in ("version", "sentence")]


def differences(mine: Any, theirs: Any) -> list[dict[str, Any]]:
    """The fields whose value was sent and is another now: what they are called, mine, theirs."""
    def told(field: BoundField) -> str:
        return str(field.value() or "").replace("\r\n", "\n").strip()

    return [{"label": mine[name].label, "mine": told(mine[name]), "theirs": told(theirs[name])} for name in mine.fields
            if name in theirs.fields and name not in ("version", "sentence") and told(mine[name]) != told(theirs[name])]


# ── deeds on the tree ────────────────────────────────────────────────────────
@require_POST
def change_tree(request: HttpRequest, number: int) -> HttpResponse:
    """One deed on the tree: a clause or condition added, moved, wrapped, taken away. ``deed`` is ``up:3.1``."""
    row = to_write(request, number)
    try:
        data, at = _deed(row, request.POST)
        actions.change_draft(draft=row, version=_version(request), data=data, by=asking(request))
    except NoSuchNode:
        return _gone(request, row)
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
        return redirect("policies:builder", row.pk)
    return redirect(reverse("policies:builder", args=[row.pk]) + (f"?at={at}#editor" if at else ""))


def _deed(row: Draft, given: Mapping[str, str]) -> tuple[Any, str]:
    """The document after the deed, and the node to open."""
    data = drafts.opened(row.text, row.source).data
    if given.get("sentence") or given.get("quote"):
        return _from_source(row, data, given)
    name, _colon, at = given.get("deed", "").partition(":")
    if name in ("add", "group") and not at:
        new, place = clausetree.add_clause(data)
        return (new if name == "add" else clausetree.regroup(new, place, "any")), clausetree.name_of(place)
    deed = DEEDS.get(name)
    if deed is None:
        raise NoSuchNode(name)
    return deed(data, clausetree.place_of(at))


def _from_source(row: Draft, data: Any, given: Mapping[str, str]) -> tuple[Any, str]:
    """A clause that stands on a sentence, or on words selected in the source."""
    one = next((one for one in sentences.sentences(row.source) if str(one.number) == given.get("sentence")), None)
    quote = one.text if one else given.get("quote", "").strip()
    new, place = clausetree.add_clause(data, quote, one.article if one else sentences.article_at(row.source, quote))
    return new, clausetree.name_of(place)


def _moved(by: int) -> Callable[[Any, clausetree.Place], tuple[Any, str]]:
    def move(data: Any, place: clausetree.Place) -> tuple[Any, str]:
        new, to = clausetree.shift(data, place, by)
        return new, clausetree.name_of(to)
    return move


def _grouped(group: str) -> Callable[[Any, clausetree.Place], tuple[Any, str]]:
    return lambda data, place: (clausetree.regroup(data, place, group), clausetree.name_of(place))


def _added(data: Any, place: clausetree.Place) -> tuple[Any, str]:
    new, to = clausetree.add_condition(data, place)
    return new, clausetree.name_of(to)


DEEDS: dict[str, Callable[[Any, clausetree.Place], tuple[Any, str]]] = {
    "up": _moved(-1), "down": _moved(1), "delete": lambda data, place: (clausetree.remove(data, place), ""), "inside": _added,
    "all": _grouped("all"), "any": _grouped("any"), "not": _grouped("not"), "ungroup": lambda data, place: (clausetree.ungroup(data, place), clausetree.name_of(place))}


# ── what every form of a draft does ──────────────────────────────────────────
def saved(request: HttpRequest, row: Draft, form: Any, act: Callable[[], Draft], now: Callable[[Draft], Any]) -> tuple[Draft | None, list[dict[str, Any]]]:
    """The draft after a form was sent; else what stands against it: the form keeps what was typed, and ``now`` says what is there.

    Raises:
        Forbidden: a right is lacking.
    """
    if request.method != "POST" or not form.is_valid():
        return None, []
    try:
        return act(), []
    except Refusal as refusal:
        refuse(form, refusal)
        if refusal.code != "changed_meanwhile":
            return None, []
    fresh = Draft.objects.get(pk=row.pk)
    form.data = {**form.data.dict(), "version": str(fresh.version)}
    return None, differences(form, now(fresh))
