"""Forms of plans, tasks, notes of progress and targets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.indicators.actions.goals import Wanted
from diguan.indicators.engine import figures
from diguan.indicators.models import Plan, PlanKind, Target
from diguan.indicators.queries import planfile, plans
from diguan.kernel.forms import day_field, file_field, proof_of
from diguan.kernel.units import UnitError


class PlanForm(forms.Form):
    """A new plan."""

    name = forms.CharField(label=gettext_lazy("方案名"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=PlanKind.choices)
    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=2000, max_value=2199)
    code = forms.SlugField(label=gettext_lazy("代号"), max_length=60, help_text=gettext_lazy("小写字母、数字和连字符，如 five-actions-2026"))
    source = forms.CharField(label=gettext_lazy("文件依据"), max_length=200, help_text=gettext_lazy("哪份文件、哪次会定的"))
    checked = forms.BooleanField(label=gettext_lazy("已与正式文本核对"), required=False)


class PlanChangeForm(forms.Form):
    """A plan's name and document."""

    name = forms.CharField(label=gettext_lazy("方案名"), max_length=100)
    source = forms.CharField(label=gettext_lazy("文件依据"), max_length=200)
    checked = forms.BooleanField(label=gettext_lazy("已与正式文本核对"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class _Answering(forms.Form):
    """Who answers for it: both are named, here as in the action."""

    owner_unit: Any = forms.ModelChoiceField(queryset=None, label=gettext_lazy("责任单位"), empty_label=gettext_lazy("请选择"), error_messages={"required": gettext_lazy("没有责任单位，不能下达：先定由谁负责")})
    owner: Any = forms.ModelChoiceField(queryset=None, label=gettext_lazy("责任人"), empty_label=gettext_lazy("请选择"), help_text=gettext_lazy("在责任单位任职、能填进展的人"), error_messages={"required": gettext_lazy("没有责任人，不能下达：先定由谁来办")})
    due_on = day_field(gettext_lazy("完成时限"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["owner_unit"].queryset = plans.units()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = plans.owners()  # type: ignore[attr-defined]


class TaskForm(_Answering):
    """A task. ``version`` and ``reason`` are for one that is there already."""

    number = forms.IntegerField(label=gettext_lazy("序号"), min_value=1, max_value=999)
    section = forms.CharField(label=gettext_lazy("所属行动"), max_length=60, required=False)
    text = forms.CharField(label=gettext_lazy("工作任务"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    field_order: tuple[str, ...] = ("number", "section", "text", "owner_unit", "owner", "due_on")


class TaskChangeForm(TaskForm):
    """Another wording, owner or day, and why."""

    number = None  # type: ignore[assignment]  # a task keeps its number
    reason = forms.CharField(label=gettext_lazy("为什么调整"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    field_order = ("section", "text", "owner_unit", "owner", "due_on", "reason", "version")


class NoteForm(forms.Form):
    """What was done."""

    on = day_field(gettext_lazy("日期"))
    said = forms.CharField(label=gettext_lazy("做了什么"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    proof = file_field(gettext_lazy("佐证材料（有就传）"), required=False)
    finished = forms.BooleanField(label=gettext_lazy("任务已完成，请核实"), required=False, help_text=gettext_lazy("要有佐证材料，由另一个人核实后才算完成"))

    def clean_proof(self) -> tuple[str, bytes] | None:
        """Name and content of the file."""
        return proof_of(self.cleaned_data["proof"])


class TargetForm(_Answering):
    """A target. The value is written as people write it, with its unit."""

    indicator = forms.CharField(label=gettext_lazy("指标代码"), max_length=80, help_text=gettext_lazy("指标页上的代码，如 enterprises.producing"))
    title = forms.CharField(label=gettext_lazy("目标"), max_length=100)
    dim = forms.CharField(label=gettext_lazy("分组"), max_length=40, required=False, help_text=gettext_lazy("只看一部分时填，如 cluster；看全部不填"))
    group = forms.CharField(label=gettext_lazy("组"), max_length=60, required=False, help_text=gettext_lazy("这一组的名字，如集群的名字"))
    direction = forms.ChoiceField(label=gettext_lazy("方向"), choices=[("up", gettext_lazy("不低于")), ("down", gettext_lazy("不高于"))])
    value = forms.CharField(label=gettext_lazy("目标值"), max_length=30, help_text=gettext_lazy("连单位一起写：150 户、80%、120 亿元"))
    weight = forms.IntegerField(label=gettext_lazy("权重"), min_value=1, max_value=100, initial=1)
    source = forms.CharField(label=gettext_lazy("文件依据"), max_length=200, help_text=gettext_lazy("哪份文件、哪次会定的"))
    awaits = forms.CharField(label=gettext_lazy("等什么"), max_length=200, required=False, help_text=gettext_lazy("数据还没接入的指标才填：等哪个模块、哪张表"))
    checked = forms.BooleanField(label=gettext_lazy("已与正式文本核对"), required=False)
    field_order: tuple[str, ...] = ("indicator", "title", "dim", "group", "direction", "value", "weight", "owner_unit", "owner", "due_on", "source", "awaits", "checked")

    def clean_value(self) -> tuple[int, str]:
        """In storage units, with its unit."""
        try:
            return planfile.stored(self.cleaned_data["value"])
        except UnitError as error:
            raise forms.ValidationError(_("写数和单位，如 150 户、80%、120 亿元")) from error

    def wanted(self) -> Wanted:
        """What was filled in, as the action takes it."""
        data = self.cleaned_data
        value, unit = data["value"]
        return Wanted(indicator=data["indicator"].strip(), title=data["title"], value=value, unit=unit, due_on=data["due_on"], source=data["source"], direction=data["direction"], dim=data["dim"].strip(), group=data["group"].strip(),
                      weight=data["weight"], awaits=data["awaits"], provisional=not data["checked"])


class TargetChangeForm(TargetForm):
    """A target that is there, and why it changes."""

    reason = forms.CharField(label=gettext_lazy("为什么调整"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    field_order = (*TargetForm.field_order, "reason", "version")


def filled(row: Target) -> dict[str, Any]:
    """A target as its form shows it."""
    number = Decimal(row.value) / figures.scale(row.unit)
    names = ("indicator", "title", "dim", "group", "direction", "weight", "owner_unit", "owner", "due_on", "source", "awaits", "version")
    return {**{name: getattr(row, name) for name in names}, "value": f"{number:f} {row.unit}", "checked": not row.provisional}


def year_of(plan: Plan) -> dict[str, Any]:
    """What a new task or target of a plan begins with."""
    return {"due_on": f"{plan.year}-12-31"}
