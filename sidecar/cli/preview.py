"""`erp-sidecar mapping preview`: the request that an ERP would get, and which rules of the mapping made it so.

What it prints is an order with the customer's data in it. It goes to whoever asked, and into no log.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from sidecar.cli.decisions import known_destination
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.delivery import Result
from sidecar.domain.documents import PreviewedRequest
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.previewed import FiredRule, Told
from sidecar.telemetry import Telemetry
from sidecar.wiring import Previews, install


def register(verbs: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verb to the noun `mapping`."""
    parser = verbs.add_parser("preview", parents=[shared], help="the request that would be sent; sends nothing")
    parser.add_argument("order", nargs="?", help="its number in Magento, or its entity id; not needed with --event")
    parser.add_argument("--destination", help="only this ERP; left out: every one")
    parser.add_argument("--event", type=positive, help="this event; left out: the latest one of the order")
    parser.add_argument("--store", type=int, help="the store view, where several have an order of this number")
    parser.add_argument("--blueprint", type=Path, metavar="FILE", help="try this one, in the place of the one in force")
    parser.set_defaults(command=_preview)


def _preview(options: argparse.Namespace, output: Output) -> int:
    if options.order is None and options.event is None:
        message = "an order or an event has to be named"
        raise NotPossible(message, hint="erp-sidecar mapping preview 000000042, or --event with an event's id")
    with install(options.settings, Telemetry(), options.blueprint) as installation:
        known, previews = list(installation.blueprint.destinations), Previews(installation)
        fed = [name for name in known if not installation.blueprint.takes_batches(name)]
        asked = fed if options.destination is None else [known_destination(options.destination, known)]
        order = None if options.order is None else previews.order(options.order, options.store)
        event = None if options.event is None else OutboxId(options.event)
        told = {name: previews.told(name, order, event) for name in asked}
        fired = {name: previews.fired(name, one.document) for name, one in told.items()}
        version = installation.blueprint.version_id
    if output.as_json:
        output.table("", [_as_json(name, one, fired[name], version) for name, one in told.items()], empty="")
    else:
        for name, one in told.items():
            _print(output, name, one, fired[name], version)
    return 1 if any(one.preview.refusal is not None for one in told.values()) else 0


def _print(output: Output, name: DestinationName, told: Told, fired: Sequence[FiredRule], version: str) -> None:
    preview, event = told.preview, told.event
    of = f"event {event.id} ({event.type})" if event.id else "the order as it is now"
    output.say(f"{name}, of {of}: {told.ref.kind} {told.ref.external_ref}, by blueprint {version}")
    for request in preview.requests:
        output.text(f"\n{request.method} {request.address}")
        output.text("".join(f"{header}: {value}\n" for header, value in request.headers.items()))
        output.text(_readable(request))
    output.text("")
    if preview.refusal is not None:
        output.say(f"Nothing{' more' if preview.requests else ''} would be sent: {preview.refusal.words()}")
        output.say(f"  then: {preview.refusal.hint}")
    rows = [{"entry": rule.entry, "value": rule.value, "said_by": rule.layer} for rule in fired]
    output.table("Not as for every order", rows, empty="The general rules alone hold for it.")
    for note in (*told.notes, *preview.notes):
        output.say(f"Note: {note}.")


def _readable(request: PreviewedRequest) -> str:
    """JSON on several lines and with its letters; anything else as it is."""
    try:
        return json.dumps(json.loads(request.body), indent=2, ensure_ascii=False)
    except ValueError:
        return request.body


def _as_json(name: DestinationName, told: Told, fired: Sequence[FiredRule], version: str) -> dict[str, object]:
    return {
        "destination": name,
        "blueprint": version,
        "event": told.event.id or None,
        "type": told.event.type,
        "kind": told.ref.kind,
        "reference": told.ref.external_ref,
        "idempotency_key": told.ref.idempotency_key,
        "requests": [
            {"method": one.method, "address": one.address, "headers": dict(one.headers), "body": one.body}
            for one in told.preview.requests
        ],
        "refusal": _refusal(told.preview.refusal),
        "rules": [rule._asdict() for rule in fired],
        "notes": [*told.notes, *told.preview.notes],
    }


def _refusal(result: Result | None) -> dict[str, object] | None:
    if result is None:
        return None
    missing = [entry.key for entry in result.missing]
    return {"outcome": result.outcome, "words": result.words(), "hint": result.hint, "missing": missing}
