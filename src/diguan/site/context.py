"""What every template knows about the installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from diguan.kernel import clocks


def installation(request: HttpRequest) -> dict[str, Any]:
    """``demo`` (show the synthetic mark), ``today`` and the languages to switch to."""
    return {"demo": settings.DIGUAN_DEMO, "today": clocks.today(), "languages": settings.LANGUAGES}
