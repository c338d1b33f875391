"""Forms of claims: what a firm is asked, what an office enters, a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.dictionary import Entry
from diguan.kernel.forms import paper
from diguan.kernel.shell import language
from diguan.policies.queries.claims import BANK, WILL

PROOF = gettext_lazy("PDF、JPG 或 PNG，10 兆以内")


class AnswerForm(forms.Form):
    """What is asked of a firm now, and nothing else; ``version`` is that of the claim it saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, asked: Sequence[Entry], amount: str, **more: Any) -> None:
        super().__init__(data, files, **more)
        self.asked = asked
        for entry in asked:
            self._ask(entry, amount)

    def _ask(self, entry: Entry, amount: str) -> None:
        if entry.id == WILL:
            self.fields["intent"] = forms.BooleanField(label=_("确认要申领这笔 {amount}").format(amount=amount), error_messages={"required": _("要申领请勾选；不要了请用下面的“放弃”")})
        elif entry.id == BANK:
            self.fields["account"] = forms.CharField(label=_("收款账号"), max_length=40, help_text=_("企业自己的对公账户，户名和企业名称一致。存好之后只显示后四位。"),
                                                     widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
            self.fields["bank"] = forms.CharField(label=_("开户行"), max_length=60, help_text=_("写到支行"))
        else:
            self.fields[f"file_{entry.id}"] = forms.FileField(label=entry.label(language()), help_text=PROOF)
            if entry.kind == "certificate":
                self.fields[f"number_{entry.id}"] = forms.CharField(label=_("{paper}的证号").format(paper=entry.label(language())), max_length=100)
                self.fields[f"issued_{entry.id}"] = forms.DateField(label=_("{paper}的出具日期").format(paper=entry.label(language())), widget=forms.DateInput(attrs={"type": "date"}))

    @property
    def papers(self) -> dict[str, Paper]:
        """What was filled in, as evidence."""
        return {entry.id: self._paper(entry) for entry in self.asked}

    def _paper(self, entry: Entry) -> Paper:
        told = self.cleaned_data
        if entry.id == WILL:
            return Paper(value="true")
        if entry.id == BANK:
            return Paper(value=told["account"], number=told["bank"])
        return paper(told[f"file_{entry.id}"], number=told.get(f"number_{entry.id}", ""), issued=told.get(f"issued_{entry.id}"))


class PaperForm(forms.Form):
    """A piece the office enters; a certificate needs its number and its day as well."""

    entry = forms.ChoiceField(label=gettext_lazy("哪一份材料"))
    file = forms.FileField(label=gettext_lazy("文件"), help_text=PROOF)
    number = forms.CharField(label=gettext_lazy("文号或证书号"), max_length=100, required=False)
    issued = forms.DateField(label=gettext_lazy("出具日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, entries: Sequence[Entry], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["entry"].choices = [(entry.id, entry.label(language())) for entry in entries]  # type: ignore[attr-defined]

    @property
    def paper(self) -> Paper:
        """What was filled in, as evidence."""
        told = self.cleaned_data
        return paper(told["file"], number=told["number"], issued=told["issued"])


class NoticeForm(forms.Form):
    """The stamped page of a publicity."""

    file = forms.FileField(label=gettext_lazy("盖章的公示页"), help_text=PROOF)

    @property
    def paper(self) -> Paper:
        """The file, as evidence."""
        return paper(self.cleaned_data["file"])


class ObjectionForm(forms.Form):
    """An objection on paper, and for which of one's firms it is raised."""

    uscc = forms.ChoiceField(label=gettext_lazy("以哪家企业的名义"))
    file = forms.FileField(label=gettext_lazy("异议材料"), help_text=gettext_lazy("写明事实和依据。PDF、JPG 或 PNG，10 兆以内。对方看不到是谁提的。"))

    def __init__(self, *args: Any, firms: Sequence[Any], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["uscc"].choices = [(row.uscc, row.name) for row in firms]  # type: ignore[attr-defined]

    @property
    def paper(self) -> Paper:
        """The file, as evidence."""
        return paper(self.cleaned_data["file"])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, error_messages={"required": gettext_lazy("请写明原因")})
    version = forms.IntegerField(widget=forms.HiddenInput)
