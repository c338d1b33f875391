"""What a person fills in about visits, follow-ups and guests."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.forms import day_field
from diguan.outreach.models import Call, Outcome, Party, Trip, VisitLog
from diguan.outreach.queries import rights, visits
from diguan.outreach.web.forms import ReasonForm, VersionForm


class LogForm(forms.Form):
    """A visit as it is written down. ``key`` is the entry's own, made once by the page or the device."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    party = forms.ChoiceField(label=gettext_lazy("对象"), choices=Party.choices, initial=Party.FIRM)
    name = forms.CharField(label=gettext_lazy("走访了谁"), max_length=100)
    visited_on = day_field(gettext_lazy("日期"))
    outcome = forms.ChoiceField(label=gettext_lazy("结果"), choices=[("", gettext_lazy("请选择")), *Outcome.choices])
    said = forms.CharField(label=gettext_lazy("谈了什么"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    next_step = forms.CharField(label=gettext_lazy("下一步"), max_length=200, required=False)
    trip = forms.ModelChoiceField(label=gettext_lazy("哪次外出"), queryset=Trip.objects.none(), required=False, empty_label=gettext_lazy("不在外出中"))
    call = forms.ModelChoiceField(label=gettext_lazy("名单里的哪一家"), queryset=Call.objects.none(), required=False, empty_label=gettext_lazy("不在名单里"))

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        more.setdefault("initial", {"key": uuid.uuid4(), "visited_on": clocks.today(), **(more.pop("first", None) or {})})
        super().__init__(*args, **more)
        found = visits.open_trips(person)
        self.fields["trip"].queryset = Trip.objects.filter(pk__in=[row.pk for row in found])  # type: ignore[attr-defined]
        self.fields["call"].queryset = Call.objects.filter(trip__in=[row.pk for row in found]).select_related("trip")  # type: ignore[attr-defined]

    @property
    def told(self) -> dict[str, Any]:
        """What a visit keeps."""
        return {name: self.cleaned_data.get(name) for name in visits.WRITTEN}


class CorrectForm(ReasonForm):
    """Another entry in the place of a wrong one."""

    party = forms.ChoiceField(label=gettext_lazy("对象"), choices=Party.choices)
    name = forms.CharField(label=gettext_lazy("走访了谁"), max_length=100)
    visited_on = day_field(gettext_lazy("日期"))
    outcome = forms.ChoiceField(label=gettext_lazy("结果"), choices=Outcome.choices)
    said = forms.CharField(label=gettext_lazy("谈了什么"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    next_step = forms.CharField(label=gettext_lazy("下一步"), max_length=200, required=False)
    field_order = ("party", "name", "visited_on", "outcome", "said", "next_step", "reason")

    @staticmethod
    def first(row: VisitLog) -> dict[str, Any]:
        """What it says now."""
        return {name: getattr(row, name) for name in ("party", "name", "visited_on", "outcome", "said", "next_step")}


class _WithPeople(forms.Form):
    """A form that chooses one of the colleagues."""

    person_field = "owner"

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen = self.fields[self.person_field]
        chosen.queryset, chosen.label_from_instance = rights.colleagues(person), lambda one: one.name  # type: ignore[attr-defined]


class FollowForm(_WithPeople):
    """Who does what by when."""

    what = forms.CharField(label=gettext_lazy("做什么"), max_length=200)
    owner = forms.ModelChoiceField(label=gettext_lazy("谁办"), empty_label=gettext_lazy("请选择"), queryset=Person.objects.none())
    days = forms.IntegerField(label=gettext_lazy("几个工作日内"), min_value=1, max_value=60, initial=5)


class DoneForm(VersionForm):
    """It is done, or not followed any more."""

    result = forms.CharField(label=gettext_lazy("结果"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    dropped = forms.BooleanField(label=gettext_lazy("不再跟进"), required=False)


class HandOverForm(_WithPeople, VersionForm, ReasonForm):
    """To somebody else."""

    person_field = "to"
    to = forms.ModelChoiceField(label=gettext_lazy("交给谁"), empty_label=gettext_lazy("请选择"), queryset=Person.objects.none())
    field_order = ("to", "reason", "version")


class InviteForm(forms.Form):
    """Somebody asked to come."""

    party = forms.ChoiceField(label=gettext_lazy("对象"), choices=Party.choices)
    name = forms.CharField(label=gettext_lazy("邀请谁"), max_length=100)
    purpose = forms.CharField(label=gettext_lazy("来看什么"), max_length=200)
    invited_on = day_field(gettext_lazy("邀请日期"))
    trip = forms.ModelChoiceField(label=gettext_lazy("哪次外出邀的"), queryset=Trip.objects.none(), required=False, empty_label=gettext_lazy("不在外出中"))

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["trip"].queryset = Trip.objects.filter(pk__in=[row.pk for row in visits.open_trips(person)])  # type: ignore[attr-defined]


class AnswerForm(VersionForm):
    """What they answered."""

    accepted = forms.TypedChoiceField(label=gettext_lazy("答复"), choices=(("1", gettext_lazy("答应来")), ("0", gettext_lazy("不来"))), coerce=lambda text: text == "1", widget=forms.RadioSelect)
    answer = forms.CharField(label=gettext_lazy("怎么说的"), max_length=200, required=False)


class SiteVisitForm(_WithPeople):
    """When they come."""

    person_field = "host"
    from_day = day_field(gettext_lazy("到达"))
    to_day = day_field(gettext_lazy("离开"))
    guests = forms.IntegerField(label=gettext_lazy("来几个人"), min_value=1, max_value=200)
    itinerary = forms.CharField(label=gettext_lazy("看哪些地方"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    host = forms.ModelChoiceField(label=gettext_lazy("谁接待"), empty_label=gettext_lazy("请选择"), queryset=Person.objects.none())


class EndVisitForm(VersionForm):
    """What came of it."""

    came = forms.TypedChoiceField(label=gettext_lazy("来了没有"), choices=(("1", gettext_lazy("来了")), ("0", gettext_lazy("没来成"))), coerce=lambda text: text == "1", widget=forms.RadioSelect)
    outcome = forms.CharField(label=gettext_lazy("结果"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
