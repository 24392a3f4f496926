"""`erp-sidecar inbound list|show|retry|skip|decide`: what ERPs did that Magento does not show; what people decide."""

import argparse

from sidecar.cli.decisions import add_reason, who_decides
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.errors import InboundError, SidecarError, Unfit
from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import Ask, Decision, InboundEntry, InboundState
from sidecar.mysql.inbound_decisions import OPEN
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install

_DONE = {
    Decision.REFUND: "is refunded",
    Decision.WAIT: "waits for the rest",
    Decision.IGNORE: "is ignored",
}


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser(
        "inbound", help="deliveries, invoices, credit memos and cancellations of ERPs on their way into Magento"
    ).add_subparsers(required=True, metavar="VERB")
    listing = verbs.add_parser("list", parents=[shared], help="documents that Magento does not show, parked ones first")
    listing.add_argument("--state", choices=[str(state) for state in InboundState], help="only these")
    listing.add_argument("--limit", type=positive, default=100)
    listing.set_defaults(command=_list)

    show = verbs.add_parser("show", parents=[shared], help="one document, and what Magento would be asked for")
    _add_document(show)
    show.set_defaults(command=_show)

    retry = verbs.add_parser("retry", parents=[shared], help="let a document go again; what may be there is looked for")
    _add_document(retry)
    retry.add_argument("--dry-run", action="store_true", help="only tell what Magento would be asked for")
    add_reason(retry)
    retry.set_defaults(command=_retry)

    skip = verbs.add_parser("skip", parents=[shared], help="put a document aside: Magento needs nothing of it")
    _add_document(skip)
    add_reason(skip)
    skip.set_defaults(command=_skip)

    decide = verbs.add_parser("decide", parents=[shared], help="say what becomes of quantities that the ERP lacks")
    _add_document(decide)
    decide.add_argument("decision", choices=[str(decision) for decision in _DONE])
    add_reason(decide)
    decide.set_defaults(command=_decide)


def _add_document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("document", type=positive, help="the document's number, as `inbound list` shows it")


def _list(options: argparse.Namespace, output: Output) -> int:
    states = OPEN if options.state is None else (options.state,)
    with install(options.settings, Telemetry()) as installation:
        entries = installation.inbound_decisions().listed(states, options.limit)
    rows = [_row(destination, entry) for destination, entry in entries]
    output.table("Documents of ERPs on their way", rows, empty="Magento shows everything that the ERPs did.")
    return 0


def _row(destination: DestinationName, entry: InboundEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "destination": destination,
        "kind": str(entry.document.kind),
        "number": entry.document.erp_number,
        "order_id": entry.entity_id,
        "state": str(entry.state),
        "attempts": entry.attempts,
        "reason": entry.reason,
        "fault": entry.fault,
        "what_to_do": entry.hint,
    }


def _show(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        destination, entry = installation.inbound_decisions().document(options.document)
        plan = _plan(installation, destination, entry)
    document = entry.document
    facts: dict[str, object] = {
        **_row(destination, entry),
        "order_ref": document.order_ref,
        "warehouse": document.warehouse,
        "currency": document.currency,
        "amounts": {name: str(amount) for name, amount in document.amounts.items()},
        "final": document.final,
        "taken_back": document.reversed,
        "magento_id": entry.magento_id,
        "decision": None if entry.decision is None else str(entry.decision),
        "lines": [
            {
                "item": line.line_ref,
                "sku": line.sku,
                "quantity": str(line.quantity),
                "received": str(line.received),
                "reason": line.reason,
            }
            for line in document.lines
        ],
        "tracks": [{"carrier": track.carrier, "number": track.number} for track in document.tracks],
        "plan": plan,
    }
    if output.as_json:
        output.say("", **facts)
        return 0
    lines, tracks = facts.pop("lines"), facts.pop("tracks")
    told = [{"what": name.replace("_", " "), "value": value} for name, value in facts.items() if value not in ("", {})]
    output.table(f"Inbound document {entry.id}", told, empty="")
    output.table("Lines", lines if isinstance(lines, list) else [], empty="It has no lines.")
    if isinstance(tracks, list) and tracks:
        output.table("Tracks", tracks, empty="")
    return 0


def _plan(installation: Installation, destination: DestinationName, entry: InboundEntry) -> str:
    """What Magento would be asked for now, as a sentence; or why it would not be."""
    if entry.state in (InboundState.DONE, InboundState.SKIPPED, InboundState.IGNORED):
        return "nothing"
    planner = installation.inbound_planner(destination)
    if planner is None:
        return f"nothing: the blueprint has no inbound for {destination} any more"
    try:
        return _in_words(planner.ask_for(entry))
    except Unfit as unfit:
        return f"nothing: {unfit}"
    except InboundError as other:
        return f"nothing now: {other}"
    except SidecarError as error:
        return f"unknown: {error} ({error.hint})"


def _in_words(ask: Ask) -> str:
    request = ask.request
    words = [f"{line.quantity.normalize():f} of item {line.item_id}" for line in request.lines]
    words += [f"back to stock: item {line.item_id}" for line in request.lines if line.back_to_stock]
    words += [f"track {track.number}" for track in request.tracks]
    words += [f"from source {request.source}"] if request.source else []
    words += ["the payment provider takes the money"] if request.capture else []
    words += ["the payment provider gives the money back"] if request.online else []
    words += [
        f"{name} {amount}"
        for name, amount in (
            ("shipping", request.shipping),
            ("adjustment", request.adjustment_positive),
            ("withheld", request.adjustment_negative),
        )
        if amount
    ]
    return f"{ask.service.replace('_', ' ')}: {', '.join(words) or 'the order'}"


def _retry(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        decisions = installation.inbound_decisions()
        if options.dry_run:
            plan = _plan(installation, *decisions.document(options.document))
            output.say(f"Magento would be asked for this: {plan}", document=options.document, plan=plan, done=False)
            return 0
        state = decisions.retry(options.document, who_decides(), options.reason)
    what = "is looked for in Magento first" if state is InboundState.UNKNOWN else "goes again"
    output.say(f"Document {options.document} {what}; {_recorded()}", document=options.document, done=True)
    return 0


def _skip(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        installation.inbound_decisions().skip(options.document, who_decides(), options.reason)
    output.say(f"Document {options.document} is put aside; {_recorded()}", document=options.document, done=True)
    return 0


def _decide(options: argparse.Namespace, output: Output) -> int:
    decision = Decision(options.decision)
    with install(options.settings, Telemetry()) as installation:
        installation.inbound_decisions().decide(options.document, decision, who_decides(), options.reason)
    words = f"Shortage {options.document} {_DONE[decision]}; {_recorded()}"
    output.say(words, document=options.document, decision=str(decision), done=True)
    return 0


def _recorded() -> str:
    return f"recorded as decided by {who_decides()}."
