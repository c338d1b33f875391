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

__all__ = ["Answer", "Confidence", "Coverage", "CoverageState", "Estimate", "EstimateKind", "Feasibility", "Introduction", "IntroductionOrder", "IntroductionSide", "IntroductionState", "IoTable", "OrderState", "Places", "Proxy", "RegionYear", "Role", "Room", "TableState"]
