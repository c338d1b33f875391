"""Forms of a policy's life: begin it, pass a gate, hand evidence in, suspend or end it. Each carries the version it showed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.access.models import Unit
from diguan.kernel.forms import PieceForm, day_field
from diguan.policies.actions import life as actions


def reason(label: Any = None, *, needed: bool = True) -> forms.CharField:
    """Why; kept with the passage and the Event."""
    return forms.CharField(label=label or gettext_lazy("理由"), max_length=300, required=needed)


class Begin(forms.Form):
    """A policy's life, from its draft."""

    policy_id = forms.CharField(label=gettext_lazy("政策编号"), max_length=80, help_text=gettext_lazy("和政策文件的编号一样；文字、数字、. _ -"))
    title = forms.CharField(label=gettext_lazy("政策名称"), max_length=200)
    day = day_field(gettext_lazy("起草日期"), help_text=gettext_lazy("补录以前的政策，写当时的日子"))


class Versioned(forms.Form):
    """What every deed on a life carries."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}-%s", **kwargs})


class Pass(Versioned):
    """Go on to the next stage."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=60)
    day = day_field(gettext_lazy("办理日期"), required=False, help_text=gettext_lazy("空着就是今天；发布按文件印发那天"))
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


class HandIn(PieceForm):
    """One piece of evidence of a policy."""

    def __init__(self, entries: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(entries, *args, **{"auto_id": "handin-%s", **kwargs})
        self.fields["value"].help_text = _("审查结论写“通过”或“不通过”，是否完成写“是”或“否”，依据写原文")
