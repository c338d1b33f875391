"""Forms of walks and proposals: as whom one walks, what a step took, what was met, what is to change by when, what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.access.models import Person, Unit
from diguan.services.models import MatterVersion, Trouble, WalkRole
from diguan.services.models.walks import MOST_DAYS, MOST_MINUTES, MOST_TRIPS
from diguan.services.queries.proposals import Mending
from diguan.services.web import walk_words as words


class BeginForm(forms.Form):
    """As whom one walks."""

    role = forms.ChoiceField(label=gettext_lazy("以谁的身份走"), choices=WalkRole.choices)


class DoneForm(forms.Form):
    """What a step took."""

    minutes = forms.IntegerField(label=gettext_lazy("用了几分钟"), required=False, min_value=0, max_value=MOST_MINUTES, help_text=gettext_lazy("不填就按“到了”和“办完了”之间算"))
    trips = forms.IntegerField(label=gettext_lazy("跑了几趟"), required=False, min_value=0, max_value=MOST_TRIPS)


class NoteForm(forms.Form):
    """What was met at a step."""

    trouble = forms.ChoiceField(label=gettext_lazy("哪类问题"), choices=[("", gettext_lazy("请选择")), *Trouble.choices])
    words = forms.CharField(label=gettext_lazy("遇到了什么"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    matter = forms.ChoiceField(label=gettext_lazy("哪个事项的"), required=False)

    def __init__(self, *args: Any, about: Sequence[MatterVersion], whole: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.about = {str(version.pk): version for version in about}
        first = ("", _("整件事") if whole else _("请选择"))
        if len(about) > 1:
            self.fields["matter"].required = not whole
            self.fields["matter"].choices = [first, *((key, words.version(one)) for key, one in self.about.items())]  # type: ignore[attr-defined]
        else:
            del self.fields["matter"]

    @property
    def matter_field(self) -> Any:
        """The box of the matter, where there is a choice."""
        return self["matter"] if "matter" in self.fields else None

    @property
    def chosen(self) -> MatterVersion | None:
        """The version it is about, if one was chosen."""
        return self.about.get(self.cleaned_data.get("matter", ""))


class ProposeForm(forms.Form):
    """What is to change, by whom, by when. A person is offered with their office, since one may hold posts in two."""

    what = forms.CharField(label=gettext_lazy("改什么"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    unit = forms.ChoiceField(label=gettext_lazy("责任单位"))
    owner = forms.ChoiceField(label=gettext_lazy("责任人"), required=False, help_text=gettext_lazy("不选就由责任单位自己定"))
    days = forms.IntegerField(label=gettext_lazy("几个工作日内"), min_value=1, max_value=MOST_DAYS, initial=10)

    def __init__(self, *args: Any, units: Sequence[Unit], people: Sequence[tuple[Person, Unit]], **more: Any) -> None:
        super().__init__(*args, **more)
        able = {unit.pk for _person, unit in people}
        self._units, self._people = {str(unit.pk): unit for unit in units if unit.pk in able}, {str(person.pk): person for person, _unit in people}
        self.fields["unit"].choices = [("", _("请选择")), *((key, unit.name) for key, unit in self._units.items())]  # type: ignore[attr-defined]
        self.fields["owner"].choices = [("", _("不指定")), *((str(person.pk), f"{unit.name} {person.name}") for person, unit in people)]  # type: ignore[attr-defined]

    @property
    def said(self) -> dict[str, Any]:
        """What was filled in, as the action takes it."""
        data = self.cleaned_data
        return {"what": data["what"], "unit": self._units[data["unit"]], "owner": self._people.get(data["owner"]), "days": data["days"]}


class VersionForm(forms.Form):
    """A proposal as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(VersionForm):
    """And why."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300)


class FixForm(VersionForm):
    """What was changed, and by what it is shown."""

    changed = forms.CharField(label=gettext_lazy("改了什么"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    proof = forms.ChoiceField(label=gettext_lazy("凭据"), help_text=gettext_lazy("走过之后发布的新版，或之后再走完的一次"))

    def __init__(self, *args: Any, there: Mending, **more: Any) -> None:
        super().__init__(*args, **more)
        found = [*(("matter", one, words.version(one)) for one in there.matters), *(("life_event", one, words.event_version(one)) for one in there.events), *(("walk", one, words.walk(one)) for one in there.walks)]
        self._proofs = {f"{kind}-{one.pk}": (kind, one) for kind, one, _label in found}
        self.fields["proof"].choices = [(f"{kind}-{one.pk}", label) for kind, one, label in found]  # type: ignore[attr-defined]

    @property
    def said(self) -> dict[str, Any]:
        """What was filled in, as the action takes it."""
        kind, one = self._proofs[self.cleaned_data["proof"]]
        return {"changed": self.cleaned_data["changed"], kind: one}
