"""What the data folder says of itself: whether it holds the demo county, which one, and whether it is finished.

Read without Django: the settings ask it too, so that every command on a demo folder lives in the demo's day.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "demo.json"


@dataclass(frozen=True)
class State:
    """The marker of a demo folder; ``version`` names generator and parameters, ``today`` the demo's ISO day."""

    version: str
    today: str
    finished: bool = False


def read(data: Path) -> State | None:
    """The marker of a data folder; None where it holds no demo county."""
    try:
        return State(**json.loads((data / NAME).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write(data: Path, state: State) -> None:
    """Put the marker there, whole or not at all."""
    aside = data / f".{NAME}.tmp"
    aside.write_text(json.dumps(asdict(state)) + "\n", "utf-8")
    aside.replace(data / NAME)
