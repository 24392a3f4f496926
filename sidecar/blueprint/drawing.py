"""A lifecycle map drawn for the people who agree on it: as a Mermaid state diagram, or as data.

States are the ERP's statuses; what Magento shows stands in their notes. An order that the ERP refuses was never in
one of them: it stands in a state of its own until somebody resolves it or cancels it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sidecar.domain.lifecycle import ErpStatus, Lifecycle

REFUSED: Final = "_refused"
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_WORDS_OF_MERMAID: Final = frozenset(
    {"as", "class", "classdef", "click", "default", "direction", "end", "href", "note", "scale", "state", "style"}
)


def mermaid(lifecycle: Lifecycle) -> str:
    """The map as a stateDiagram-v2, a line for each step."""
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _lines(lifecycle, _ids(lifecycle)))]) + "\n"


def as_data(lifecycle: Lifecycle) -> dict[str, object]:
    """The same, for programs."""
    rejection = lifecycle.rejection
    return {
        "first": list(lifecycle.first),
        "statuses": {name: _status_as_data(status) for name, status in lifecycle.statuses.items()},
        "rejection": {
            "shows": dict(rejection.shows),
            "visible_to_shopper": rejection.visible_to_shopper,
            "prefix": rejection.prefix,
        },
    }


def _status_as_data(status: ErpStatus) -> dict[str, object]:
    return {
        "means": None if status.meaning is None else str(status.meaning),
        "shows": dict(status.shows),
        "next": list(status.next),
        "holds": status.holds,
        "irreversible": status.irreversible,
        "ends": status.ends,
    }


def _lines(lifecycle: Lifecycle, ids: Mapping[str, str]) -> Iterator[str]:
    for name, called in ids.items():
        if called != name:
            yield f'state "{_escaped(name)}" as {called}'
    yield f'state "refused by the ERP" as {REFUSED}'
    yield from (f"[*] --> {ids[name]}" for name in lifecycle.first)
    for name, status in lifecycle.statuses.items():
        yield from (f"{ids[name]} --> {ids[follower]}" for follower in status.next)
        if status.ends:
            yield f"{ids[name]} --> [*]"
    yield f"[*] --> {REFUSED}"
    yield from (f"{REFUSED} --> {ids[name]}" for name in lifecycle.first)
    yield f"{REFUSED} --> [*]"
    for name, status in lifecycle.statuses.items():
        yield from _note(ids[name], [*_words(status), *_shown(status.shows)])
    yield from _note(REFUSED, _shown(lifecycle.rejection.shows))


def _words(status: ErpStatus) -> Iterator[str]:
    if status.meaning is not None:
        yield str(status.meaning).replace("_", " ")
    if status.irreversible:
        yield "irreversible"
    if status.holds:
        yield "on hold in Magento"


def _shown(shows: Mapping[str, str]) -> Iterator[str]:
    return (f"{state}: {_escaped(code)}" for state, code in shows.items())


def _note(called: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    inside = [f"    {line}" for line in lines]
    if inside:
        yield from (f"note right of {called}", *inside, "end note")


def _ids(lifecycle: Lifecycle) -> dict[str, str]:
    """What each status is called in the diagram: itself, where Mermaid can read it."""
    ids = {}
    for number, name in enumerate(lifecycle.statuses, start=1):
        is_plain = _PLAIN.fullmatch(name) is not None and name.lower() not in _WORDS_OF_MERMAID
        ids[name] = name if is_plain else f"_{number}"
    return ids


def _escaped(text: str) -> str:
    return text.replace("#", "#35;").replace("%", "#37;").replace('"', "#quot;")
