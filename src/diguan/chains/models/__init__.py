"""The nouns of the chains room. Chains and their nodes are files of the packs; what is kept here are the county's own rows."""

from diguan.chains.models.coverage import Confidence, Coverage, CoverageState, Role
from diguan.chains.models.feasibility import Feasibility, Room
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

__all__ = ["Approach", "ApproachNote", "Confidence", "Coverage", "CoverageState", "Feasibility", "FirmList", "ListKind", "Membership", "NoTwin", "Pollution", "Role", "Room", "TargetFirm", "TargetNode", "Telling"]
