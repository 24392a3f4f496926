"""`erp-sidecar stock explain`: where every unit of a SKU went."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from sidecar.cli.decisions import known_destination
from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, duration
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName
from sidecar.domain.money import text_of
from sidecar.domain.stock_lineage import fate_of
from sidecar.domain.stock_story import Comparison, DestinationStory, Footing, Story
from sidecar.engine.stock_story import StockTeller, Told
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install

_NAMED: Final = 5
"""How many documents, events or orders of a group a table names."""


def register(verbs: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the verb to the noun `stock`."""
    parser = verbs.add_parser("explain", parents=[shared], help="where every unit of a SKU went")
    parser.add_argument("sku", help="the SKU, as Magento has it")
    parser.add_argument("--source", help="only what this source of Magento's holds, or a stock such as 'stock 1'")
    parser.add_argument("--destination", metavar="NAME", help="this ERP only")
    parser.add_argument(
        "--since", type=duration, metavar="7d", help="changes of this time only; without it all that the outbox has"
    )
    parser.set_defaults(command=_explain)


def _explain(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        names = list(installation.blueprint.destinations)
        if options.destination is not None:
            names = [known_destination(options.destination, names)]
        told = [_told(installation, name) for name in names]
        teller = StockTeller(installation.stock_insights(), installation.outbox(), told)
        story = teller.tell(options.sku, options.since, options.source, _progress(silent=output.as_json))
    if output.as_json:
        output.say("", **_as_json(story))
    else:
        _print(story, output)
    return 0


def _told(installation: Installation, name: DestinationName) -> Told:
    """An ERP that cannot be asked from here, for want of its secret, is told about all the same, but for its levels."""
    policy = installation.blueprint.policy(name)
    if installation.blueprint.takes_batches(name) or (policy.stock is None and policy.stock_feed is None):
        return Told(policy, None, "it is told of no stock, and tells none")
    try:
        return Told(policy, installation.adapter(name))
    except ConfigurationError as error:
        return Told(policy, None, f"its stock cannot be read from here: {error}")


def _progress(*, silent: bool) -> Callable[[int, int], None]:
    """A line on standard error while many ids are looked through; it goes when the work is done."""
    shown = not silent and sys.stderr.isatty()

    def show(done: int, total: int) -> None:
        if shown and total:
            sys.stderr.write(f"\rlooked through {done:,} of {total:,} ids" if done < total else "\r\x1b[K")
            sys.stderr.flush()

    return show


def _print(story: Story, output: Output) -> None:
    output.say(
        f"{story.sku} at {story.moment.isoformat()}: {story.events} changes and reservations, "
        f"of ids {story.after + 1} to {story.upto}"
    )
    if story.after == story.floor and story.floor:
        output.say(f"Events up to id {story.floor} are purged: what was before is told by no one.")
    if story.silence:
        output.say(story.silence)
    facts: Any = _as_json(story)
    magento = facts["magento"]
    if isinstance(magento, dict):
        output.table("In Magento now", magento["sources"], empty="No source lists it.")
        output.table("Sold from", magento["stocks"], empty="No stock sells it.")
        output.table(
            "Reserved by orders" + ("" if magento["orders_are_whole"] else " (of the newest reservations)"),
            magento["orders"],
            empty="No order reserves it.",
        )
    output.table("What changed, and why", _shortened(facts["changes"], "documents"), empty="Nothing that was told.")
    output.table("Does it foot", [_footing(one) for one in story.footings], empty="No source has it.")
    for one in story.footings:
        for gap in one.breaks:
            output.say(
                f"{gap.source}: {_signed(gap.quantity)} between event {gap.after} ({gap.since.isoformat()}) and "
                f"{gap.before} ({gap.until.isoformat()}), without an event"
            )
    for outbox_id, problem in story.unreadable:
        output.say(f"Event {outbox_id} cannot be counted: {problem}")
    for told in story.destinations:
        _print_destination(told, output)


def _print_destination(told: DestinationStory, output: Output) -> None:
    facts = _destination(told)
    output.table(f"At {told.destination}: in windows", facts["lines"], empty=f"At {told.destination}: in no window.")
    if told.kept_back:
        output.table(f"At {told.destination}: in no window", _shortened(facts["in_no_window"], "events"), empty="")
    if told.comparisons:
        output.table(f"At {told.destination}: its own level", facts["levels"], empty="")
    if told.silence:
        output.say(f"{told.destination}: {told.silence}")


def _shortened(rows: Iterable[dict[str, object]], name: str) -> list[dict[str, object]]:
    return [{**row, name: _few(row[name])} for row in rows]


def _few(values: object) -> str:
    told = [str(value) for value in values] if isinstance(values, Sequence) else []
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return ", ".join(told[:_NAMED]) + more


# -- facts ---------------------------------------------------------------------------------------------------


def _as_json(story: Story) -> dict[str, object]:
    magento = story.magento
    return {
        "sku": story.sku,
        "moment": story.moment.isoformat(),
        "events": {"after": story.after, "upto": story.upto, "purged_up_to": story.floor, "count": story.events},
        "magento": story.silence
        if magento is None
        else {
            "sources": [
                {
                    "source": level.source,
                    "quantity": text_of(level.quantity),
                    "in_stock": level.in_stock,
                    "enabled": level.enabled,
                    "stocks": ", ".join(map(str, level.stocks)),
                }
                for level in magento.sources
            ],
            "stocks": [
                {
                    "stock": stock,
                    "reserved": text_of(magento.reserved.get(stock, Decimal(0))),
                    "salable": text_of(salable),
                }
                for stock, salable in magento.salable.items()
            ],
            "orders": [{"order": order, "reserved": text_of(quantity)} for order, quantity in magento.orders],
            "orders_are_whole": magento.is_whole,
        },
        "changes": [
            {
                "where": one.where,
                "reason": one.reason,
                "cause": one.cause,
                "quantity": text_of(one.quantity),
                "count": one.events,
                "documents": list(one.documents),
            }
            for one in story.movements
        ],
        "footing": [
            {
                **_footing(one),
                "breaks": [
                    {
                        "after_event": gap.after,
                        "before_event": gap.before,
                        "since": gap.since.isoformat(),
                        "until": gap.until.isoformat(),
                        "quantity": text_of(gap.quantity),
                    }
                    for gap in one.breaks
                ],
            }
            for one in story.footings
        ],
        "unreadable": [{"event": outbox_id, "problem": problem} for outbox_id, problem in story.unreadable],
        "destinations": [_destination(told) for told in story.destinations],
    }


def _footing(one: Footing) -> dict[str, object]:
    return {
        "source": one.source,
        "opening": _or_none(one.opening),
        "changes": text_of(one.changes),
        "expected": _or_none(one.expected),
        "now": _or_none(one.now),
        "difference": _or_none(one.difference),
    }


def _destination(told: DestinationStory) -> dict[str, list[dict[str, object]]]:
    facts: dict[str, object] = {
        "destination": told.destination,
        "lines": [
            {
                "warehouse": line.warehouse,
                "sequence": line.sequence,
                "kind": str(line.kind),
                "quantity": text_of(line.quantity),
                "changes": line.deltas,
                "fate": str(fate_of(line)[0]),
                "erp_number": line.erp_number or None,
                "why": ": ".join(words for words in (fate_of(line)[1], line.fault) if words),
            }
            for line in told.lines
        ],
        "in_no_window": [
            {
                "fate": str(one.fate),
                "why": one.why,
                "quantity": text_of(one.quantity),
                "count": len(one.events),
                "events": list(one.events),
            }
            for one in told.kept_back
        ],
        "levels": [_comparison(one) for one in told.comparisons],
        "silence": told.silence,
    }
    return facts  # type: ignore[return-value]


def _comparison(one: Comparison) -> dict[str, object]:
    level = one.level
    told = {
        "warehouse": level.warehouse,
        "on_hand": text_of(level.on_hand),
        "unit": level.unit,
        "as_of": None if level.as_of is None else level.as_of.isoformat(),
        "sources": ", ".join(one.sources),
    }
    if one.problem:
        return {**told, "in_magento": None, "difference": None, "explained": one.problem, "not_explained": None}
    return {
        **told,
        "in_magento": text_of(one.in_magento),
        "difference": text_of(one.difference),
        "explained": "; ".join(f"{_signed(quantity)} {why}" for why, quantity in one.explained.items()),
        "not_explained": text_of(one.not_explained),
    }


def _or_none(quantity: Decimal | None) -> str | None:
    return None if quantity is None else text_of(quantity)


def _signed(quantity: Decimal) -> str:
    return f"+{text_of(quantity)}" if quantity > 0 else text_of(quantity)
