"""Lists: a room declares columns and filters, and gets the page, the sort, the export and saved views 存下的筛选.

A saved view is a name a person gives to a set of filters of one list; it is their own and nobody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diguan.kernel.lists.pages import Column, Filter, ListPage

__all__ = ["Column", "Filter", "ListPage"]


def __getattr__(name: str) -> Any:
    # Imported on first use: Django imports this package for its table while it is still loading the models.
    if name in __all__:
        from diguan.kernel.lists import pages

        return getattr(pages, name)
    raise AttributeError(name)
