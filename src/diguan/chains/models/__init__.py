"""The nouns of the chains room. Chains and their nodes are files of the packs; what is kept here are the county's own rows."""

from diguan.chains.models.coverage import Confidence, Coverage, CoverageState, Role
from diguan.chains.models.economy import Estimate, EstimateKind, IoTable, Places, Proxy, RegionYear, TableState
from diguan.chains.models.feasibility import Feasibility, Room
from diguan.chains.models.introductions import (
    Answer,
    Introduction,
    IntroductionOrder,
    IntroductionSide,
    IntroductionState,
    OrderState,
)
from diguan.chains.models.targets import (
    Approach,
    ApproachNote,
    FirmList,
    ListKind,
    Membership,
    NoTwin,
    Pollution,
    TargetFirm,
    TargetNode,
    Telling,
)

__all__ = ["Answer", "Approach", "ApproachNote", "Confidence", "Coverage", "CoverageState", "Estimate", "EstimateKind", "Feasibility", "FirmList", "Introduction", "IntroductionOrder", "IntroductionSide", "IntroductionState", "IoTable", "ListKind", "Membership", "NoTwin", "OrderState", "Places", "Pollution", "Proxy", "RegionYear", "Role", "Room", "TableState", "TargetFirm", "TargetNode", "Telling"]
