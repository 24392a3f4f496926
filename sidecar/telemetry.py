"""Telemetry: what happened, as log lines and counters. The one subscriber of the Observer port."""

import sys
from typing import Final

from loguru import logger
from opentelemetry import metrics

_LEVELS: Final = {
    "events.delivered": "DEBUG",
    "event.receipted": "DEBUG",
    "event.parked": "WARNING",
    "event.unknown": "WARNING",
    "event.unknown_after_restart": "WARNING",
    "event.resubmitted": "WARNING",
    "adapter.failed": "ERROR",
    "breaker.opened": "ERROR",
    "database.unavailable": "ERROR",
    "identity.not_remembered": "WARNING",
    "inbound.parked": "WARNING",
    "inbound.unknown": "WARNING",
    "changes.unreadable": "WARNING",
    "contract.changed": "WARNING",
    "probe.problems": "WARNING",
    "lease.lost": "WARNING",
    "lease.renewal_failed": "WARNING",
    "window.lines_parked": "WARNING",
    "window.parked": "WARNING",
    "window.unknown": "WARNING",
    "loop.failed": "ERROR",
    "loop.stopped": "ERROR",
    "job.failed": "ERROR",
    "order.acknowledged_again": "WARNING",
    "order.acknowledgement_refused": "ERROR",
    "projector.put_off": "DEBUG",
    "reconciliation.interrupted": "WARNING",
    "stock.not_as_written": "WARNING",
    "stock.unwatched": "WARNING",
}


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send log lines to standard error, as text or one JSON object each; variables' values are never shown."""
    logger.remove()
    text = "{time:YYYY-MM-DDTHH:mm:ss.SSS!UTC}Z {level: <7} {message} {extra}"
    logger.add(sys.stderr, level=level, serialize=as_json, format=text, backtrace=False, diagnose=False)


class Telemetry:
    """Logs each note under its own name and counts it."""

    def __init__(self) -> None:
        """Counters go to whatever OpenTelemetry exporter the process was given, or nowhere."""
        meter = metrics.get_meter("erp_sidecar")
        self._notes = meter.create_counter("erp_sidecar.notes", description="What the sidecar noted, by name")

    def note(self, event: str, **facts: object) -> None:
        """Take notice; facts become fields of the log line."""
        logger.bind(**facts).log(_LEVELS.get(event, "INFO"), event)
        attributes = {"event": event, "destination": str(facts.get("destination", ""))}
        self._notes.add(1, attributes)
