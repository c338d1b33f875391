"""Forms of the regional economy. A share is one figure or a range in percent (30, or 20-40); left empty it is not known, and the whole range is computed with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.chains.actions.economy import File, Said
from diguan.chains.engine.table import Table
from diguan.chains.models import Proxy
from diguan.chains.queries.economy_files import FEN
from diguan.chains.web.economy_words import LEVELS
from diguan.kernel import clocks, money
from diguan.kernel.units import UnitError

_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%?(?:\s*[-–~—至到]\s*(\d{1,3}(?:\.\d+)?)\s*%?)?")
_MONEY = gettext_lazy("如 3200 或 1.2 亿元；不写单位就是万元")
_PERCENT = gettext_lazy("百分数或范围，如 30 或 20-40；不知道就空着，按 0 到 100% 算")
ITEMS = (("门票", gettext_lazy("门票")), ("住宿", gettext_lazy("住宿")), ("餐饮", gettext_lazy("餐饮")), ("交通", gettext_lazy("交通")), ("购物", gettext_lazy("购物")))
MOST_ITEMS = 3


class ShareField(forms.CharField):
    """A share as [low, mid, high] of one; None where it is left empty."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=20, **{"required": False, **more})

    def clean(self, value: Any) -> Any:
        """The band.

        Raises:
            ValidationError: no percentage, above 100, or a range that goes down.
        """
        text = super().clean(value)
        if not text:
            return None
        found = _SHARE.fullmatch(text.strip())
        if found is None:
            raise forms.ValidationError(_("填百分数或范围，如 30 或 20-40"))
        low, high = float(found[1]), float(found[2] or found[1])
        if high > 100 or low > 100:
            raise forms.ValidationError(_("比例不能大于 100%"))
        if low > high:
            raise forms.ValidationError(_("范围由低到高写，如 20-40"))
        return [low / 100, (low + high) / 200, high / 100]


