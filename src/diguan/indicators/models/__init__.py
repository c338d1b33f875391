"""What this room keeps itself: briefings as they were signed, and who wants them. Figures are never kept here; they are in snapshots."""

from diguan.indicators.models.briefings import Briefing, BriefingState, BriefingSubscription

__all__ = ["Briefing", "BriefingState", "BriefingSubscription"]
