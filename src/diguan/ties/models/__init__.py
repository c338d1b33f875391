"""The nouns of this room."""

from diguan.ties.models.chambers import Chamber
from diguan.ties.models.people import Consent, HometownPerson, How, PersonKind, PersonState, Purpose
from diguan.ties.models.returns import Basis, Return, ReturnSubject
from diguan.ties.models.ties import (
    ENDS,
    KIND_ENDS,
    EndKind,
    Tie,
    TiedFirm,
    TieKind,
    TieState,
)

__all__ = ["ENDS", "KIND_ENDS", "Basis", "Chamber", "Consent", "EndKind", "HometownPerson", "How", "PersonKind", "PersonState", "Purpose", "Return", "ReturnSubject", "Tie", "TieKind", "TieState", "TiedFirm"]
