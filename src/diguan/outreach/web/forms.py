"""What a person fills in about trips, calls, plans and expenses."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money
from diguan.kernel.access.models import Person
from diguan.kernel.forms import day_field
from diguan.kernel.units import UnitError
from diguan.outreach.models import Call, ExpenseKind, Party, Place, Trip
from diguan.outreach.queries import planning, rights, trips


class TimeField(forms.CharField):
    """A time of day, as minutes from midnight."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=5, widget=forms.TimeInput(attrs={"type": "time"}), **more)

    def clean(self, value: Any) -> Any:
        """Minutes; None where nothing was told.

        Raises:
            ValidationError: no time of day.
        """
        text = super().clean(value)
        found = planning.minutes(text) if text else None
        if text and found is None:
            raise forms.ValidationError(_("要写成 9:30 这样的时间"))
        return found

    def prepare_value(self, value: Any) -> Any:
        """As the page shows it."""
        return planning.clock(value) if isinstance(value, int) else value


def fen(form: forms.Form, name: str, unit: str) -> None:
    """Read an amount where one was typed; what is none is said at its field."""
    if form.cleaned_data.get(name):
        try:
            form.cleaned_data[name] = money.parse(form.cleaned_data[name], unit)
        except UnitError:
            form.add_error(name, _("不是金额：如 380、1,286.50 元、1.2 万元"))
    elif name in form.cleaned_data:
        form.cleaned_data[name] = None


