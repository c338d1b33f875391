"""The list of returnee proofs, and what the room puts on the desk about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.kernel.declare import DeskItem
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.ties.models import Basis, Return, ReturnSubject, TieState
from diguan.ties.queries import returns
from diguan.ties.web import words


def subject_of(row: Any) -> str:
    """Who is the returnee: the firm, or the person where they may be named today."""
    return row.firm.name if row.firm else getattr(row, "shown_name", "") or f"#{row.person_id}"


def filled(person: Any) -> Any:
    """Gives the rows of a page the names that this person may see today."""
    def fill(rows: Sequence[Return]) -> Sequence[Return]:
        names = returns.shown_names(person, list(rows))
        for row in rows:
            row.shown_name = names.get(row.person_id, "")  # type: ignore[attr-defined]
        return rows
    return fill


def page(person: Any) -> ListPage:
    """The list as this person sees it."""
    return ListPage(
        title=gettext_lazy("湘商回归"), rows=returns.visible_returns, permission=returns.VIEW, export_permission=returns.EXPORT, file_name="returnees", template="ties/returns.html", fill=filled(person),
        columns=(
            Column("subject", gettext_lazy("认定对象"), value=subject_of, link=words.return_address, head=True, note=lambda row: row.get_subject_display()),
            Column("basis", gettext_lazy("依据"), value=lambda row: row.get_basis_display()),
            Column("share", gettext_lazy("持股比例"), kind="percent", nothing=gettext_lazy("不适用")),
            Column("state", gettext_lazy("状态"), kind="status", value=words.state_of),
            Column("document", gettext_lazy("证明材料"), wide=True),
            Column("entered", gettext_lazy("录入人"), value=lambda row: row.entered_by.name, wide=True),
            Column("verified", gettext_lazy("核实人"), value=lambda row: row.verified_by.name if row.verified_by else "", nothing=gettext_lazy("还没有"), wide=True),
            Column("decided_on", gettext_lazy("核实日期"), kind="day", sort=True, nothing=gettext_lazy("还没有")),
        ),
        filters=(
            Filter("q", gettext_lazy("企业或材料"), kind="search", apply=returns.search),
            Filter("subject", gettext_lazy("认定对象"), choices=ReturnSubject.choices),
            Filter("basis", gettext_lazy("依据"), choices=Basis.choices),
            Filter("state", gettext_lazy("状态"), choices=TieState.choices),
        ),
        empty=(gettext_lazy("还没有认定材料"), gettext_lazy("录一份：谁、凭什么、材料文件；由另一个人核实。")),
        about=[(gettext_lazy("口径"), gettext_lazy("只有“已核实”的算湘商回归：有材料文件，录入人和核实人不是同一个人"))])


def desk(person: Any) -> Iterator[DeskItem]:
    """Proofs that wait for this person."""
    waiting = returns.to_verify(person).count()
    if waiting:
        yield DeskItem("week", "warn", _("待核实"), ngettext("%(n)s 份湘商回归材料等人核实", "%(n)s 份湘商回归材料等人核实", waiting) % {"n": waiting}, _("核实之前不算湘商回归"), "", f"{reverse('ties:returns')}?state=claimed", _("去核实"), 47)
