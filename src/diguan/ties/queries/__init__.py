"""Reads of this room. What rooms above it ask: ``referrers``, ``referrer``, ``returnee_proof``, ``ways``."""

from diguan.ties.queries.paths import ways
from diguan.ties.queries.people import hometown_person, referrer, referrers, visible_people
from diguan.ties.queries.returns import ReturneeProof, returnee_proof

__all__ = ["ReturneeProof", "hometown_person", "referrer", "referrers", "returnee_proof", "visible_people", "ways"]
