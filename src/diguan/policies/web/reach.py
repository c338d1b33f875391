"""Pages of how far a policy reached: the figures from entitled to acted, the list behind each, and what a notice shows of its policy."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.enterprises import queries as register
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.measures import MEASURES, behind, value
from diguan.kernel.notices.kinds import kinds
from diguan.kernel.notices.models import Notice, State
from diguan.kernel.notices.queries import COLOURS
from diguan.policies import queries
from diguan.policies.queries import ENTITLED, Standing, reach
from diguan.policies.queries.reach import Reached
from diguan.policies.web import shown
from diguan.policies.web.lists import about

_WORDS = {"automatic_entitlement": gettext_lazy("不用申请，名单公示后拨付。"), "fast_claim": gettext_lazy("点“我要申请”即可，材料已有的不用再交。"),
          "application": gettext_lazy("点“我要申请”，随后按要求交材料。")}


def details(person: Person, notice: Notice) -> dict[str, Any] | None:
    """How the enterprise stands now under the policy a notice is about; None where the person may not see it or it is not judged."""
    row = register.enterprise(person, notice.uscc)
    if row is None or not access.may(person, queries.ENTITLEMENT, row):
        return None
    found = queries.entitlements(person, row)
    judged = found.of(notice.about_id)
    if judged is None:
        return None
    automatic = judged.policy.delivery == "automatic_entitlement"
    return {"policy": judged.policy, "item": shown.answer(judged), "day": judged.as_of, "how": _how(judged, notice),
            "officer": row.service_officer.name if row.service_officer else "", "act": _("确认，要享受") if automatic else ""}


def _how(judged: queries.Judged, notice: Notice) -> str:
    """What is to be done now; nothing where it is not entitled, or has said no."""
    if judged.group != ENTITLED or notice.state == State.REFUSED:
        return ""
    if notice.state == State.ACTED and judged.policy.delivery != "automatic_entitlement":
        return _("申请意向已收到；要交什么材料，{issuer}会与您联系。").format(issuer=judged.policy.issuer)
    return str(_WORDS[judged.policy.delivery])


def has_funnel(standing: Standing) -> bool:
    """Whether there is anybody to reach: a policy that may not be published tells nobody."""
    return standing.totals is not None and bool(standing.totals.eligible) and standing.policy.publishable


def funnel(person: Person, standing: Standing) -> dict[str, Any] | None:
    """From entitled to acted, each with its share of the entitled and its rows; besides who refused and why, and who was never reached."""
    if standing.totals is None or not has_funnel(standing):
        return None
    figures = {stage: value(f"policies.{stage}", person, standing) for stage in reach.STAGES}
    entitled = value("policies.entitled", person, standing)
    steps = [("entitled", entitled, reverse("policies:group", args=[standing.policy.id, ENTITLED]))]
    steps += [(stage, figures[stage], address(standing, stage)) for stage in (reach.NOTIFIED, reach.DELIVERED, reach.OPENED, reach.ACTED)]
    words = _reasons()
    return {"steps": [{"label": figure.measure.title, "figure": figure, "definition": figure.measure.definition, "url": url, "of": standing.totals.eligible}
                      for _name, figure, url in steps],
            "unreached": (figures[reach.UNREACHED], address(standing, reach.UNREACHED)), "refused": (figures[reach.REFUSED], address(standing, reach.REFUSED)),
            "reasons": [(words.get(reason, reason), count, f"{address(standing, reach.REFUSED)}?{urlencode({'reason': reason})}") for reason, count in reach.refusals(standing)]}


def address(standing: Standing, stage: str) -> str:
    """Where the list of one stage is."""
    return reverse("policies:reach", args=[standing.policy.id, stage])


def _reasons() -> dict[str, str]:
    return {name: str(words) for name, words in kinds()[reach.NOTICE].reasons.items()}


def page(person: Any, standing: Standing, stage: str, *, export: bool = False) -> ListPage:
    """The enterprises at one stage as a list page."""
    found = MEASURES[f"policies.{stage}"]
    rows = behind(found.name, person, standing)
    words = _reasons()
    title = standing.policy.label(shown.language())
    reasons = (Filter("reason", gettext_lazy("原因"), choices=list(words.items()), fields=("notice.reason",)),) if stage == reach.REFUSED else ()
    return ListPage(
        title=_("{title}：{group}").format(title=title, group=found.title.text(shown.language())), permission=queries.ENTITLEMENT, export_permission=queries.EXPORT,
        rows=lambda person: _exportable(person, rows) if export else rows, file_name=f"{standing.policy.id}-{stage}", template="policies/reach.html",
        empty=(_("没有这样的企业"), ""), about=about(standing.run, found.definition.text(shown.language())),
        columns=(
            Column("name", gettext_lazy("企业"), sort=True, head=True, link=lambda line: _link(standing, line), note=lambda line: line.uscc),
            Column("uscc", gettext_lazy("统一社会信用代码"), in_file=True),
            Column("state", gettext_lazy("通知"), kind="status", value=_state),
            Column("why", gettext_lazy("原因"), value=lambda line: _why(line, words)),
            Column("notice.created_at", gettext_lazy("写于"), kind="moment", sort=True, nothing=gettext_lazy("没有发")),
            Column("notice.opened_at", gettext_lazy("打开于"), kind="moment", sort=True, nothing=gettext_lazy("没有打开")),
            Column("amount_fen", gettext_lazy("金额"), kind="money", sort=True, nothing=gettext_lazy("金额待定")),
            Column("town", gettext_lazy("所在乡镇"), sort=True, wide=True)),
        filters=(Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("name", "uscc")),
                 Filter("town", gettext_lazy("所在乡镇"), choices=lambda person: [(text, text) for text in register.choices(person, "town")]), *reasons))


def _exportable(person: Any, rows: Any) -> list[Reached]:
    firms = access.visible(register.visible_enterprises(person), person, queries.EXPORT).filter(uscc__in=[line.uscc for line in rows])
    allowed = set(firms.values_list("uscc", flat=True))
    return [line for line in rows if line.uscc in allowed]


def _link(standing: Standing, line: Reached) -> str:
    """The notice where there is one, else why the enterprise is entitled."""
    return reverse("notices:one", args=[line.notice.pk]) if line.notice else reverse("policies:explanation", args=[standing.policy.id, line.uscc])


def _state(line: Reached) -> tuple[str, str]:
    if line.notice is None:
        return ("warn", _("还没有写"))
    found = State(line.notice.state)
    return (COLOURS[found], str(found.label))


def _why(line: Reached, words: dict[str, str]) -> str:
    if line.notice is None or not line.notice.reason:
        return ""
    said = words.get(line.notice.reason, line.notice.reason)
    return _("{reason}：{words}").format(reason=said, words=line.notice.reason_text) if line.notice.reason_text else said
