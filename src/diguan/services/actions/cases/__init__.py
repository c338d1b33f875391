"""Writes of cases: taken in with one form and one set of papers, then carried through side by side and given out."""

from diguan.services.actions.cases.carried import (
    MOST_AT_ONCE,
    deliver,
    finish_matter,
    finish_matters,
    note_touch,
    rate_case,
)
from diguan.services.actions.cases.closing import close_case, withdraw_case
from diguan.services.actions.cases.intake import (
    accept_case,
    ask_correction,
    open_case,
    supplement,
    take_in,
    verify_papers,
)
from diguan.services.actions.cases.shared import case_of

__all__ = ["MOST_AT_ONCE", "accept_case", "ask_correction", "case_of", "close_case", "deliver", "finish_matter", "finish_matters", "note_touch", "open_case", "rate_case", "supplement", "take_in", "verify_papers", "withdraw_case"]
