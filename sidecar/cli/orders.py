"""`erp-sidecar order waiting|rejected|duplicates|release`: orders that do not go, and why; and letting one go."""

import argparse
from datetime import timedelta

from sidecar.cli.decisions import add_reason, known_destination, who_decides
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.domain.overview import WaitingOrder
from sidecar.domain.release import QUARANTINED, REPLACING, deadline_in
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("order", help="orders that wait for their release, or for a person").add_subparsers(
        required=True, metavar="VERB"
    )
    waiting = verbs.add_parser("waiting", parents=[shared], help="orders that wait, the oldest first")
    waiting.add_argument("--limit", type=positive, default=100)
    waiting.set_defaults(command=_waiting)
    rejected = verbs.add_parser("rejected", parents=[shared], help="orders that the ERP refuses, with its words")
    rejected.add_argument("--limit", type=positive, default=100)
    rejected.set_defaults(command=_rejected)
    duplicates = verbs.add_parser("duplicates", parents=[shared], help="orders that look like one purchase made twice")
    duplicates.add_argument("--limit", type=positive, default=100)
    duplicates.set_defaults(command=_duplicates)
    release = verbs.add_parser("release", parents=[shared], help="let an order go that waits for another one's sake")
    release.add_argument("number", help="the order's number in Magento")
    release.add_argument("--destination", help="only there; left out: wherever it is held")
    add_reason(release)
    release.set_defaults(command=_release)


def _waiting(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        orders = installation.insights().waiting_orders(options.limit)
        rows = [_row(order, _deadline(installation, order), as_json=output.as_json) for order in orders]
    output.table("Orders that wait for their release", rows, empty="No order waits for its release.")
    return 0


def _deadline(installation: Installation, order: WaitingOrder) -> timedelta | None:
    if order.destination not in installation.blueprint.destinations:
        return None
    policy = installation.blueprint.policy(order.destination)
    if order.reason.startswith(REPLACING):
        return policy.quarantine.deadline - order.facts.age
    return None if order.reason.startswith(QUARANTINED) else deadline_in(policy.release, order.facts)


def _row(order: WaitingOrder, deadline: timedelta | None, *, as_json: bool) -> dict[str, object]:
    facts = order.facts
    row: dict[str, object] = {
        "destination": order.destination,
        "order": order.increment_id,
        "event": order.event,
        "state": facts.state,
        "status": facts.status,
        "payment": facts.payment_method,
        "to_pay": str(facts.to_pay),
        "authorized": str(facts.authorized),
        "paid": str(facts.paid),
        "reason": order.reason,
    }
    if as_json:
        left = None if deadline is None else round(deadline.total_seconds())
        return {**row, "age_s": round(facts.age.total_seconds()), "deadline_in_s": left}
    return {**row, "age": in_words(facts.age), "deadline_in": "none" if deadline is None else in_words(deadline)}


def _rejected(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        destinations = list(installation.blueprint.destinations)
        orders = installation.operations().rejected_orders(destinations, options.limit)
    rows = [
        {
            "destination": order.destination,
            "order": order.increment_id,
            "event": order.event,
            "state": order.state,
            "status": order.status,
            **({"age_s": round(order.age.total_seconds())} if output.as_json else {"age": in_words(order.age)}),
            "reason": order.reason,
            "words": order.words,
            "what_to_do": order.hint,
            **({"shown_in_magento": order.is_shown} if output.as_json else {}),
            "then": f'erp-sidecar event retry {order.destination} {order.event} --reason "..."',
        }
        for order in orders
    ]
    output.table("Orders that the ERP refuses", rows, empty="The ERP refuses no order.")
    if rows and not output.as_json:
        output.say(
            "Is it the order itself, such as its address: erp-sidecar event edit DESTINATION EVENT sends it anew. "
            "Is it not to be sent at all: erp-sidecar event skip DESTINATION EVENT."
        )
    return 0


def _duplicates(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        destinations = list(installation.blueprint.destinations)
        held = installation.operations().held_orders(QUARANTINED, destinations, options.limit)
    rows = [
        {
            "destination": order.destination,
            "order": order.increment_id,
            "event": order.event,
            "amount": order.amount,
            **({"age_s": round(order.age.total_seconds())} if output.as_json else {"age": in_words(order.age)}),
            "reason": order.reason,
            "what_to_do": order.hint,
        }
        for order in held
    ]
    output.table("Orders that look like one purchase made twice", rows, empty="No order is in quarantine.")
    return 0


def _release(options: argparse.Namespace, output: Output) -> int:
    actor = who_decides()
    with install(options.settings, Telemetry()) as installation:
        known = list(installation.blueprint.destinations)
        asked = known if options.destination is None else [known_destination(options.destination, known)]
        where = installation.operations().release_order(options.number, asked, actor, options.reason)
    output.say(
        f"Order {options.number} goes to {', '.join(where)} within a second; recorded as decided by {actor}.",
        order=options.number,
        destinations=list(where),
        done=True,
    )
    return 0


def in_words(duration: timedelta) -> str:
    """A duration in its two largest units: 3 d 4 h, 5 min 12 s."""
    seconds = int(abs(duration).total_seconds())
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    largest = next((index for index, (_, size) in enumerate(units) if seconds >= size), len(units) - 1)
    words = []
    for name, size in units[largest : largest + 2]:
        count, seconds = divmod(seconds, size)
        words.append(f"{count} {name}")
    return ("past by " if duration < timedelta() else "") + " ".join(words)
