"""Who may do what: units, posts, people, enterprise accounts and their delegations 经办人授权.

A right is role x scope x permission. Roles are data (``packs/base/roles.yaml``); a post binds a
person to a role in a unit between two days; a delegation binds a person to one enterprise by its
credit code. There is no superuser: whoever holds no current post may do nothing.

The reads are in ``queries`` and are offered here, so rooms write ``access.may(...)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diguan.kernel.access.queries import (
        Forbidden,
        Scope,
        acting_person,
        granted,
        may,
        require,
        scope,
        unit_of,
        usccs_of,
        visible,
    )

__all__ = ["Forbidden", "Scope", "acting_person", "granted", "may", "require", "scope", "unit_of", "usccs_of", "visible"]


def __getattr__(name: str) -> Any:
    # Imported on first use: Django imports this package while it is still loading the models.
    if name in __all__:
        from diguan.kernel.access import queries

        return getattr(queries, name)
    raise AttributeError(name)