class VersionForm(forms.Form):
    """A deed on what was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class TripForm(forms.Form):
    """A trip; ``version`` is the state the person saw."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=100, help_text=gettext_lazy("如：赴杭州、宁波拜访钟表配套企业"))
    purpose = forms.CharField(label=gettext_lazy("目的"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    from_day = day_field(gettext_lazy("出发"))
    to_day = day_field(gettext_lazy("返回"))
    cities = forms.MultipleChoiceField(label=gettext_lazy("目的地"), choices=trips.destinations, help_text=gettext_lazy("可以选几个"), widget=forms.SelectMultiple(attrs={"size": 8}))
    leader = forms.ModelChoiceField(label=gettext_lazy("带队"), empty_label=gettext_lazy("请选择"), queryset=Person.objects.none())
    members = forms.ModelMultipleChoiceField(label=gettext_lazy("同行"), queryset=Person.objects.none(), required=False, widget=forms.SelectMultiple(attrs={"size": 6}))
    agenda = forms.CharField(label=gettext_lazy("日程安排"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    expected_visits = forms.IntegerField(label=gettext_lazy("预期拜访（次）"), min_value=0, max_value=200, required=False)
    expected_firms = forms.IntegerField(label=gettext_lazy("预期见到企业（家）"), min_value=0, max_value=200, required=False)
    expected_leads = forms.IntegerField(label=gettext_lazy("预期线索（条）"), min_value=0, max_value=200, required=False)
    expected_results = forms.CharField(label=gettext_lazy("预期成果"), max_length=300, required=False)
    budget_fen = forms.CharField(label=gettext_lazy("预算"), max_length=30, required=False, help_text=gettext_lazy("如 12,000 或 1.2 万元；不写单位就是元"))
    leaves = TimeField(label=gettext_lazy("每天几点出门"), required=False)
    back = TimeField(label=gettext_lazy("每天几点前回来"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, rows in (("leader", rights.leaders(person)), ("members", rights.colleagues(person))):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The amount in fen."""
        super().clean()
        fen(self, "budget_fen", "元")
        return self.cleaned_data


class SummaryForm(VersionForm):
    """Close it."""

    summary = forms.CharField(label=gettext_lazy("总结"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)


class ReasonVersionForm(ReasonForm, VersionForm):
    """Why, on what was seen."""


class CallForm(forms.Form):
    """Somebody to call on."""

    party = forms.ChoiceField(label=gettext_lazy("对象"), choices=Party.choices, initial=Party.FIRM)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    uscc = forms.CharField(label=gettext_lazy("统一社会信用代码"), max_length=18, required=False)
    place = forms.ModelChoiceField(label=gettext_lazy("地点"), queryset=Place.objects.none(), required=False, empty_label=gettext_lazy("还没定"), help_text=gettext_lazy("没有的先到“地点和路程”里登记"))
    worth = forms.IntegerField(label=gettext_lazy("重要程度"), min_value=0, max_value=1000, initial=100, help_text=gettext_lazy("0 到 1000，越高越该去；目标企业用它的得分"))
    minutes = forms.IntegerField(label=gettext_lazy("时长（分钟）"), min_value=10, max_value=600, initial=90)
    opens = TimeField(label=gettext_lazy("从几点起"), required=False)
    closes = TimeField(label=gettext_lazy("到几点止"), required=False)
    shut = forms.MultipleChoiceField(label=gettext_lazy("哪几天不行"), required=False, widget=forms.CheckboxSelectMultiple)
    questions = forms.CharField(label=gettext_lazy("想问什么"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=40, required=False, help_text=gettext_lazy("页面和手册上遮住一部分，看全要写理由"))
    contact_phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=30, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, trip: Trip, person: Person, hide_contact: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place"].queryset = Place.objects.filter(pk__in=[row.pk for row in planning.places(person)])  # type: ignore[attr-defined]
        self.fields["shut"].choices = [(str(day), f"{trip.from_day + dt.timedelta(days=day):%m-%d}") for day in range(trip.days)]  # type: ignore[attr-defined]
        if hide_contact:
            del self.fields["contact_name"], self.fields["contact_phone"]

    def clean_shut(self) -> str:
        """As the call keeps it."""
        return ",".join(self.cleaned_data["shut"])

    @staticmethod
    def first(call: Call) -> dict[str, Any]:
        """What the form shows of a call; the contact only to whom it is shown."""
        names = ("party", "name", "uscc", "place", "worth", "minutes", "opens", "closes", "questions", "version")
        return {**{name: getattr(call, name) for name in names}, "shut": [str(day) for day in sorted(call.shut_days)]}


class BaseForm(VersionForm):
    """Where the team leaves from and comes back to."""

    base = forms.ModelChoiceField(label=gettext_lazy("早出晚归的地点（住处或车站）"), queryset=Place.objects.none(), required=False, empty_label=gettext_lazy("还没定"))

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["base"].queryset = Place.objects.filter(pk__in=[row.pk for row in planning.places(person)])  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    """A place; coordinates as degrees."""

    name = forms.CharField(label=gettext_lazy("地点"), max_length=100)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    region = forms.ChoiceField(label=gettext_lazy("所在地"), choices=lambda: [("", "—"), *trips.destinations()], required=False)
    lat_e6 = forms.DecimalField(label=gettext_lazy("纬度"), min_value=-90, max_value=90, max_digits=9, decimal_places=6, required=False)
    lon_e6 = forms.DecimalField(label=gettext_lazy("经度"), min_value=-180, max_value=180, max_digits=9, decimal_places=6, required=False, help_text=gettext_lazy("没有填过路程的两地按坐标估"))

    def clean(self) -> dict[str, Any]:
        """Coordinates in millionths of a degree."""
        super().clean()
        for name in ("lat_e6", "lon_e6"):
            value = self.cleaned_data.get(name)
            self.cleaned_data[name] = int(value * 1_000_000) if value is not None else None
        return self.cleaned_data


class WaysForm(forms.Form):
    """A table of ways as it is pasted."""

    ways = forms.CharField(label=gettext_lazy("路程表"), max_length=200_000, widget=forms.Textarea(attrs={"rows": 8}), help_text=gettext_lazy("一行一条：从,到,分钟；可以从表格里粘贴。没登记过的地点会一起登记"))
    source = forms.CharField(label=gettext_lazy("来源"), max_length=100, help_text=gettext_lazy("如：地图软件 2025-07-01 查"))


class ExpenseForm(forms.Form):
    """What was spent."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=ExpenseKind.choices)
    day = day_field(gettext_lazy("日期"))
    region = forms.ChoiceField(label=gettext_lazy("在哪里"), choices=trips.destinations)
    persons = forms.IntegerField(label=gettext_lazy("人数"), min_value=1, max_value=50)
    days = forms.IntegerField(label=gettext_lazy("天数（住宿按晚）"), min_value=1, max_value=30, initial=1)
    amount_fen = forms.CharField(label=gettext_lazy("金额"), max_length=30, help_text=gettext_lazy("如 380 或 1,286.50；不写单位就是元"))
    reason = forms.CharField(label=gettext_lazy("超限额的原因"), max_length=200, required=False, help_text=gettext_lazy("没超就不填；超了的等领导批准后才算数"))
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """The amount in fen."""
        super().clean()
        fen(self, "amount_fen", "元")
        return self.cleaned_data
