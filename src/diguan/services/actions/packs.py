"""What the packs tell, taken into the library: each matter and each life event in a command of its own, so that a kill leaves each done or untouched."""

from __future__ import annotations

from diguan.kernel.access.models import Person
from diguan.services import queries
from diguan.services.actions import adopt_matter
from diguan.services.actions.life_events import publish_life_event
from diguan.services.queries import life_events


def adopt(*, by: Person) -> int:
    """Everything the library does not say as the packs do: matters first, then the life events that name them; answers how many."""
    keys = queries.pending()
    for key in keys:
        adopt_matter(key=key, by=by)
    events = life_events.pending()
    for event in events:
        publish_life_event(text=event.text, origin=f"life_events/{event.id}.yaml", by=by)
    return len(keys) + len(events)
