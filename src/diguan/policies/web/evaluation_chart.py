"""The two pictures of an evaluation as places of dots and lines, in per cent of the width; a table beside each says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

HEIGHT = 180
EDGE = 12


def at_threshold(found: Mapping[str, Any]) -> dict[str, Any]:
    """Means by stretch left and right of the threshold; a mean of fewer than three firms has no dot."""
    bins = found["bins"]
    width = found["bandwidth"]
    place = _heights([one["mean"] for one in bins])
    dots = [{"x": f"{50 + 50 * (one['low'] + one['high']) / 2 / width:.2f}%", "y": place(one["mean"]), "over": one["over"]} for one in bins if one["mean"] is not None]
    return {"height": HEIGHT, "dots": dots}


def before_and_after(found: Mapping[str, Any]) -> dict[str, Any]:
    """One line a group over the periods; a period nobody told of interrupts it."""
    groups = {"left": found["means_left"], "right": found["means_right"]}
    place = _heights([*groups["left"], *groups["right"]])
    count = len(found["periods"])
    across = [f"{(at + 0.5) * 100 / count:.2f}%" for at in range(count)]
    dots = [{"x": across[at], "y": place(mean), "over": name == "right"} for name, means in groups.items() for at, mean in enumerate(means) if mean is not None]
    lines = [{"x1": across[at], "x2": across[at + 1], "y1": place(means[at]), "y2": place(means[at + 1]), "over": name == "right"}
             for name, means in groups.items() for at in range(count - 1) if means[at] is not None and means[at + 1] is not None]
    return {"height": HEIGHT, "dots": dots, "lines": lines, "ticks": [{"x": x, "text": text} for x, text in zip(across, found["periods"], strict=True)]}


def _heights(means: Sequence[float | None]) -> Any:
    """Where a mean stands; all of them fill the picture."""
    known = [mean for mean in means if mean is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    reach = (high - low) or 1.0
    return lambda mean: f"{EDGE + (HEIGHT - 2 * EDGE) * (high - mean) / reach:.1f}"
