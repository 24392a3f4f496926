"""What of the product is measured: its blueprint for single events, and the feed of batches to a callback."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sidecar.daemon import SystemClock
from sidecar.domain.delivery import Outcome, Result
from sidecar.domain.documents import Health
from sidecar.domain.events import DestinationName, Event, EventType
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.policy import BatchPolicy, DestinationPolicy
from sidecar.engine.feed import Feed
from sidecar.engine.leadership import Leadership
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.session import Session
from tests.benchmarks.apart import Parent, Spent, peak_rss_mb
from tests.benchmarks.sinks import Tally

INSTANCE: Final = "bench"
TERMS: Final = LeaseTerms(timedelta(hours=1))
"""Nobody else wants the lease of a relay that is turned by hand, and nobody renews it."""
TAKES: Final = frozenset({EventType.ORDER_PLACED})
_TEAMS: Final = {"engineering": "e", "operations": "o", "finance": "f", "erp": "x"}


class Silent:
    """An observer that writes nothing down."""

    def note(self, event: str, **facts: object) -> None:
        """Hear it and forget it."""


class Callback:
    """A batch sink in the process: hands the payloads to the same tally that Debezium's callback has."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def accept(self, events: Sequence[Event], deadline: float) -> Result:
        """Take all of it."""
        del deadline
        self._tally.take([event.payload or "" for event in events])
        return Result(Outcome.CONFIRMED)

    def probe(self) -> Health:
        """It is there."""
        return Health(reachable=True)

    def close(self) -> None:
        """Nothing is open."""


def single_events(erp_url: str, *, concurrency: int = 8) -> str:
    """A blueprint whose one destination gets each event's payload as it is, one a request; YAML in JSON's dress."""
    orders = {
        "creator": "magento",
        "modifiers": ["magento"],
        "authority": "magento",
        "direction": "magento_to_erp",
        "conflict_rule": "authority_wins",
        "risk_class": "low",
        "owners": _TEAMS,
        "escalation": "nobody",
    }
    destination = {
        "kind": "cloudevents",
        "base_url": erp_url,
        "takes": [kind.value for kind in TAKES],
        "concurrency": concurrency,
    }
    return json.dumps(
        {
            "version": "bench",
            "instance": INSTANCE,
            "destinations": {"erp": destination},
            "domains": {"orders": orders},
        }
    )


def feed(parent: Parent, url: str, destination: str, events: int, *, receipt_per_event: bool) -> dict[str, Any]:
    """Drain the outbox of a schema, or so many events of it, to a tally; the time counts from a loaded feed on."""
    del parent
    session, name, tally = Session(url), DestinationName(destination), Tally()
    policy = DestinationPolicy(name, "bench", TAKES, (), batching=BatchPolicy(receipts=_receipts(receipt_per_event)))
    outbox, receipts = OutboxStore(session), ReceiptStore(session)
    drained = Feed(policy, Callback(tally), outbox, receipts, lead(session, name), SystemClock(), Silent())
    spent = Spent()
    while drained.turn() and (not events or tally.events < events):
        drained.rest(0.0)
    drained.finish(timedelta())
    figures = spent.so_far()
    return {**figures, "events": tally.events, "rss_mb": peak_rss_mb()}


def _receipts(per_event: bool) -> Any:  # noqa: ANN401, FBT001 -- one of the two words that the policy knows
    return "each" if per_event else "ranges"


def lead(session: Session, destination: DestinationName, role: str = "relay") -> Leadership:
    """A lease of a destination, for the whole measurement."""
    leases = LeaseStore(session.apart())
    leadership = Leadership(leases, role, destination, "bench", TERMS, SystemClock(), Silent())
    leadership.acquire()
    return leadership
