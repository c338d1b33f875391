"""The nouns of the chains room. Chains and their nodes are files of the packs; what is kept here are the county's own rows."""

from diguan.chains.models.coverage import Confidence, Coverage, CoverageState, Role
from diguan.chains.models.economy import Estimate, EstimateKind, IoTable, Places, Proxy, RegionYear, TableState
from diguan.chains.models.feasibility import Feasibility, Room

__all__ = ["Confidence", "Coverage", "CoverageState", "Estimate", "EstimateKind", "Feasibility", "IoTable", "Places", "Proxy", "RegionYear", "Role", "Room", "TableState"]
