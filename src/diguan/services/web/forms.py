"""What a person fills in: a matter as one form, made from the table of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from diguan.kernel.shell import language
from diguan.services.engine import cells, fields
from diguan.services.engine.fields import Spec
from diguan.services.queries import shelf
from diguan.services.web import words

_HINTS = {
    "requirements": gettext_lazy("一行一项：名称|等级 A–D|原件、复印件或电子件|2份|容缺|3个月内|问题=答案"),
    "fees": gettext_lazy("一行一项：名目|标准|依据"), "results": gettext_lazy("一行一项：名称|出证、出文或审批办结|有样本"), "lines": gettext_lazy("一行一条")}


class MatterForm(forms.Form):
    """A matter as the page asks for it; ``version`` is the state the person saw."""

    key = forms.CharField(label=gettext_lazy("事项标识"), max_length=60, required=False, help_text=gettext_lazy("小写字母、数字和下划线；不填就用实施编码"))
    valid_from = forms.DateField(label=gettext_lazy("计划生效日期"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    valid_to = forms.DateField(label=gettext_lazy("计划取消日期"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["key"]
        for spec in fields.SPECS:
            self.fields[spec.name] = _field(spec)

    def clean(self) -> dict[str, Any]:
        """Every cell as the content keeps it; what cannot be read is said at its field."""
        found, known = super().clean() or {}, shelf.known()
        for spec in fields.SPECS:
            if spec.type in ("choice", "choices", "yes") or spec.name not in found:
                continue
            try:
                found[spec.name] = cells.read(spec, found[spec.name], known)
            except cells.Unreadable as wrong:
                self.add_error(spec.name, wrong.message.text(language()))
        return found

    @property
    def content(self) -> dict[str, Any]:
        """What was filled in, by the names of the fields."""
        return {spec.name: self.cleaned_data[spec.name] for spec in fields.SPECS}

    @property
    def grouped(self) -> list[tuple[str, list[Any]]]:
        """The boxes by group, as the page shows them."""
        place = 0 if language() == "zh" else 1
        return [(titles[place], [self[spec.name] for spec in fields.SPECS if spec.group == name]) for name, titles in fields.GROUPS.items()]


class RetireForm(forms.Form):
    """From when something is no longer begun, why, by what ground or what instead."""

    day = forms.DateField(label=gettext_lazy("停用日期"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), help_text=gettext_lazy("从这天起不再受理新的；在办的照办"))
    reason = forms.CharField(label=gettext_lazy("为什么停用"), max_length=300)
    basis = forms.CharField(label=gettext_lazy("依据"), max_length=300, required=False, help_text=gettext_lazy("依据和改办哪个至少写一样"))
    successor = forms.CharField(label=gettext_lazy("改办哪个（标识）"), max_length=60, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def initial(content: Mapping[str, Any]) -> dict[str, Any]:
    """A content as the form's boxes hold it."""
    known = shelf.known()
    return {spec.name: content[spec.name] if spec.type in ("choice", "choices", "yes") else cells.written(spec, content[spec.name], known) for spec in fields.SPECS}


def _field(spec: Spec) -> forms.Field:
    label, needed = spec.label(language()), spec.needed
    if spec.type == "yes":
        return forms.BooleanField(label=label, required=False)
    if spec.type == "choice":
        return forms.ChoiceField(label=label, required=needed, choices=[("", "—"), *words.choices(spec.choices)])
    if spec.type == "choices":
        return forms.MultipleChoiceField(label=label, required=needed, choices=words.choices(spec.choices), widget=forms.CheckboxSelectMultiple)
    if spec.type in ("days", "count"):
        return forms.CharField(label=label, required=needed, max_length=12)
    if spec.type == "text":
        return forms.CharField(label=label, required=needed, max_length=spec.most)
    return forms.CharField(label=label, required=needed, max_length=20_000, help_text=_HINTS.get(spec.type, ""), widget=forms.Textarea(attrs={"rows": 6 if spec.type == "requirements" else 3}))
