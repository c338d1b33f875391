"""Forms of cases: the questions, the one form with its papers, what the window looks at, a result, a contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.access.models import Person
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.evidence.dictionary import Entry
from diguan.kernel.forms import paper
from diguan.kernel.messages import Message
from diguan.kernel.shell import language
from diguan.services.engine import caseterms
from diguan.services.engine.caseterms import EXTENDED_BY
from diguan.services.engine.situations import Question
from diguan.services.models import Case, TouchKind

PROOF = gettext_lazy("PDF、JPG 或 PNG，10 兆以内")
LATER = gettext_lazy("可以容后再交")
FOR_NOW = gettext_lazy("这次没有的先不填")
MOST_VERSION = 2_147_483_647
PROMISED = gettext_lazy("可以在下面承诺代替")


class QuestionForm(forms.Form):
    """The questions that are put now, each with its answers."""

    def __init__(self, *args: Any, questions: Sequence[Question], **more: Any) -> None:
        super().__init__(*args, **more)
        for one in questions:
            self.fields[one.id] = forms.ChoiceField(label=one.label(language()), choices=[("", _("请选择")), *((value, one.answer(value, language())) for value in one.answers)])


class PapersForm(forms.Form):
    """One form, one set of papers: every field and paper once, whichever matters ask for it. What may follow is not required."""

    def __init__(self, *args: Any, entries: Sequence[Entry], tolerant: Iterable[str] = (), firms: Sequence[tuple[str, str]] = (), window: bool = False, partly: bool = False,
                 promisable: Mapping[str, int] | None = None, **more: Any) -> None:
        """``promisable``: dictionary id → within how many working days a promise in its place is checked."""
        super().__init__(*args, **more)
        self.entries, self.promisable = entries, promisable or {}
        self.may_wait = {entry.id for entry in entries} if partly else set(tolerant)
        if firms:
            self.fields["uscc"] = forms.ChoiceField(label=_("哪家企业"), choices=firms)
        elif window:
            self.fields["uscc"] = forms.CharField(label=_("统一社会信用代码"), max_length=18, required=False, help_text=_("还没有登记的企业不填，写申请人"))
            self.fields["founder"] = forms.CharField(label=_("申请人"), max_length=200, required=False)  # a question of the pack is called applicant
        for entry in entries:
            self._ask(entry, FOR_NOW if partly else LATER if entry.id in self.may_wait else PROMISED if entry.id in self.promisable else "")
            if entry.id in self.promisable:
                self.fields[f"promise_{entry.id}"] = forms.BooleanField(
                    label=_("用告知承诺代替：{paper}").format(paper=entry.label(language())), required=False,
                    help_text=caseterms.commitment(Message(entry.label(), entry.label("en")), _("承办单位"), self.promisable[entry.id]).text(language()))

    def _ask(self, entry: Entry, hint: Any) -> None:
        title, required = entry.label(language()), not hint
        if entry.kind == "field":
            self.fields[f"value_{entry.id}"] = forms.CharField(label=title, max_length=400, required=required, help_text=hint)
            return
        self.fields[f"file_{entry.id}"] = forms.FileField(label=title, required=required, help_text=PROOF if required else _("{hint}。{proof}").format(hint=hint, proof=PROOF))
        if entry.kind == "certificate":
            self.fields[f"number_{entry.id}"] = forms.CharField(label=_("{paper}的证号").format(paper=title), max_length=100, required=required)
            self.fields[f"issued_{entry.id}"] = forms.DateField(label=_("{paper}的出具日期").format(paper=title), required=required, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """Where a promise would do, it or the paper is there, unless what is left out may follow."""
        told = super().clean() or self.cleaned_data
        for name in self.promisable:
            if name not in self.may_wait and not told.get(f"promise_{name}") and not told.get(f"file_{name}"):
                self.add_error(f"file_{name}", _("请上传，或勾选下面的告知承诺"))
        return told

    @property
    def promised(self) -> list[str]:
        """In whose place a promise is made; where the paper itself was given, none is."""
        return [name for name in self.promisable if self.cleaned_data.get(f"promise_{name}") and not self.cleaned_data.get(f"file_{name}")]

    @property
    def papers(self) -> dict[str, Paper]:
        """What was filled in, as evidence; what was left out is left out."""
        found = {entry.id: self._paper(entry) for entry in self.entries}
        return {name: paper for name, paper in found.items() if paper is not None}

    def _paper(self, entry: Entry) -> Paper | None:
        told = self.cleaned_data
        if entry.kind == "field":
            value = (told.get(f"value_{entry.id}") or "").strip()
            return Paper(value=value) if value else None
        file = told.get(f"file_{entry.id}")
        if file is None:
            return None
        return paper(file, number=told.get(f"number_{entry.id}") or "", issued=told.get(f"issued_{entry.id}"))


class StepForm(forms.Form):
    """A step as it was read, with what is said of it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_VERSION)
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=300, required=False)