class MoneyField(forms.CharField):
    """An amount in fen; None where it is left empty."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=30, **{"required": False, **more})

    def clean(self, value: Any) -> Any:
        """The amount.

        Raises:
            ValidationError: no amount, or below 0.
        """
        text = super().clean(value)
        if not text:
            return None
        try:
            fen = money.parse(text, "万元")
        except UnitError as error:
            raise forms.ValidationError(_("不是金额：如 3200、1.2 亿元")) from error
        if not 0 <= fen <= 10**17:
            raise forms.ValidationError(_("金额不能小于 0，也不能大得离谱"))
        return fen


class _FileForm(forms.Form):
    def sent(self, name: str = "file") -> File | None:
        """The file as the actions take it."""
        found = self.cleaned_data.get(name)
        return File(found.name or "", found.read()) if found else None


SHEETS = forms.FileInput(attrs={"accept": ".xlsx,.csv"})


class TableForm(_FileForm):
    """A table's file. The rest is for the bureau's form, which does not say it."""

    file = forms.FileField(label=gettext_lazy("投入产出表"), help_text=gettext_lazy("统计局发布的工作簿（带 TIU、TII 代码）或通用 CSV"), widget=SHEETS)
    level = forms.ChoiceField(label=gettext_lazy("这是哪一级的表"), choices=[*LEVELS.items()], help_text=gettext_lazy("通用 CSV 自己写明的，以文件为准"))
    region = forms.CharField(label=gettext_lazy("区域名称"), max_length=100, required=False)
    source = forms.CharField(label=gettext_lazy("来源"), max_length=200, required=False, help_text=gettext_lazy("谁发布的，如：湖南省统计局"))


class SectorsForm(_FileForm):
    """Which industries make up the sectors."""

    file = forms.FileField(label=gettext_lazy("行业与部门对照"), help_text=gettext_lazy("两列：prefix（行业门类字母或 2–4 位行业代码）、sector（部门代码）；长的前缀优先"), widget=SHEETS)


class RegionForm(_FileForm):
    """The county's figures of a year."""

    name = forms.CharField(label=gettext_lazy("区域名称"), max_length=100)
    year = forms.IntegerField(label=gettext_lazy("年份"), min_value=2000, max_value=2100)
    file = forms.FileField(label=gettext_lazy("各部门的数"), required=False, widget=SHEETS,
                           help_text=gettext_lazy("列：部门代码、本县，可加“上级”；没有表就按企业开票销售收入加总"))
    proxy = forms.ChoiceField(label=gettext_lazy("表里是什么"), choices=Proxy.choices, help_text=gettext_lazy("没有总产出时用开票销售或从业人员代替，页面上会写明"))
    unit = forms.ChoiceField(label=gettext_lazy("表里金额的单位"), required=False)
    income = MoneyField(label=gettext_lazy("居民收入（全部来源）"), help_text=gettext_lazy("工资、经营、财产、转移收入合计，住户调查人均可支配收入乘人口；不能用工资代替。不知道就空着，不算 II 型"))
    spending = MoneyField(label=gettext_lazy("居民消费"), help_text=gettext_lazy("人均消费支出乘人口"))
    living = ShareField(label=gettext_lazy("从业者中住在本县的比例"), help_text=gettext_lazy("不填按 100% 算"))
    source = forms.CharField(label=gettext_lazy("来源"), max_length=150, required=False)

    def __init__(self, *args: Any, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table_unit = unit
        self.fields["unit"].choices = [(each, each) for each in dict.fromkeys((unit, *FEN))]  # type: ignore[attr-defined]
        if unit not in FEN:  # money of another country is told as a plain number of the table's unit
            for name in ("income", "spending"):
                self.fields[name] = forms.FloatField(label=f"{self.fields[name].label}（{unit}）", required=False, min_value=0)

    def clean_year(self) -> int:
        """A year that has begun."""
        year: int = self.cleaned_data["year"]
        if year > clocks.today().year:
            raise forms.ValidationError(_("年份不能在今年之后"))
        return year

    def said(self) -> Said:
        """As the action takes it, money in the table's unit."""
        data, per = self.cleaned_data, FEN.get(self.table_unit, 1)
        in_unit = {name: None if data.get(name) is None else data[name] / per for name in ("income", "spending")}
        living = data.get("living")
        return Said(data["name"], data["year"], in_unit["income"], in_unit["spending"], 10_000 if living is None else round(living[1] * 10_000), data["source"])


class PlacesForm(_FileForm):
    """Counts by region."""

    file = forms.FileField(label=gettext_lazy("行业户数表"), help_text=gettext_lazy("列：region、year、industry、count，每行一个地区、年份、行业；没有的行就是 0"), widget=SHEETS)
    home = forms.CharField(label=gettext_lazy("本县在表里叫什么"), max_length=100)
    counts = forms.ChoiceField(label=gettext_lazy("数的是什么"), choices=[("firms", gettext_lazy("企业户数（给出抽样误差）")), ("other", gettext_lazy("产值、人数等（不给误差）"))])
    source = forms.CharField(label=gettext_lazy("来源"), max_length=200)


def sectors_of(table: Table) -> list[tuple[str, str]]:
    """The sectors for a choice."""
    return [("", _("请选择")), *((code, f"{code} {name}") for code, name in zip(table.codes, table.names, strict=True))]


class ProjectForm(forms.Form):
    """One project. What is left empty is not known."""

    title = forms.CharField(label=gettext_lazy("项目名称"), max_length=100)
    firm = forms.CharField(label=gettext_lazy("企业名称"), max_length=100, required=False)
    node = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)
    sector = forms.ChoiceField(label=gettext_lazy("项目所在部门"))
    sales = MoneyField(label=gettext_lazy("达产后年销售额"), required=True, help_text=_MONEY)
    sold = ShareField(label=gettext_lazy("卖给本县企业的比例"), help_text=_PERCENT)
    displacement = ShareField(label=gettext_lazy("替代率：从本县同行那里抢来的比例"), help_text=_PERCENT)
    deadweight = ShareField(label=gettext_lazy("无谓损失率：没有扶持也会有的比例"), help_text=_PERCENT)
    customers = forms.CharField(label=gettext_lazy("本地客户"), max_length=400, required=False, help_text=gettext_lazy("企业名称，用顿号或逗号隔开；与它们的估计不能相加"))
    jobs = forms.IntegerField(label=gettext_lazy("项目自身用工（人）"), required=False, min_value=0, max_value=10_000_000, help_text=gettext_lazy("不填按部门平均"))
    tax = MoneyField(label=gettext_lazy("项目自身年税收"))
    value_added = MoneyField(label=gettext_lazy("项目自身年增加值"))

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sector"].choices = sectors_of(table)  # type: ignore[attr-defined]
        for at, label in enumerate((_("建筑安装"), _("设备购置"), _("设计、监理等服务")), 1):
            self.fields[f"money_{at}"] = MoneyField(label=label, help_text=_MONEY if at == 1 else "")
            self.fields[f"from_{at}"] = forms.ChoiceField(label=_("{what}：向哪个部门买").format(what=label), choices=sectors_of(table), required=False)
            self.fields[f"local_{at}"] = ShareField(label=_("{what}：在本县买的比例").format(what=label), help_text=_PERCENT if at == 1 else "")

    def items(self) -> list[Any]:
        """The investment's fields, three a line."""
        return [self[f"{word}_{at}"] for at in range(1, MOST_ITEMS + 1) for word in ("money", "from", "local")]

    def clean(self) -> dict[str, Any]:
        """Money needs the sector it is spent at."""
        data = super().clean() or {}
        for at in range(1, MOST_ITEMS + 1):
            if data.get(f"money_{at}") and not data.get(f"from_{at}"):
                self.add_error(f"from_{at}", _("写了金额，就要选向哪个部门买"))
        own, sales = data.get("value_added"), data.get("sales")
        if own is not None and sales is not None and own > sales:
            self.add_error("value_added", _("增加值不能大于销售额"))
        return data

    def inputs(self) -> dict[str, Any]:
        """As the action takes it."""
        data = self.cleaned_data
        building = [{"sector": data[f"from_{at}"], "fen": data[f"money_{at}"], "share": data[f"local_{at}"], "item": str(self.fields[f"money_{at}"].label)} for at in range(1, MOST_ITEMS + 1) if data[f"money_{at}"]]
        own = {kind: data[kind] for kind in ("value_added", "jobs", "tax") if data[kind] is not None}
        return {**{word: data[word] for word in ("title", "firm", "sector", "sales", "sold", "displacement", "deadweight")}, "building": building, "own": own, "customers": _names(data["customers"])}


