"""The national field set of a matter (政务服务事项), in one table: YAML keys, columns of the file, the form and what is compared.

Names follow public code (``catalog_code``, ``task_code``, ``task_handle_item``); where the national set has several columns for one
thing (value, unit and note of a limit) the value is a whole number of working days and the note stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("行政许可", "行政确认", "行政给付", "行政奖励", "行政裁决", "行政征收", "行政检查", "其他行政权力", "公共服务")
LEVELS = ("国家级", "省级", "市级", "县级", "乡级")
NATURES = ("法定机关", "授权组织", "受委托组织", "公共企事业单位")
OBJECTS = ("自然人", "法人", "自然人和法人")
INSTANT, PROMISED = "即办件", "承诺件"
CASE_TYPES = (INSTANT, PROMISED)
WINDOW, ONLINE = "窗口办理", "网上办理"
HANDLING = (WINDOW, ONLINE, "快递申请", "自助终端")
FULLY_ONLINE = "Ⅳ"
DEPTHS = ("Ⅰ", "Ⅱ", "Ⅲ", FULLY_ONLINE)
RESULT_KINDS = ("出证", "出文", "审批办结")
QUALITIES = ("A", "B", "C", "D")
"""Trust levels of a paper, strictest first: issued by authority, verified at the window, uploaded, self-made with a promise."""
FORMS = ("original", "copy", "electronic")
"""In what form a paper is handed in, strictest first."""


@dataclass(frozen=True)
class Spec:
    """One field. ``type``: text, long, choice, choices, days, count, yes, lines, fees, results, requirements.

    ``choices`` are the words it may hold, ``needed`` says that a matter without it is none, ``most`` bounds numbers and lengths.
    """

    name: str
    zh: str
    en: str
    type: str = "text"
    needed: bool = False
    choices: tuple[str, ...] = ()
    most: int = 200
    synonyms: tuple[str, ...] = ()
    group: str = "basics"

    def label(self, language: str = "zh") -> str:
        """Its name in a language."""
        return self.zh if language.startswith("zh") else self.en


GROUPS: Mapping[str, tuple[str, str]] = {
    "basics": ("基本信息", "Basics"), "limits": ("时限和跑动", "Limits and visits"), "handling": ("怎么办", "How it is handled"),
    "results": ("收费和结果", "Fees and results"), "asks": ("申请要填要交的", "What is asked for"), "contact": ("窗口和救济", "Windows and remedies"),
    "record": ("录入说明", "About this record")}

SPECS: tuple[Spec, ...] = (
    Spec("name", "事项名称", "Matter", needed=True, synonyms=("名称", "实施清单名称")),
    Spec("catalog_code", "基本编码", "Basic code", most=12, synonyms=("基本目录编码",)),
    Spec("task_code", "实施编码", "Implementation code", most=31, synonyms=("实施清单编码",)),
    Spec("task_handle_item", "业务办理项编码", "Handling-item code", most=33),
    Spec("kind", "事项类型", "Type", "choice", True, KINDS, synonyms=("行使权力类型",)),
    Spec("exercise_level", "行使层级", "Level", "choice", True, LEVELS),
    Spec("bureau", "实施主体", "Implementing body", needed=True, most=60, synonyms=("实施机构", "主管部门")),
    Spec("body_nature", "实施主体性质", "Nature of the body", "choice", choices=NATURES),
    Spec("entrusted", "委托部门", "Entrusting department"),
    Spec("joint_bodies", "联办机构", "Joint bodies", "lines"),
    Spec("legal_basis", "设定依据", "Legal basis", "lines", True, most=1000, synonyms=("法律依据",)),
    Spec("service_object", "服务对象", "Served", "choice", True, OBJECTS),
    Spec("topic_natural", "面向自然人主题分类", "Topic, natural persons"),
    Spec("topic_legal", "面向法人主题分类", "Topic, legal persons"),
    Spec("case_type", "办件类型", "Case type", "choice", True, CASE_TYPES, group="limits"),
    Spec("statutory_days", "法定办结时限", "Statutory limit", "days", most=250, group="limits", synonyms=("法定办结时限（工作日）", "法定时限")),
    Spec("statutory_note", "法定办结时限说明", "Note on the statutory limit", "long", most=500, group="limits"),
    Spec("promised_days", "承诺办结时限", "Promised limit", "days", True, most=250, group="limits", synonyms=("承诺办结时限（工作日）", "承诺时限")),
    Spec("promised_note", "承诺办结时限说明", "Note on the promised limit", "long", most=500, group="limits"),
    Spec("visits", "到办事现场次数", "On-site visits", "count", True, most=10, group="limits", synonyms=("跑动次数",)),
    Spec("visits_reason", "必须现场办理原因说明", "Why one has to come", "long", most=500, group="limits"),
    Spec("special_procedures", "特别程序", "Special procedures", "lines", most=500, group="limits"),
    Spec("conditions", "受理条件", "Conditions", "lines", most=2000, group="handling"),
    Spec("steps", "办理流程", "Steps", "lines", most=500, group="handling"),
    Spec("handling_form", "办理形式", "Ways to apply", "choices", True, HANDLING, group="handling"),
    Spec("online_depth", "网上办理深度", "Online depth", "choice", choices=DEPTHS, group="handling"),
    Spec("mail_in", "是否支持寄件", "Papers by post", "yes", group="handling"),
    Spec("mail_out", "是否支持物流快递", "Results by post", "yes", group="handling"),
    Spec("cross_area", "通办范围", "Handled across areas", group="handling"),
    Spec("quantity_limit", "数量限制", "Limit in number", "long", most=500, group="handling"),
    Spec("intermediaries", "中介服务", "Intermediary services", "lines", most=500, group="handling"),
    Spec("capacity_class", "受理能力类别", "Capacity class", most=40, group="handling"),
    Spec("is_fee", "是否收费", "Charges a fee", "yes", group="results"),
    Spec("fees", "收费项目", "Fees", "fees", group="results", most=2000),
    Spec("online_payment", "是否支持网上支付", "Paid online", "yes", group="results"),
    Spec("results", "审批结果", "Results", "results", group="results", most=1000, synonyms=("审批结果名称",)),
    Spec("requirements", "申请材料和字段", "What is asked for", "requirements", group="asks", most=8000, synonyms=("申请材料",)),
    Spec("window", "办理地点", "Window", "long", most=300, group="contact"),
    Spec("hours", "办理时间", "Hours", group="contact"),
    Spec("consult", "咨询方式", "Questions to", most=100, group="contact", synonyms=("咨询电话",)),
    Spec("complaint", "监督投诉方式", "Complaints to", most=100, group="contact", synonyms=("投诉电话",)),
    Spec("review_body", "行政复议机关", "Administrative review", group="contact"),
    Spec("court", "行政诉讼法院", "Court", group="contact"),
    Spec("faqs", "常见问题", "Questions often asked", "lines", most=4000, group="contact"),
    Spec("provisional", "暂录待核", "Provisional", "yes", group="record"),
    Spec("entered_from", "录入来源", "Entered from", "long", most=500, group="record"),
)
BY_NAME: Mapping[str, Spec] = {spec.name: spec for spec in SPECS}
_EMPTY: Mapping[str, object] = {"days": None, "count": None, "yes": False, "lines": [], "choices": [], "fees": [], "results": [], "requirements": []}


def blank() -> dict[str, object]:
    """A matter of which nothing is told.

    >>> blank()["name"], blank()["statutory_days"], blank()["is_fee"], blank()["fees"]
    ('', None, False, [])
    """
    return {spec.name: _copy(_EMPTY.get(spec.type, "")) for spec in SPECS}


def _copy(value: object) -> object:
    return list(value) if isinstance(value, list) else value