class ResultForm(StepForm):
    """A matter is done: what comes out, if anything."""

    number = forms.CharField(label=gettext_lazy("证号或文号"), max_length=100, required=False)
    issued = forms.DateField(label=gettext_lazy("出具日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(label=gettext_lazy("结果文件"), required=False, help_text=PROOF)

    @property
    def paper(self) -> Paper | None:
        """The result as evidence; None where none was given."""
        told = self.cleaned_data
        if not (told["number"] or told["file"]):
            return None
        return paper(told["file"], number=told["number"], issued=told["issued"])


class ManyForm(forms.Form):
    """What is said of all steps that are done at once."""

    issued = forms.DateField(label=gettext_lazy("出具日期"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=300, required=False)


class PauseForm(StepForm):
    """The term stands still: by which article, and why."""

    article = forms.ChoiceField(label=gettext_lazy("依据"))
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=300)

    def __init__(self, *args: Any, articles: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["article"].choices = [(each, each) for each in articles]  # type: ignore[attr-defined]


class ExtendForm(StepForm):
    """More days are asked for: how many, by which article, and why."""

    days = forms.IntegerField(label=gettext_lazy("延长几个工作日"), min_value=1)
    basis = forms.CharField(label=gettext_lazy("法律依据"), max_length=300, initial=EXTENDED_BY)
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=300)


class DecideForm(forms.Form):
    """What somebody who may says of more days; the version is that of what was asked."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_VERSION)
    grant = forms.TypedChoiceField(label=gettext_lazy("批不批准"), coerce=lambda text: text == "yes", choices=[("yes", gettext_lazy("批准")), ("no", gettext_lazy("不批准"))])
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300)


class CheckForm(forms.Form):
    """What was found when a promise was looked into; the version is that of the promise."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_VERSION)
    holds = forms.TypedChoiceField(label=gettext_lazy("核查结果"), coerce=lambda text: text == "yes", choices=[("yes", gettext_lazy("属实")), ("no", gettext_lazy("不实"))])
    reason = forms.CharField(label=gettext_lazy("查了什么、结果怎样"), max_length=300)


class DeliverForm(StepForm):
    """How the results reach the applicant."""

    kind = forms.ChoiceField(label=gettext_lazy("怎么送达"), choices=[(TouchKind.COURIER.value, TouchKind.COURIER.label), (TouchKind.ONLINE.value, TouchKind.ONLINE.label), (TouchKind.VISIT.value, TouchKind.VISIT.label)])


class CloseForm(forms.Form):
    """A case ends without its delivery; the version is that of its course."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_VERSION)
    basis = forms.CharField(label=gettext_lazy("法律依据"), max_length=200)
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300)


class WithdrawForm(forms.Form):
    """The applicant takes the case back."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_VERSION)
    reason = forms.CharField(label=gettext_lazy("为什么撤回"), max_length=300)


class TouchForm(forms.Form):
    """A contact that happened."""

    kind = forms.ChoiceField(label=gettext_lazy("方式"), choices=TouchKind.choices)
    what = forms.CharField(label=gettext_lazy("为了什么"), max_length=200)


class HelpForm(forms.Form):
    """Who is asked to help the applicant, with what, until when."""

    assistant = forms.ModelChoiceField(label=gettext_lazy("帮办员"), queryset=Person.objects.none())
    purpose = forms.CharField(label=gettext_lazy("帮什么"), max_length=200)
    until = forms.DateField(label=gettext_lazy("到哪天"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, case: Case, assistants: QuerySet[Person], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["assistant"].queryset = assistants  # type: ignore[attr-defined]
        self.fields["assistant"].label_from_instance = lambda person: person.name  # type: ignore[attr-defined]
        if not case.uscc:
            self.fields["paper"] = forms.CharField(label=_("书面同意的编号"), max_length=200, help_text=_("还没有登记的申请人，要有书面同意"))


class RateForm(forms.Form):
    """好差评."""

    stars = forms.TypedChoiceField(label=gettext_lazy("满意吗"), coerce=int, choices=[(5, gettext_lazy("非常满意")), (4, gettext_lazy("满意")), (3, gettext_lazy("基本满意")), (2, gettext_lazy("不满意")), (1, gettext_lazy("非常不满意"))])
    words = forms.CharField(label=gettext_lazy("想说的话"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
