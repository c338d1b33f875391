"""Forms of the rule builder. They hold whatever is typed; what is right is the loader's to say, at the field it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import packs
from diguan.kernel.messages import Message
from diguan.kernel.rules.nodes import MOST_BYTES
from diguan.kernel.shell import language
from diguan.policies.queries.drafts import Fault
from diguan.policies.web import builder_words as words

LONG = 4000


class Kept(forms.CharField):
    """A text that is kept whatever it is: ``required`` says only that the document needs it, which the loader judges."""

    def validate(self, value: Any) -> None:
        """Everything is let pass."""


def text(label: Any, *, help_text: Any = "", rows: int = 0, optional: bool = False, **attrs: str) -> forms.CharField:
    """A text field; with ``rows`` one of several lines."""
    widget = forms.Textarea(attrs={"rows": rows, "lang": "zh-Hans", **attrs}) if rows else forms.TextInput(attrs=attrs)
    return Kept(label=label, required=not optional, help_text=help_text, max_length=MOST_BYTES, widget=widget)


def choice(label: Any, help_text: Any = "") -> forms.CharField:
    """A choice that keeps what is none of its choices."""
    return Kept(label=label, max_length=200, help_text=help_text, widget=forms.Select())


class Seen(forms.Form):
    """What every form of a draft carries: the state the person saw."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput)

    def offer(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """Set a choice's options; what the draft holds stands among them."""
        held = str(self[name].value() or "")
        self.fields[name].widget.choices = words.offered(list(choices), held)

    def blame(self, name: str, message: Message, nearest: str | None = None) -> None:
        """Say at a field what the loader says."""
        said = message.text(language())
        self.add_error(name if name in self.fields else None, said + (_("（最接近的是 {nearest}）").format(nearest=nearest) if nearest else ""))


class LeafForm(Seen):
    """One comparison. ``codes`` are offered for its value where the fact is a code."""

    codes: Sequence[tuple[str, str]] = ()
    fact = text(gettext_lazy("看哪个事实"), list="facts", autocomplete="off")
    over = choice(gettext_lazy("期间"))
    agg = choice(gettext_lazy("汇总"))
    op = choice(gettext_lazy("比较"))
    value = text(gettext_lazy("数值"))
    unit = choice(gettext_lazy("计量单位"))
    high = text(gettext_lazy("到（上限）"))
    divisor = text(gettext_lazy("除以"), optional=True, list="facts", autocomplete="off", help_text=gettext_lazy("算占比时填分母，例如研发费用除以销售收入"))

    def prepare(self) -> None:
        """Offer what goes with the fact that is chosen."""
        spec = packs.catalogue().get(str(self["fact"].value() or ""))
        ratio = bool(self["divisor"].value())
        undated = spec is not None and spec.period == "none"
        self.offer("over", words.OVERS[:1] if undated else words.OVERS)
        self.offer("agg", words.AGGS[:1] if undated or ratio else words.AGGS)
        textual = spec is not None and spec.type in ("text", "region", "industry", "bool")
        self.offer("op", [one for one in words.OPS if not textual or one[0] in words.TEXTUAL])
        units = words.units_of(spec, str(self["agg"].value() or ""), ratio)
        self.offer("unit", units)
        if len(units) == 1 and not self["unit"].value():
            del self.fields["unit"]
        self["fact"].help_text = words.fact_words(spec) if spec else _("写几个字，从目录里选")
        self["value"].help_text = _hint(spec, str(self["op"].value() or ""))
        self.codes = [one for one in words.codes_of(spec) if one[0].isdecimal()]
        if self.codes:
            self.fields["value"].widget.attrs["list"] = "codes"


def _hint(spec: Any, op: str) -> str:
    if spec is not None and spec.type == "date":
        return _("2026-06-30，或 as_of - 12 months（判定日前 12 个月）")
    if spec is not None and spec.type == "bool":
        return _("true（是）或 false（否）")
    if spec is not None and spec.type in ("region", "industry"):
        return _("写代码或中文名称，几个之间用顿号")
    return _("几个值之间用顿号") if op in ("in", "starts_with") else ""


class ClauseForm(Seen):
    """What a clause says besides its condition: its words in the source, and what an unknown means."""

    article = text(gettext_lazy("条"))
    quote = Kept(label=gettext_lazy("依据的原话"), max_length=MOST_BYTES, widget=forms.Textarea(attrs={"rows": 2, "lang": "zh-Hans", "data-quote": ""}), help_text=gettext_lazy("要和原文一字不差"))
    sentence = choice(gettext_lazy("换成原文这一句"))
    on_missing = choice(gettext_lazy("没有数据时"))
    name = text(gettext_lazy("条款编号"))


FACES: dict[tuple[str | int, ...], str] = {("id",): "name", ("cite", "article"): "article", ("cite", "quote"): "quote", ("on_missing",): "on_missing", (): "name", ("cite",): "quote"}


def blame_clause(form: Seen, faults: Iterable[Fault], number: int) -> None:
    """The faults of a clause that are not its condition's."""
    for fault in faults:
        if not fault.within("clauses", number, "when"):
            form.blame(FACES.get(fault.place[2:], "name"), fault.message, fault.nearest)


def blame_leaf(form: Seen, faults: Iterable[Fault], path: tuple[str | int, ...]) -> None:
    """The faults of one comparison, each at its field."""
    for fault in faults:
        if fault.within(*path):
            form.blame(_field(form, fault.place[len(path):]), fault.message, fault.nearest)


def _field(form: Seen, place: tuple[str | int, ...]) -> str:
    if not place:
        spec = packs.catalogue().get(str(form["fact"].value() or ""))
        if spec is None:
            return "fact"
        return "over" if spec.period != "none" and not form["over"].value() else "value" if form["agg"].value() or spec.period == "none" else "agg"
    if place[0] == "ratio":
        return "divisor" if len(place) > 1 and place[1] == 1 else "fact"
    return "high" if place == ("value", 1) and "high" in form.fields and form["op"].value() == "between" else str(place[0])


class SourceFields(forms.Form):
    """The text a policy is read from, pasted or as a file."""

    use_required_attribute = False
    source = text(gettext_lazy("文件原文"), rows=18)
    file = forms.FileField(label=gettext_lazy("或者选一个 .txt 文件"), required=False, widget=forms.ClearableFileInput(attrs={"accept": ".txt,text/plain"}))

    def clean(self) -> dict[str, Any]:
        """The file's text, where there is one."""
        data: dict[str, Any] = super().clean() or {}
        data["source"] = read_text(self, "file", data.get("file")) or data.get("source", "")
        return data


class SourceForm(SourceFields, Seen):
    """The text of a draft that is there."""


def read_text(form: forms.Form, name: str, file: UploadedFile | None) -> str:
    """A small UTF-8 file; anything else is said at its field."""
    if not file:
        return ""
    if (file.size or 0) > MOST_BYTES:
        form.add_error(name, _("文件超过 1 MB"))
        return ""
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        form.add_error(name, _("文件不是 UTF-8 文本；先另存为 UTF-8 编码的 .txt"))
        return ""


class NewForm(SourceFields):
    """A new document: what it is called, and the text."""

    title = text(gettext_lazy("政策名称"))
    policy = text(gettext_lazy("政策编号"), help_text=gettext_lazy("字母、数字、. _ -，例如 equipment-upgrade-2027；地址和文件名都用它"))
    issuer = text(gettext_lazy("发文单位"), optional=True)
    document = text(gettext_lazy("文号"), optional=True)
    field_order = ("title", "policy", "issuer", "document", "source", "file")


class ImportForm(SourceFields):
    """A YAML file and its source text."""

    text = forms.FileField(label=gettext_lazy("规则文件（YAML）"), widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"}))
    field_order = ("text", "source", "file")

    def clean(self) -> dict[str, Any]:
        """Both texts."""
        data = super().clean()
        if data.get("text"):
            data["text"] = read_text(self, "text", data["text"])
        return data


class TextForm(Seen):
    """The YAML as a whole."""

    text = text(gettext_lazy("规则文本（YAML）"), rows=30, spellcheck="false")


class NoteForm(Seen):
    """What is new in a version."""

    note = text(gettext_lazy("这一版改了什么"))


class TermsForm(Seen):
    """Money, dates and the rest of a document."""

    title = text(gettext_lazy("政策名称"))
    title_en = text(gettext_lazy("英文名称"), optional=True)
    policy = text(gettext_lazy("政策编号"))
    issuer = text(gettext_lazy("发文单位"), optional=True)
    document = text(gettext_lazy("文号"), optional=True)
    kind = choice(gettext_lazy("怎么补"))
    amount = text(gettext_lazy("定额"), optional=True, help_text=format_lazy(gettext_lazy("例如 {sample}；只用于定额"), sample="3万元"))
    of_fact = text(gettext_lazy("按哪个事实算"), optional=True, list="facts", autocomplete="off")
    of_over = choice(gettext_lazy("期间"))
    of_agg = choice(gettext_lazy("汇总"))
    rate = text(gettext_lazy("比例"), optional=True, help_text=format_lazy(gettext_lazy("例如 {sample}，或 {other}"), sample="5%", other="2000元/人"))
    tiers = text(gettext_lazy("分档"), optional=True, rows=4, help_text=format_lazy(gettext_lazy("一行一档，达到多少 = 给多少：{sample}，或 {other}"), sample="500万元 = 5%", other="100人 = 10万元"))
    cap = text(gettext_lazy("最高"), optional=True, help_text=format_lazy(gettext_lazy("例如 {sample}；不封顶就不填"), sample="100万元"))
    rounding = choice(gettext_lazy("取整"))
    budget = text(gettext_lazy("预算"), optional=True, help_text=format_lazy(gettext_lazy("例如 {sample}；没有上限就不填"), sample="2000万元"))
    places = text(gettext_lazy("名额"), optional=True)
    order = text(gettext_lazy("谁排在前"), optional=True, rows=3, help_text=gettext_lazy("一行一个：事实 期间 汇总 高（或低）。例如 investment.equipment previous_year sum 高"))
    when_exhausted = choice(gettext_lazy("预算用完"))
    exclusive_with = text(gettext_lazy("不能同时享受"), optional=True, help_text=gettext_lazy("别的政策的编号，几个之间用顿号"))
    start = text(gettext_lazy("施行日期"), help_text=gettext_lazy("例如 2027-01-01"))
    end = text(gettext_lazy("截止日期"), optional=True, help_text=gettext_lazy("没有就不填"))
    recorded_at = text(gettext_lazy("收到日期"), optional=True)
    delivery = choice(gettext_lazy("怎么兑现"))
    legal_basis = text(gettext_lazy("法律或政策依据"), rows=2)
    review_status = choice(gettext_lazy("公平竞争审查"))
    review_date = text(gettext_lazy("审查日期"), optional=True)
    review_record = text(gettext_lazy("审查文号"), optional=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NEEDED.get(str(self["kind"].value() or ""), ()):
            self.fields[name].required = True


NEEDED = {"flat": ("amount",), "rate": ("of_fact", "rate"), "tiers": ("of_fact", "tiers")}
"""What each kind of benefit has to say; the other fields of the form are not its."""


class ExampleForm(Seen):
    """One worked example."""

    name = text(gettext_lazy("样例叫什么"))
    as_of = text(gettext_lazy("判定日"), help_text=gettext_lazy("例如 2026-06-30"))
    facts = text(gettext_lazy("企业的事实"), rows=8, help_text=format_lazy(gettext_lazy("一行一个：事实 = 值；有期间的写 事实 2025-03 = {sample}。值也可以是 absent（确知没有）、unknown（不知道）；没写的事实都是不知道"), sample="500万元"))
    status = choice(gettext_lazy("应该是"))
    amount = text(gettext_lazy("应该得"), optional=True, help_text=format_lazy(gettext_lazy("例如 {sample}；不可享就不填"), sample="42.6万元"))
    clauses = text(gettext_lazy("各条应该是"), optional=True, rows=3, help_text=gettext_lazy("可不填。一行一条：条款编号 = true、false 或 unknown"))


def faults_at(form: Seen, faults: Iterable[Fault], fields: Mapping[tuple[str | int, ...], str], depth: int = 0) -> None:
    """Say each fault at the field of the longest place it lies in."""
    for fault in faults:
        place = fault.place[depth:]
        name = next((fields[place[:end]] for end in range(len(place), -1, -1) if place[:end] in fields), "")
        form.blame(name, fault.message, fault.nearest)
