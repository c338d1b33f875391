"""The nouns of the projects room: leads and projects, two records; what hangs on them has files of its own."""

from diguan.projects.models.access import REVIEW, AccessReview, JointReview, Opinion
from diguan.projects.models.agreements import Agreement, AgreementKind, Promise, PromiseKind, ReviewConclusion
from diguan.projects.models.assignments import Assignment, Measure
from diguan.projects.models.checked import Checked, CheckState
from diguan.projects.models.funds import Fund, FundKind, FundOrigin
from diguan.projects.models.handovers import Handover, HandoverState
from diguan.projects.models.leads import Lead, LeadSource, Progress
from diguan.projects.models.obligations import (
    CheckPoint,
    Measured,
    Obligation,
    ObligationState,
    PerformanceCheck,
    PerformanceLine,
    Side,
)
from diguan.projects.models.projects import PROJECT, Project, ProjectKind
from diguan.projects.models.proofs import ReturneeClaim, TwinRuling

__all__ = ["PROJECT", "REVIEW", "AccessReview", "Agreement", "AgreementKind", "Assignment", "CheckPoint", "CheckState", "Checked", "Fund", "FundKind", "FundOrigin", "Handover", "HandoverState", "JointReview", "Lead", "LeadSource", "Measure", "Measured", "Obligation", "ObligationState", "Opinion", "PerformanceCheck", "PerformanceLine", "Progress", "Project", "ProjectKind", "Promise", "PromiseKind", "ReturneeClaim", "ReviewConclusion", "Side", "TwinRuling"]
