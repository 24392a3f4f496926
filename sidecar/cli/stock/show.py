"""`erp-sidecar stock show`: one window, its lines, and the changes that each is made of."""

import argparse
from collections.abc import Mapping, Sequence

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.money import text_of
from sidecar.domain.stock_events import StockEvent, stock_event_of
from sidecar.domain.stock_lineage import PlacedLine, ShownWindow
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install


def register(verbs: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verb to the noun `stock`."""
    parser = verbs.add_parser("show", parents=[shared], help="one window, and what its lines are made of")
    parser.add_argument("destination")
    parser.add_argument("warehouse", help="the ERP's warehouse")
    parser.add_argument("sequence", type=positive, help="the window's number")
    parser.add_argument("--events", action="store_true", help="also each change: reason, cause, quantity, time")
    parser.set_defaults(command=_show)


def _show(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        destination = DestinationName(options.destination)
        window = installation.stock_insights().window(destination, options.warehouse, options.sequence)
        if window is None:
            message = f"{options.destination} has no window {options.sequence} of warehouse {options.warehouse}"
            raise NotPossible(message, hint="erp-sidecar window list, or erp-sidecar stock windows")
        events = _events(installation, destination, window) if options.events else {}
    changes = [_change(line, outbox_id, events.get(outbox_id)) for line in window.lines for outbox_id in _ids(line)]
    if output.as_json:
        told = {**_facts(window), "lines": [{**_line(line), "members": line.members} for line in window.lines]}
        output.say("", **(told | {"events": changes} if options.events else told))
        return 0
    output.say(_sentence(window))
    output.table("Lines", [_line(line) for line in window.lines], empty="It has no line.")
    if options.events:
        output.table("Changes", changes, empty="No line tells of which changes it is made: it is older than that.")
    return 0


def _events(
    installation: Installation, destination: DestinationName, window: ShownWindow
) -> Mapping[OutboxId, StockEvent]:
    """The changes that the outbox still has, as they were for this destination: with what people made of them."""
    outbox = installation.outbox()
    ids = sorted({outbox_id for line in window.lines for outbox_id in _ids(line)})
    payloads = {**outbox.read_payloads(ids), **outbox.read_edits(destination, ids)}
    return {event.id: stock_event_of(event, payloads[event.id]) for event in outbox.read_events(ids)}


def _ids(line: PlacedLine) -> Sequence[OutboxId]:
    return line.members or ()


def _facts(window: ShownWindow) -> dict[str, object]:
    return {
        "destination": window.destination,
        "warehouse": window.warehouse,
        "sequence": window.sequence,
        "kind": str(window.kind),
        "state": str(window.state),
        "frozen_at": window.frozen_at.isoformat(),
        "settled_at": None if window.settled_at is None else window.settled_at.isoformat(),
        "blueprint_version": window.blueprint_version,
        "calls": window.calls,
        "erp_number": window.erp_number or None,
        "fault": window.fault,
        "what_to_do": window.hint,
    }


def _sentence(window: ShownWindow) -> str:
    number = f" as {window.erp_number}" if window.erp_number else ""
    calls = "1 call" if window.calls == 1 else f"{window.calls} calls"
    name = f"Window {window.sequence} of warehouse {window.warehouse} at {window.destination} ({window.kind})"
    lines = [
        f"{name}: {window.state}{number}, {calls}",
        f"Frozen {window.frozen_at.isoformat()} by blueprint {window.blueprint_version}",
        *(words for words in (window.fault, window.hint) if words),
    ]
    return "\n".join(lines)


def _line(line: PlacedLine) -> dict[str, object]:
    return {
        "line": line.line,
        "sku": line.sku,
        "quantity": text_of(line.quantity),
        "changes": line.deltas,
        "state": str(line.state),
        "carried_to": line.carried_to,
        "fault": line.fault,
    }


def _change(line: PlacedLine, outbox_id: OutboxId, event: StockEvent | None) -> dict[str, object]:
    told = {"line": line.line, "sku": line.sku, "event": outbox_id}
    if event is None:
        return {**told, "quantity": None, "where": "", "reason": "purged", "cause": "", "occurred_at": None}
    return {
        **told,
        "quantity": text_of(event.quantity),
        "where": event.where,
        "reason": event.problem or event.reason,
        "cause": f"{event.cause} {event.document}".strip(),
        "occurred_at": event.occurred_at.isoformat(),
    }
