"""What dies at a step of its work, for the drivers of the kill tests: each runs in a child of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any


def dies_at(step: int) -> Callable[[Any, str], None]:
    """Put a step before a function: at the step-th of all of them together this process sends itself SIGKILL."""
    left = [step]

    def put(owner: Any, name: str) -> None:
        function = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        setattr(owner, name, wrapped)

    return put
