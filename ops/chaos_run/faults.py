"""What goes wrong at the ERPs. Chances are drawn by each ERP's own seed.

An ERP that can be searched may lose anything, once: what is sent again is spared, for a person is asked after the
second loss. At one that cannot be searched every loss ends at a person, so losses are rare there.
"""

from collections.abc import Iterator, Mapping

Rule = Mapping[str, object]

CHANGES = ("order.create", "order.change", "order.cancel")
LOOK_UPS = ("order.find", "order.read", "stock.find")

OPEN = frozenset({"lose_response_after_commit", "lose_request", "http_500_before_commit", "http_500_after_commit"})
"""The faults after which the caller cannot know what became of its request."""

LOST: tuple[tuple[str, float, str], ...] = (
    ("lose_response_after_commit", 0.012, "any"),
    ("lose_request", 0.006, "new"),
    ("http_500_before_commit", 0.003, "new"),
    ("http_500_after_commit", 0.006, "any"),
)
RARELY_LOST: tuple[tuple[str, float, str], ...] = (
    ("lose_response_after_commit", 0.0006, "any"),
    ("lose_request", 0.0006, "any"),
    ("http_500_after_commit", 0.0003, "any"),
)
CLOSED: tuple[str, ...] = ("http_503", "http_429")
CLOSED_CHANCE = 0.003
LATER_CHANCE = 0.02
LATER = 0.8
"""Some orders are accepted, and worked on so many seconds later: within what the profile calls longest_processing."""

COUNTED_CHANCE = 0.1
"""Of a movement's lines every second one is refused: its item is being counted. A person sends it again later."""

SLOW_CHANCE = 0.004
SLOW = 0.4
SLOWER_THAN_THE_DEADLINE = 2.0


def plan(name: str) -> list[Rule]:
    """The faults of one ERP, by its name."""
    return list(_searchable() if name in ("keyed", "exact") else _unsearchable())


def _searchable() -> Iterator[Rule]:
    for operation in (*CHANGES, "stock.post"):
        for kind, chance, references in LOST:
            yield {"operation": operation, "kind": kind, "probability": chance, "references": references}
        yield {
            "operation": operation,
            "kind": "delay",
            "probability": SLOW_CHANCE / 2,
            "seconds": SLOWER_THAN_THE_DEADLINE,
            "references": "new",
        }
    for operation in CHANGES:
        yield {"operation": operation, "kind": "accept_later", "probability": LATER_CHANCE, "seconds": LATER}
    yield {"operation": "stock.post", "kind": "partial_batch", "nth": 2}
    yield {"operation": "stock.post", "kind": "partial_batch", "probability": COUNTED_CHANCE}
    for operation in LOOK_UPS:
        yield {"operation": operation, "kind": "http_503", "probability": 0.02, "retryAfter": 1}
        yield {"operation": operation, "kind": "lose_request", "probability": 0.02}
    yield from _closed_and_slow()


def _unsearchable() -> Iterator[Rule]:
    for operation in CHANGES:
        for kind, chance, references in RARELY_LOST:
            yield {"operation": operation, "kind": kind, "probability": chance, "references": references}
    yield from _closed_and_slow()


def _closed_and_slow() -> Iterator[Rule]:
    for operation in (*CHANGES, "stock.post"):
        for kind in CLOSED:
            yield {"operation": operation, "kind": kind, "probability": CLOSED_CHANCE, "retryAfter": 1}
        yield {"operation": operation, "kind": "delay", "probability": SLOW_CHANCE, "seconds": SLOW, "when": "after"}
