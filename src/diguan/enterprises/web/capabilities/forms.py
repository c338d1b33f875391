"""The form of a claim, made from the declaration of its kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.enterprises.actions import capabilities as actions
from diguan.enterprises.actions.capabilities import Proof
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.enterprises.web.capabilities import words
from diguan.enterprises.web.forms import say
from diguan.kernel.forms import day_field, proof_of
from diguan.kernel.sheets.declare import Column
from diguan.kernel.shell import language


class ClaimForm(forms.Form):
    """What every kind of claim says; the details of the kind come between name and issuer."""

    name = forms.CharField(max_length=100)
    issuer = forms.CharField(label=gettext_lazy("出具单位"), max_length=100, help_text=gettext_lazy("谁证明的，如：县科工局、发证机关"))
    document = forms.CharField(label=gettext_lazy("文号或证书号"), max_length=100, required=False, help_text=gettext_lazy("文号和凭证文件至少有一样，否则核实不了"))
    issued = day_field(gettext_lazy("出具日期"))
    valid_until = day_field(gettext_lazy("有效期至"), required=False, help_text=gettext_lazy("空着就是长期有效"))
    proof = forms.FileField(label=gettext_lazy("凭证文件"), required=False, help_text=gettext_lazy("PDF、JPG 或 PNG，不超过 10 兆"),
                            widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, kind: kinds.Kind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["name"].label = kind.subject.text(language())
        self.fields["name"].help_text = kind.hint.text(language())
        self.fields |= {column.name: _field(column) for column in kind.columns}
        self.order_fields(["name", *(column.name for column in kind.columns)])

    def clean_proof(self) -> Proof | None:
        """The file as the action takes it."""
        found = proof_of(self.cleaned_data["proof"])
        return Proof(*found) if found else None

    def clean(self) -> dict[str, Any]:
        """Ask the rules of the actions; what a field refused itself is not refused twice."""
        data = super().clean() or {}
        _values, wrong = actions.checked(self.kind.name, self.told())
        say(self, {name: problem for name, problem in wrong.items() if name not in self.errors})
        return data

    def told(self) -> dict[str, Any]:
        """What was filled in, as the actions take it."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("proof", "version")}


def _field(column: Column) -> forms.Field:
    name = words.label(column)
    if column.type == "choice":
        offered = [("", _("请选择")), *((stored, words.word(stored)) for stored in kinds.options(column))]
        return forms.ChoiceField(label=name, choices=offered, required=column.required)
    if column.type == "date":
        return day_field(name, required=column.required)
    if column.name == "countries":
        return forms.CharField(label=name, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    number = {"inputmode": "decimal", "autocomplete": "off"} if column.type == "number" else {}
    return forms.CharField(label=name, max_length=kinds.LONGEST, required=column.required, widget=forms.TextInput(attrs=number))


def initial_of(row: Capability) -> dict[str, Any]:
    """What the form of a claim begins with."""
    kept = {name: getattr(row, name) for name in (*actions.FIELDS, "version")}
    return kept | {name: _shown(name, value) for name, value in row.details.items()}


def _shown(name: str, value: Any) -> Any:
    if name == "countries":
        return words.joined([words.country(code) for code in value])
    return words.percent(value) if kinds.COLUMNS[name].unit == "%" else value