def _names(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[、,，;；\n]", text) if each.strip()]


class TourismForm(forms.Form):
    """Visitors of a year: how many, for how long, and what they spend a head."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    visits = forms.IntegerField(label=gettext_lazy("接待人次（一年）"), min_value=1, max_value=1_000_000_000)
    outside = ShareField(label=gettext_lazy("外来游客的比例"), required=True, help_text=gettext_lazy("本县居民出游不是新增消费；百分数或范围，如 80-90"))
    day = ShareField(label=gettext_lazy("一日游的比例"), required=True, help_text=gettext_lazy("百分数或范围，如 60-75"))
    margin = ShareField(label=gettext_lazy("购物：本地商业毛利的比例"), required=True, help_text=gettext_lazy("购物只有毛利一定留在本地，如 20-25"))
    maker = forms.ChoiceField(label=gettext_lazy("购物：商品由哪个部门制造"), required=False)
    made = ShareField(label=gettext_lazy("购物：商品在本县制造的比例"))

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["maker"].choices = sectors_of(table)  # type: ignore[attr-defined]
        for at, (_item, item) in enumerate(ITEMS):
            self.fields[f"sector_{at}"] = forms.ChoiceField(label=_("{item}：由哪个部门收").format(item=item), choices=sectors_of(table))
            self.fields[f"day_{at}"] = forms.DecimalField(label=_("{item}：一日游每人（元）").format(item=item), min_value=0, max_value=1_000_000, initial=0)
            self.fields[f"night_{at}"] = forms.DecimalField(label=_("{item}：过夜游每人（元）").format(item=item), min_value=0, max_value=1_000_000, initial=0)

    def items(self) -> Sequence[Any]:
        """What is spent on, three fields a line."""
        return [self[f"{word}_{at}"] for at in range(len(ITEMS)) for word in ("sector", "day", "night")]

    def inputs(self) -> dict[str, Any]:
        """As the action takes it."""
        data = self.cleaned_data
        items = [{"item": item, "sector": data[f"sector_{at}"], "day": float(data[f"day_{at}"]) * 100, "night": float(data[f"night_{at}"]) * 100} for at, (item, _word) in enumerate(ITEMS)]
        items[4] |= {"margin": data["margin"][1], "maker": data["maker"] if data["made"] else "", "made": data["made"][1] if data["made"] and data["maker"] else 0.0}
        return {**{word: data[word] for word in ("title", "visits", "outside", "day")}, "items": items}
