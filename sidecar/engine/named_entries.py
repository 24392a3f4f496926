"""Named entries: what waited for an entry of the mapping goes, once the blueprint that is in force names it.

This happens when a relay begins, so under its lease and with the blueprint that it works by. Whoever names an entry
restarts the service; nothing else has to be typed.
"""

from collections.abc import Callable
from typing import Final

from sidecar.domain.events import DestinationName
from sidecar.ports import MissingEntries, Observer

MOST_ENTRIES: Final = 100_000


def release_what_is_named(
    store: MissingEntries,
    destination: DestinationName,
    stores_of: Callable[[str], frozenset[int] | None],
    version: str,
    observer: Observer,
) -> None:
    """Let go what waited for entries that are there now.

    `stores_of` says for whose events an entry is: none named, for all; None: it is not there. `version` is the
    blueprint's, which is recorded as who did it.
    """
    for entry in store.awaited([destination], MOST_ENTRIES):
        stores = stores_of(entry.key)
        if stores is None:
            continue
        events = store.release(destination, entry.key, stores, f"blueprint {version}", f"it names {entry.key}")
        if events:
            observer.note("mapping.released", destination=destination, entry=entry.key, events=events)
