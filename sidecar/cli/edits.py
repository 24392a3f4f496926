"""`erp-sidecar event show|edit|confirm`: one event in full, another payload in its place, a document tied by hand."""

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sidecar.cli.decisions import add_reason, known_destination, who_decides
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.delivery import ErpId, NamedDocument
from sidecar.domain.edits import Edited, edit, with_values
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import Event, OutboxId
from sidecar.domain.hydration import BY_THE_SIDECAR
from sidecar.domain.overview import EventRecord
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_events import stock_event_of
from sidecar.domain.stock_lineage import Whereabouts, whereabouts
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install

LARGEST_PAYLOAD: Final = 16 * 1024 * 1024
LONGEST_NUMBER: Final = 128


def register(verbs: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verbs to the noun `event`."""
    show = verbs.add_parser("show", parents=[shared], help="one event and all that became of it")
    show.add_argument("event", type=positive, help="the event's id, as `event list` shows it")
    show.add_argument("--payload", action="store_true", help="also what it says: personal data of a customer")
    show.set_defaults(command=_show)

    editing = verbs.add_parser("edit", parents=[shared], help="send a parked or paused head with another payload")
    _add_event(editing)
    what = editing.add_mutually_exclusive_group(required=True)
    what.add_argument("--payload", type=Path, metavar="FILE", help="the whole payload, as JSON")
    what.add_argument("--set", action="append", type=_assignment, metavar="PATH=VALUE", help="order.customer_note=...")
    editing.add_argument("--apply", action="store_true", help="do it; without this only the differences are shown")
    add_reason(editing)
    editing.set_defaults(command=_edit)

    confirm = verbs.add_parser("confirm", parents=[shared], help="say which document of the ERP an event has become")
    _add_event(confirm)
    confirm.add_argument("--number", required=True, type=_name, help="the document's number, as people see it")
    confirm.add_argument("--erp-id", type=_name, help="the ERP's own key, where that is not the number")
    add_reason(confirm)
    confirm.set_defaults(command=_confirm)


def _add_event(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("destination")
    parser.add_argument("event", type=positive, help="the event's id, as `event list` shows it")


def _show(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        destinations = list(installation.blueprint.destinations)
        record = installation.operations().event(OutboxId(options.event), destinations)
        stock = _in_stock(installation, record)
    if output.as_json:
        output.say("", **(_as_json(record, with_payload=options.payload) | stock))
        return 0
    event = record.event
    output.say(f"Event {event.id}: {event.type}, version {event.schema_version}, lane {event.lane}, by {record.origin}")
    output.say(f"Written {_instant(event.occurred_at_us)}, event id {event.event_id}")
    facts = _as_json(record, with_payload=False)
    output.table("Where it stands", facts["standings"], empty="No destination has it apart: it is plain, or to come.")
    if stock:
        output.table("In stock windows", stock["stock"], empty="No destination takes stock changes.")
    if facts["edits"]:
        output.table("Edits", facts["edits"], empty="")
    if facts["actions"]:
        output.table("What people did", facts["actions"], empty="")
    if options.payload:
        for title, payload in _payloads(record).items():
            output.say(f"{title}:")
            output.text(_pretty(payload))
    return 0


def _in_stock(installation: Installation, record: EventRecord) -> dict[str, list[dict[str, object]]]:
    """Of a stock event: in which window and line it lies for each destination that takes such, or why in none."""
    if not record.event.is_stock:
        return {}
    blueprint = installation.blueprint
    names = [name for name in blueprint.destinations if blueprint.policy(name).stock is not None]
    found = [_where_is(installation, blueprint.policy(name), record) for name in names]
    return {
        "stock": [
            {
                "destination": one.destination,
                "fate": str(one.fate),
                "warehouse": None if one.line is None else one.line.warehouse,
                "sequence": None if one.line is None else one.line.sequence,
                "line": None if one.line is None else one.line.line,
                "why": one.why,
            }
            for one in found
        ]
    }


def _where_is(installation: Installation, policy: DestinationPolicy, record: EventRecord) -> Whereabouts:
    """What became of a stock event at one destination, in the words that an edit gave it there."""
    edited = [edit.payload for edit in record.edits if edit.destination == policy.name]
    payload = edited[-1] if edited else record.payload
    event, sku = record.event, stock_event_of(record.event, payload).sku
    around = installation.stock_insights().surroundings(policy.name, [event.id], [sku], OutboxId(event.id - 1))
    return whereabouts(policy, around, event, payload)


def _as_json(record: EventRecord, *, with_payload: bool) -> dict[str, list[dict[str, object]]]:
    event = record.event
    facts: dict[str, object] = {
        "event": event.id,
        "event_id": event.event_id,
        "type": event.type,
        "schema_version": event.schema_version,
        "lane": event.lane,
        "origin": record.origin,
        "occurred_at": _instant(event.occurred_at_us),
        "standings": [
            {
                "destination": one.destination,
                "state": one.state,
                "erp_number": one.erp_number,
                "attempts": one.attempts,
                "reason": one.reason,
            }
            for one in record.standings
        ],
        "edits": [
            {
                "destination": one.destination,
                "edited_at": one.edited_at,
                "edited_by": one.edited_by,
                "sha256_before": one.sha256_before,
                "sha256_after": one.sha256_after,
            }
            for one in record.edits
        ],
        "actions": [
            {
                "destination": one.destination,
                "acted_at": one.acted_at,
                "actor": one.actor,
                "action": one.action,
                "reason": one.reason,
                "detail": one.detail,
            }
            for one in record.actions
        ],
    }
    if with_payload:
        facts["payloads"] = _payloads(record)
    return facts  # type: ignore[return-value]


def _payloads(record: EventRecord) -> dict[str, str]:
    edited = {
        f"As the sidecar built it for {one.destination}, from Magento's tables"
        if one.edited_by == BY_THE_SIDECAR
        else f"As edited for {one.destination}": one.payload
        for one in record.edits
    }
    return {"As Magento wrote it": record.payload, **edited}


def _edit(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        destination = known_destination(options.destination, list(installation.blueprint.destinations))
        edited = installation.operations().edit_event(
            destination,
            OutboxId(options.event),
            _change(options),
            actor,
            options.reason,
            dry_run=not options.apply,
        )
    rows = [{"field": one.path, "before": one.before, "after": one.after} for one in edited.changes]
    if output.as_json:
        output.say("", event=options.event, changes=rows, done=options.apply)
        return 0
    output.table(f"Event {options.event} at {destination}", rows, empty="")
    if options.apply:
        output.say(f"Event {options.event} goes out as edited; recorded as decided by {actor}.")
    else:
        output.say("Nothing was changed. The same command with --apply does it.")
    return 0


def _change(options: argparse.Namespace) -> Callable[[Event, str], Edited]:
    if options.payload is not None:
        wanted = _read(options.payload)
        return lambda event, now: edit(event, now, wanted)
    return lambda event, now: edit(event, now, with_values(now, options.set))


def _confirm(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    named = NamedDocument(ErpId(options.erp_id or options.number), options.number)
    with install(options.settings, Telemetry()) as installation:
        destination = known_destination(options.destination, list(installation.blueprint.destinations))
        installation.operations().confirm_event(destination, OutboxId(options.event), named, actor, options.reason)
    output.say(
        f"Event {options.event} is {options.number} in the ERP; the relay looks at it and receipts it. "
        f"Recorded as decided by {actor}.",
        event=options.event,
        number=options.number,
        done=True,
    )
    return 0


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_PAYLOAD + 1)
        if len(raw) <= LARGEST_PAYLOAD:
            return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
        raise NotPossible(message, hint="name a file that holds one JSON object") from error
    message = f"{path.name} is longer than {LARGEST_PAYLOAD} bytes"
    raise NotPossible(message, hint="name a file that holds one JSON object")


def _pretty(payload: str) -> str:
    try:
        return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    except ValueError:
        return payload


def _instant(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).isoformat()


def _assignment(text: str) -> tuple[str, str]:
    path, sign, value = text.partition("=")
    if sign and path:
        return path, value
    message = f"{text!r} is not PATH=VALUE"
    raise argparse.ArgumentTypeError(message)


def _name(text: str) -> str:
    if text.strip() and text.isprintable() and len(text) <= LONGEST_NUMBER:
        return text.strip()
    message = f"a number has 1 to {LONGEST_NUMBER} printable characters"
    raise argparse.ArgumentTypeError(message)
