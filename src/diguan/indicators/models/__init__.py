"""The nouns of this room."""

from diguan.indicators.models.published import PublishedMonth

__all__ = ["PublishedMonth"]
