"""The nouns of the projects room: leads and projects, two records; what hangs on them has files of its own."""

from diguan.projects.models.assignments import Assignment, Measure
from diguan.projects.models.handovers import Handover, HandoverState
from diguan.projects.models.leads import Lead, LeadSource, Progress
from diguan.projects.models.projects import PROJECT, Project, ProjectKind

__all__ = ["PROJECT", "Assignment", "Handover", "HandoverState", "Lead", "LeadSource", "Measure", "Progress", "Project", "ProjectKind"]
