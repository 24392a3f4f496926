"""What of the product is measured: the relay to a destination of the kind webhook, and the feed to a batch sink."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from erp_adapters.registry import KINDS, AdapterConfiguration, build
from ops.embedded.programs import PROJECT
from sidecar.daemon import SystemClock
from sidecar.domain.events import DestinationName, EventType
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.relay import Relay
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.session import Session
from tests.benchmarks.apart import Parent
from tests.benchmarks.figures import NotMeasurableError

DESTINATION: Final = DestinationName("erp")
TERMS: Final = LeaseTerms(timedelta(hours=1))
"""Nobody else wants the lease of a relay that is turned by hand, and nobody renews it."""
NO_WEBHOOK: Final = "the product has no destination of the kind webhook yet"
NO_FEED: Final = "the product has no feed to batch sinks yet"


class Silent:
    """An observer that writes nothing down."""

    def note(self, event: str, **facts: object) -> None:
        """Hear it and forget it."""


def webhook_blueprint(erp_url: str, *, concurrency: int = 8) -> str:
    """A blueprint whose one destination gets each event's payload as it is."""
    if "webhook" not in KINDS:
        raise NotMeasurableError(NO_WEBHOOK)
    raise NotMeasurableError(f"{NO_WEBHOOK} {erp_url} {concurrency}")


def relay_of(url: str, erp_url: str) -> Relay:
    """A relay to a webhook, which its caller turns."""
    if "webhook" not in KINDS:
        raise NotMeasurableError(NO_WEBHOOK)
    session, clock, observer = Session(url), SystemClock(), Silent()
    policy = DestinationPolicy(DESTINATION, "bench", frozenset({EventType.ORDER_PLACED}), ())
    configuration = AdapterConfiguration("erp", "webhook", "", erp_url, Path())
    adapter = build(configuration, SecretStr("key-of-the-shop"), "bench")
    leadership = Leadership(LeaseStore(session.apart()), "relay", DESTINATION, "bench", TERMS, clock, observer)
    leadership.acquire()
    return Relay(
        policy,
        Names("bench"),
        adapter,
        Governor(clock, min(policy.concurrency, adapter.capabilities().max_concurrency)),
        OutboxStore(session),
        ReceiptStore(session),
        MagentoStore(session),
        leadership,
        clock,
        observer,
    )


def feed(parent: Parent, url: str, destination: str, events: int, *, receipt_per_event: bool) -> dict[str, Any]:
    """Drain the outbox of a schema to a tally; how many events, how long, and the most memory held."""
    del parent, url, destination, receipt_per_event, events
    require_feed()
    raise NotMeasurableError(NO_FEED)


def require_feed() -> None:
    """Raise NotMeasurableError where there is no feed to measure."""
    if not (PROJECT / "sidecar" / "engine" / "feed.py").is_file():
        raise NotMeasurableError(NO_FEED)
