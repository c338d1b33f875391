"""What a person fills in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class TieForm(forms.Form):
    """A tie as the page asks for it; ``version`` is the state the person saw."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=200)
    note = forms.CharField(label=gettext_lazy("说明"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
