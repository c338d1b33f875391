"""The nouns of the projects room: leads and projects, two records; what hangs on them has files of its own."""

from diguan.projects.models.access import REVIEW, AccessReview, JointReview, Opinion
from diguan.projects.models.leads import Lead, LeadSource, Progress
from diguan.projects.models.projects import PROJECT, Project, ProjectKind

__all__ = ["PROJECT", "REVIEW", "AccessReview", "JointReview", "Lead", "LeadSource", "Opinion", "Progress", "Project", "ProjectKind"]
