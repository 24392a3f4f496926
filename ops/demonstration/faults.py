"""Which faults the sandbox ERP commits, drawn by seed: one of each kind at the least."""

import random
from collections.abc import Iterator, Mapping

Rule = Mapping[str, object]

AMBIGUOUS_AND_UNDONE = frozenset({"lose_request", "http_500_before_commit"})
"""Nothing was booked, and the caller cannot know. The sidecar sends an order once more after one of these, and leaves
it to a person after the second; so what is sent again is spared."""

ON_CREATE: tuple[Rule, ...] = (
    {"kind": "lose_response_after_commit"},
    {"kind": "lose_request", "references": "new"},
    {"kind": "http_500_before_commit", "references": "new"},
    {"kind": "http_500_after_commit"},
    {"kind": "http_503", "retryAfter": 1},
    {"kind": "http_429", "retryAfter": 1},
    {"kind": "reject", "code": "CREDIT_BLOCKED", "message": "The customer's credit limit is used up."},
    {"kind": "drop_line"},
    {"kind": "delay", "seconds": 1.5},
)
ON_CHANGE: tuple[Rule, ...] = (
    {"kind": "lose_response_after_commit"},
    {"kind": "http_503", "retryAfter": 1},
)
ON_STOCK: tuple[Rule, ...] = ({"kind": "lose_response_after_commit"},)

SILENT_HOUR: tuple[Rule, ...] = ({"operation": "order.change", "nth": 1, "kind": "drop_line"},)
"""The last act: an order that nobody touches again loses a line, and only a comparison can tell."""


def draw(seed: int) -> list[Rule]:
    """The plan of a round. Each rule meets another request among the first ones of its operation."""
    chance = random.Random(seed)  # noqa: S311 (a show that repeats itself)
    return [
        *_spread(chance, "order.create", ON_CREATE, 2, 34),
        *_spread(chance, "order.change", ON_CHANGE, 1, 25),
        *_spread(chance, "stock.post", ON_STOCK, 1, 5),
    ]


def _spread(chance: random.Random, operation: str, rules: tuple[Rule, ...], first: int, last: int) -> Iterator[Rule]:
    numbers = chance.sample(range(first, last + 1), len(rules))
    for rule, nth in zip(rules, numbers, strict=True):
        yield {"operation": operation, "nth": nth, **rule}
