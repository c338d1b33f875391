"""Forms of the bench: a log that is brought, an order that is added, what the new flow may count on, from when it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.messages import nearest
from diguan.services.engine.edges import DATA, LEGAL, PHYSICAL
from diguan.services.engine.eventlog import COLUMNS
from diguan.services.engine.flowplan import Match
from diguan.services.queries.bench import OFFICE_HOURS
from diguan.services.web import words

_DAY = {"type": "date"}


class StudyForm(forms.Form):
    """A log and how it is to be read."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    file = forms.FileField(label=gettext_lazy("日志文件"), help_text=gettext_lazy("XES、XES.gz 或 CSV，60 兆以内；CSV 一行一次办理，至少有案件编号、环节、时间三列"))
    life_event = forms.ChoiceField(label=gettext_lazy("对应哪件一件事"), required=False, help_text=gettext_lazy("不对应也能分析；对应了才能发布成新的一版"))
    hours = forms.CharField(label=gettext_lazy("办公时间"), max_length=60, required=False, initial=OFFICE_HOURS, help_text=gettext_lazy("只算工作日的这些钟点；留空就不分昼夜全算"))
    support = forms.IntegerField(label=gettext_lazy("至少几件没有反例才算严格先后"), required=False, min_value=1, max_value=1_000_000, help_text=gettext_lazy("不填按案件数的二十分之一，最少 3 件"))

    def __init__(self, *args: Any, events: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["life_event"].choices = [("", _("不对应")), *events]  # type: ignore[attr-defined]
        for name, label in COLUMNS.items():
            self.fields[f"column_{name}"] = forms.CharField(label=label.text(words.language()), max_length=100, required=False)

    @property
    def columns(self) -> dict[str, str]:
        """Which heading is what, as far as it was said."""
        return {name: value for name in COLUMNS if (value := self.cleaned_data.get(f"column_{name}", "").strip())}

    @property
    def headings(self) -> list[Any]:
        """The boxes of the columns."""
        return [self[f"column_{name}"] for name in COLUMNS]


class OrderForm(forms.Form):
    """An order the log does not show."""

    before = forms.ChoiceField(label=gettext_lazy("先办"))
    after = forms.ChoiceField(label=gettext_lazy("后办"))
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=[(kind, words.EDGES[kind]) for kind in (LEGAL, DATA, PHYSICAL)])
    evidence = forms.CharField(label=gettext_lazy("依据"), max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, activities: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("before", "after"):
            self.fields[name].choices = [(one, one) for one in activities]  # type: ignore[attr-defined]


class AssumeForm(forms.Form):
    """What the new flow may count on. Units and activities come by number, since their names may be anything."""

    wait_left = forms.IntegerField(label=gettext_lazy("等待还剩百分之几"), min_value=0, max_value=100, help_text=gettext_lazy("数据共享、文件推送之后还要等的部分；100 就是和过去一样"))
    share = forms.IntegerField(label=gettext_lazy("方案只排多常见的环节（百分之几以上的案件有）"), min_value=0, max_value=100)
    seed = forms.IntegerField(label=gettext_lazy("模拟的种子"), min_value=0, max_value=2**31 - 1, help_text=gettext_lazy("同样的种子出同样的数"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, activities: Sequence[str], people: Mapping[str, int], staff: Mapping[str, int], dropped: Sequence[str], matters: Sequence[tuple[str, str]], names: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.activities, self.units, self.tied = list(activities), list(people), bool(matters)
        for at, unit in enumerate(self.units):
            self.fields[f"staff_{at}"] = forms.IntegerField(label=unit, min_value=1, max_value=10_000, initial=staff.get(unit, people[unit]), help_text=_("日志里有 {n} 人").format(n=people[unit]))
        self.fields["dropped"] = forms.MultipleChoiceField(label=_("并入别的环节、不再单办的"), required=False, choices=[(str(at), name) for at, name in enumerate(self.activities)],
                                                           initial=[str(at) for at, name in enumerate(self.activities) if name in dropped], widget=forms.CheckboxSelectMultiple)
        for at, name in enumerate(self.activities if matters else ()):
            self.fields[f"matter_{at}"] = forms.ChoiceField(label=name, required=False, choices=[("", _("不对应")), *matters], initial=names.get(name, ""))

    @property
    def staffed(self) -> list[Any]:
        """The boxes of the units."""
        return [self[f"staff_{at}"] for at in range(len(self.units))]

    @property
    def named(self) -> list[Any]:
        """The boxes of the activities."""
        return [self[f"matter_{at}"] for at in range(len(self.activities))] if self.tied else []

    @property
    def said(self) -> dict[str, Any]:
        """What was filled in, as the action takes it."""
        data = self.cleaned_data
        return {"staff": {unit: data[f"staff_{at}"] for at, unit in enumerate(self.units)}, "wait_left": data["wait_left"], "share": data["share"], "seed": data["seed"],
                "dropped": [self.activities[int(at)] for at in data["dropped"]], "names": {name: data[f"matter_{at}"] for at, name in enumerate(self.activities) if data.get(f"matter_{at}")}}


class FlowForm(forms.Form):
    """A BPMN file."""

    file = forms.FileField(label=gettext_lazy("BPMN 文件"), help_text=gettext_lazy("BPMN 2.0（.bpmn、.xml），5 兆以内。只读一个流程里的开始、结束、任务、并行和排他网关、顺序流；泳道、子流程、定时和消息请先去掉"),
                           widget=forms.ClearableFileInput(attrs={"accept": ".bpmn,.xml"}))


class MatchForm(forms.Form):
    """Which activity of the log each task of a flow is. Tasks come by number, since their ids may be anything."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, matches: Sequence[Match], activities: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.matches, self.activities = list(matches), list(activities)
        for at, one in enumerate(self.matches):
            near = _("日志里没有这个名字，最近的是“{name}”").format(name=one.near) if one.near else ""
            self.fields[f"task_{at}"] = forms.CharField(label=one.title, required=False, max_length=300, initial=one.activity, help_text=near if not one.activity else "",
                                                        widget=forms.TextInput(attrs={"list": "activities", "placeholder": _("日志里没有记，不查")}))

    def clean(self) -> dict[str, Any]:
        """Each is an activity of the log, and each activity is one task only."""
        seen: dict[str, str] = {}
        for at, one in enumerate(self.matches):
            value = self.cleaned_data.get(f"task_{at}", "")
            if value and value not in self.activities:
                like = nearest(value, self.activities)
                self.add_error(f"task_{at}", _("日志里没有环节“{name}”；是不是“{like}”？").format(name=value, like=like) if like else _("日志里没有环节“{name}”").format(name=value))
            elif value in seen:
                self.add_error(f"task_{at}", _("“{name}”已经对应了“{other}”").format(name=value, other=seen[value]))
            elif value:
                seen[value] = one.title
        return self.cleaned_data

    @property
    def boxes(self) -> list[Any]:
        """The boxes of the tasks."""
        return [self[f"task_{at}"] for at in range(len(self.matches))]

    @property
    def said(self) -> dict[str, str]:
        """What was filled in, as the action takes it."""
        return {one.task: value for at, one in enumerate(self.matches) if (value := self.cleaned_data[f"task_{at}"])}


class PublishForm(forms.Form):
    """From when the new version holds."""

    valid_from = forms.DateField(label=gettext_lazy("从哪天起用"), widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY))
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput)
