"""Forms of a policy's life: begin it, pass a gate, hand evidence in, suspend or end it. Each carries the version it showed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks
from diguan.kernel.access.models import Unit
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.actions import Paper
from diguan.kernel.forms import paper
from diguan.kernel.shell import language
from diguan.policies.actions import life as actions


class Day(forms.DateInput):
    """The browser's own day picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day(label: Any, **more: Any) -> forms.DateField:
    """A day, written 2026-08-31."""
    return forms.DateField(label=label, widget=Day(), input_formats=["%Y-%m-%d"], **more)


def reason(label: Any = None, *, needed: bool = True) -> forms.CharField:
    """Why; kept with the passage and the Event."""
    return forms.CharField(label=label or gettext_lazy("理由"), max_length=300, required=needed)


class Begin(forms.Form):
    """A policy's life, from its draft."""

    policy_id = forms.CharField(label=gettext_lazy("政策编号"), max_length=80, help_text=gettext_lazy("和政策文件的编号一样；文字、数字、. _ -"))
    title = forms.CharField(label=gettext_lazy("政策名称"), max_length=200)
    day = day(gettext_lazy("起草日期"), help_text=gettext_lazy("补录以前的政策，写当时的日子"))


class Versioned(forms.Form):
    """What every deed on a life carries."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}-%s", **kwargs})


class Pass(Versioned):
    """Go on to the next stage."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=60)
    day = day(gettext_lazy("办理日期"), required=False, help_text=gettext_lazy("空着就是今天；发布按文件印发那天"))
    reason = reason(gettext_lazy("补充说明"), needed=False)


class Back(Versioned):
    """Go back to an earlier stage."""

    to = forms.ChoiceField(label=gettext_lazy("退回到"))
    reason = reason(gettext_lazy("退回理由"))

    def __init__(self, targets: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = targets  # type: ignore[attr-defined]


class Assign(Versioned):
    """Hand the open stage to an office: a bureau that is to review it."""

    unit = forms.ModelChoiceField(label=gettext_lazy("交给哪个单位"), queryset=Unit.objects.filter(active=True).order_by("path", "id"))


class Hold(Versioned):
    """Suspend, end, or claw back; where claims are open it is said what becomes of them."""

    to = forms.ChoiceField(label=gettext_lazy("改为"))
    claims = forms.ChoiceField(label=gettext_lazy("在办的兑现"), widget=forms.RadioSelect, required=False, choices=[
        (actions.SUSPEND, gettext_lazy("一并暂缓：不再往下办，也不付款；恢复后接着办")), (actions.GO_ON, gettext_lazy("照原来的版本继续办"))])
    reason = reason()

    def __init__(self, targets: list[tuple[str, str]], open_claims: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = targets  # type: ignore[attr-defined]
        if open_claims:
            self.fields["claims"].help_text = _("还有 {n} 件在办，每家企业都会收到通知").format(n=open_claims)
        else:
            del self.fields["claims"]


class Resume(Versioned):
    """Lift what holds a policy up."""

    reason = reason(gettext_lazy("恢复理由"))


class HandIn(forms.Form):
    """One piece of evidence of a policy."""

    entry = forms.ChoiceField(label=gettext_lazy("材料"))
    value = forms.CharField(label=gettext_lazy("内容或结论"), max_length=200, required=False, help_text=gettext_lazy("审查结论写“通过”或“不通过”，是否完成写“是”或“否”，依据写原文"))
    number = forms.CharField(label=gettext_lazy("文号或证书号"), max_length=100, required=False)
    issued = day(gettext_lazy("出具日期"), required=False)
    file = forms.FileField(label=gettext_lazy("文件"), required=False, help_text=gettext_lazy("PDF、JPG 或 PNG，不超过 10 兆"), widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}))

    def __init__(self, entries: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "handin-%s", **kwargs})
        known = dictionary.known()
        self.fields["entry"].choices = [(name, known[name].label(language())) for name in entries if name in known]  # type: ignore[attr-defined]

    def clean_issued(self) -> Any:
        """A day to come is refused where it was written."""
        given = self.cleaned_data["issued"]
        if given and given > clocks.today():
            raise forms.ValidationError(_("{day} 还没到").format(day=given))
        return given

    def paper(self) -> Paper:
        """What was handed in, as the action takes it."""
        data = self.cleaned_data
        return paper(data["file"], value=_VALUES.get(data["value"].strip(), data["value"].strip()), number=data["number"], issued=data["issued"])


_VALUES = {"通过": "true", "是": "true", "passed": "true", "yes": "true", "不通过": "false", "没有通过": "false", "未通过": "false", "否": "false", "not passed": "false", "no": "false"}
"""How people write what the dictionary keeps as true and false."""
