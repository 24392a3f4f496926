"""Figures: what was measured, against what, and whether the target is met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Literal


class NotMeasurableError(Exception):
    """A figure cannot be measured on this machine; the message says why, and what would help."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a comparison did in one run."""

    events: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time of that side's own process, per event."""
        return self.cpu_seconds / self.events * 1e6

    def shown(self) -> dict[str, float]:
        """The same, for JSON."""
        return {
            "events": self.events,
            "events_per_s": round(self.rate, 1),
            "cpu_us_per_event": round(self.cpu_us, 1),
        }


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be."""

    sign: Literal["<", "<=", ">="]
    bound: float

    def met_by(self, value: float) -> bool:
        """Whether the value is on the right side of the bound."""
        match self.sign:
            case "<":
                return value < self.bound
            case "<=":
                return value <= self.bound
            case ">=":
                return value >= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


TARGETS: Final[dict[str, Target | None]] = {
    "relay_http_ratio": Target(">=", 0.8),
    "mapping_us": None,
    "adapter_rest_ratio": Target(">=", 0.8),
    "adapter_odoo_ratio": Target(">=", 0.8),
    "adapter_soap_ratio": Target(">=", 0.8),
    "find_calls_per_50": Target("<=", 1),
    "drain_ratio": Target(">=", 0.15),
    "debezium_drain_ratio": Target(">=", 2),
    "receipt_ratio": Target(">=", 0.6),
    "rss_ratio": Target("<=", 1.1),
    "rss_mb": Target("<", 200),
    "p50_ms": Target("<", 5),
    "p99_ms": Target("<", 20),
    "debezium_p50_ms": None,
    "debezium_p99_ms": None,
    "transactions_per_event": Target("<=", 0.5),
    "transactions_per_event_drain": Target("<=", 0.01),
    "handler_reads_per_event": Target("<=", 4),
    "handler_reads_per_event_drain": Target("<=", 4),
    "held_snapshot_ratio": Target("<=", 1.2),
    "idle_statements_per_s": Target("<=", 20),
    "restart_with_followers": Target("<=", 1.2),
    "producer_overhead_ms": Target("<", 1),
    "producer_overhead_10_lines_ms": Target("<", 1),
    "producer_overhead_120_lines_ms": Target("<", 3),
    "payload_us_per_line": None,
    "concurrency_ratio": Target(">=", 0.9),
    "stock_fold_per_s": Target(">=", 50_000),
    "stock_fold_linear_ratio": Target("<=", 1.1),
    "stock_fold_rss_mb": Target("<", 150),
    "projector_orders_per_s": Target(">=", 500),
    "projector_lock_p99_ms": Target("<", 50),
}
"""Every figure by its name, in the order in which they are shown; some are there to compare with and have no target."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run; `ours` and `theirs` are the sides of the pair that stands in the middle."""

    name: str
    value: float
    ours: Side | None = None
    theirs: Side | None = None
    says: str = ""

    @property
    def target(self) -> Target | None:
        """What it should be."""
        return TARGETS[self.name]

    @property
    def is_met(self) -> bool | None:
        """Whether it is; None where there is no target."""
        return None if self.target is None else self.target.met_by(self.value)

    def shown(self) -> dict[str, Any]:
        """The same, for JSON."""
        sides = {"ours": self.ours, "theirs": self.theirs}
        return {
            "value": round(self.value, 4),
            "target": None if self.target is None else str(self.target),
            "met": self.is_met,
            **{name: side.shown() for name, side in sides.items() if side is not None},
            "says": self.says,
        }


def ratio(name: str, pairs: Sequence[tuple[Side, Side]], says: str = "") -> Figure:
    """The median of ours / theirs over pairs that were run one after the other, each with both sides."""
    ordered = sorted(pairs, key=lambda pair: pair[0].rate / pair[1].rate)
    ours, theirs = ordered[(len(ordered) - 1) // 2]
    value = median(ours.rate / theirs.rate for ours, theirs in pairs)
    return Figure(name, value, ours, theirs, says)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed."""
    ordered = sorted(values)
    if not ordered:
        raise NotMeasurableError("nothing arrived, so there is nothing to time")
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]
