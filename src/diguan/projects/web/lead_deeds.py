"""What may be done with a lead, each deed once: its words, its form, who is offered it and what it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.utils.translation import gettext_lazy

from diguan.kernel import access, clocks
from diguan.kernel.declare import Text
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.stages.tree import ACTIVE
from diguan.projects.actions import lead_holding as holding
from diguan.projects.actions import lead_work as work
from diguan.projects.queries import leads
from diguan.projects.queries.leads import DORMANT, FOLLOWING, PROMOTED, REGISTERED, RESPONDED
from diguan.projects.web import lead_forms as forms

Act = Callable[[Any, Any, Any], Any]
"""Does it: the lead, the form that is filled rightly, who asks."""
When = Callable[[Any, Any], bool]
"""Whether it is offered now: the lead with where it stands, who asks."""


@dataclass(frozen=True)
class Deed:
    """One thing to do. ``next`` is the one its stage waits for, whose button is solid."""

    key: str
    label: Text
    button: Text
    said: Text
    form: type[Form]
    act: Act
    when: When
    right: str = leads.CHANGE
    next: bool = False

    @property
    def first(self) -> bool:
        """Whether it stands above what is known of the lead: what the stage waits for, and the answer that has a day of its own."""
        return self.next or self.key == "feedback"


def _going(row: Any) -> bool:
    return row.status == ACTIVE and row.stage in (REGISTERED, RESPONDED, FOLLOWING)


def _open(row: Any) -> bool:
    return row.course is not None and row.course.ended_at is None


def _version(form: Any) -> int:
    return int(form.cleaned_data["version"])


def _duplicate(row: Any, form: Any, by: Any) -> Any:
    other = leads.visible_leads(by).filter(number=form.cleaned_data["number"].strip()).first()
    if other is None:
        raise Refusal("not_that_one", [Message("没有您看得到的这条线索", "there is no such lead that you may see")], "number")
    return work.mark_duplicate(lead=row, version=_version(form), of=other, reason=form.cleaned_data["reason"], by=by)


DEEDS = (
    Deed("respond", gettext_lazy("首次联系"), gettext_lazy("记下首次联系"), gettext_lazy("记下了，接着写研判意见"), forms.NewsForm,
         lambda row, form, by: work.respond(lead=row, version=_version(form), news=form.news, by=by), lambda row, by: _going(row) and row.stage == REGISTERED, next=True),
    Deed("judge", gettext_lazy("研判"), gettext_lazy("写研判意见"), gettext_lazy("研判意见已写明，开始跟进"), forms.JudgeForm,
         lambda row, form, by: work.judge(lead=row, version=_version(form), opinion=form.cleaned_data["opinion"], by=by), lambda row, by: _going(row) and row.stage == RESPONDED, next=True),
    Deed("progress", gettext_lazy("写进展"), gettext_lazy("记下进展"), gettext_lazy("进展记下了，保护期顺延"), forms.NewsForm,
         lambda row, form, by: work.tell_progress(lead=row, version=_version(form), news=form.news, by=by), lambda row, by: _going(row) and row.stage != REGISTERED, next=True),
    Deed("feedback", gettext_lazy("答复引荐人"), gettext_lazy("记下答复"), gettext_lazy("答复记下了"), forms.FeedbackForm,
         lambda row, form, by: work.give_feedback(lead=row, version=_version(form), on=form.cleaned_data["on"], what=form.cleaned_data["what"], by=by), lambda row, by: row.feedback_due is not None and row.feedback_on is None and (_open(row) or row.stage == PROMOTED)),
    Deed("offer", gettext_lazy("交给别人"), gettext_lazy("请对方接手"), gettext_lazy("已请对方接手；对方接了才换人"), forms.OfferForm,
         lambda row, form, by: holding.offer_lead(lead=row, version=_version(form), to=form.cleaned_data["to"], note=form.cleaned_data["note"], by=by), lambda row, by: _open(row) and row.holder_id == by.pk),
    Deed("release", gettext_lazy("不再跟进"), gettext_lazy("放开线索"), gettext_lazy("已放开，别人可以认领"), forms.ReasonForm,
         lambda row, form, by: holding.release_lead(lead=row, version=_version(form), reason=form.cleaned_data["reason"], by=by), lambda row, by: _open(row) and row.holder_id == by.pk),
    Deed("assign", gettext_lazy("划转"), gettext_lazy("划给这个人"), gettext_lazy("已划转"), forms.AssignForm,
         lambda row, form, by: holding.assign_lead(lead=row, version=_version(form), to=form.cleaned_data["to"], reason=form.cleaned_data["reason"], by=by), lambda row, by: _open(row), leads.ASSIGN),
    Deed("hold", gettext_lazy("搁置"), gettext_lazy("搁置线索"), gettext_lazy("已搁置"), forms.ReasonForm,
         lambda row, form, by: work.lay_aside(lead=row, version=_version(form), reason=form.cleaned_data["reason"], by=by), lambda row, by: _going(row)),
    Deed("resume", gettext_lazy("重新跟进"), gettext_lazy("重新跟进"), gettext_lazy("已重新跟进"), forms.ReasonForm,
         lambda row, form, by: work.take_up(lead=row, version=_version(form), reason=form.cleaned_data["reason"], by=by), lambda row, by: row.status == DORMANT, next=True),
    Deed("lose", gettext_lazy("流失"), gettext_lazy("记为流失"), gettext_lazy("已记为流失"), forms.ReasonForm,
         lambda row, form, by: work.lose(lead=row, version=_version(form), reason=form.cleaned_data["reason"], by=by), lambda row, by: _going(row)),
    Deed("duplicate", gettext_lazy("和别的线索重复"), gettext_lazy("标为重复"), gettext_lazy("已标为重复"), forms.DuplicateForm, _duplicate, lambda row, by: _going(row)),
)
BY_KEY = {deed.key: deed for deed in DEEDS}


def form_of(deed: Deed, person: Any, row: Any, data: Any = None) -> Any:
    """A deed's form: as it was sent, or empty at the version that is there."""
    more: dict[str, Any] = {"initial": {"version": row.version, "on": clocks.today()}, "auto_id": f"{deed.key}-%s"}
    return deed.form(person, data, **more) if issubclass(deed.form, forms.ToForm | forms.NewsForm) else deed.form(data, **more)


def offered(person: Any, row: Any, sent: Any = None, key: str = "") -> list[tuple[Deed, Any, bool]]:
    """What this person is offered: each deed, its form, and whether it is open. ``sent`` is the form of ``key`` that was refused."""
    rights = {right: access.may(person, right, row) for right in {deed.right for deed in DEEDS}}
    found = [deed for deed in DEEDS if (rights[deed.right] and deed.when(row, person)) or deed.key == key]
    return [(deed, sent if deed.key == key else form_of(deed, person, row), deed.key == key) for deed in found]
