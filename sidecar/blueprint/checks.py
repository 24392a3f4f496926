"""What parts of a blueprint must not say together, although each of them is well formed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

from sidecar.blueprint.document import (
    BATCH_KIND,
    EVENT_KINDS,
    EVENT_TYPES,
    MAGENTO,
    START_FORM,
    DestinationPart,
    Domain,
    DomainPart,
    ExportsPart,
    ReleasePart,
)
from sidecar.blueprint.inbound import inbound_problems
from sidecar.blueprint.intents import intent_problems
from sidecar.blueprint.lifecycle_checks import lifecycle_problems
from sidecar.blueprint.mapping import RULES, mapping_problems
from sidecar.blueprint.odoo import KIND as ODOO
from sidecar.blueprint.odoo import external_problems, odoo_problems
from sidecar.blueprint.stock import backwards, stock_problems
from sidecar.blueprint.stock_feed import FeedSurroundings, fed_twice, stock_feed_problems
from sidecar.configuration import Problem, listed
from sidecar.domain.delivery import Capabilities, ChangeKind, DocumentKind
from sidecar.domain.events import MAPPED_TYPES, ORDER_TYPES, STOCK_TYPES, EventType
from sidecar.domain.start import UNSAID
from sidecar.domain.subjects import BESIDE

_RESERVATIONS: Final = EventType.INVENTORY_RESERVED
_SAME_FACT: Final = {EventType.SHIPMENT_CREATED: "shipment", EventType.CREDITMEMO_CREATED: "refund"}
"""Documents that move stock in the ERP by themselves, and the reason of the deltas that say the same."""

_OF_STOCK: Final = {
    EventType.INVENTORY_ADJUSTED: frozenset({DocumentKind.STOCK_MOVEMENT, DocumentKind.STOCK_COUNT}),
    EventType.INVENTORY_RESERVED: frozenset({DocumentKind.STOCK_DEMAND}),
}
"""Of windows of these, one of these documents is made."""

TYPES_OF: Final[Mapping[Domain, frozenset[EventType]]] = {
    Domain.ORDERS: ORDER_TYPES | {EventType.ORDER_COMMENTED},
    Domain.PAYMENTS: frozenset({EventType.PAYMENT_CAPTURED, EventType.PAYMENT_TRANSACTION_SAVED}),
    Domain.INVOICES: frozenset({EventType.INVOICE_CREATED, EventType.INVOICE_UPDATED}),
    Domain.SHIPMENTS: frozenset(
        {
            EventType.SHIPMENT_CREATED,
            EventType.SHIPMENT_UPDATED,
            EventType.TRACK_ADDED,
            EventType.TRACK_UPDATED,
            EventType.TRACK_REMOVED,
        }
    ),
    Domain.REFUNDS: frozenset({EventType.CREDITMEMO_CREATED, EventType.CREDITMEMO_UPDATED}),
    Domain.CUSTOMERS: frozenset({EventType.CUSTOMER_SAVED, EventType.CUSTOMER_DELETED}),
    Domain.PRODUCTS: frozenset({EventType.PRODUCT_UPDATED, EventType.PRODUCT_DELETED}),
    Domain.STOCK: STOCK_TYPES,
}
"""Which domain answers for an event; each type belongs to one."""

Destinations = Mapping[str, DestinationPart]
Domains = Mapping[str, DomainPart]


@dataclass(frozen=True, slots=True)
class Written:
    """The entries as written: also those that could not be read, which are not reported again as missing."""

    destinations: Mapping[str, object]
    domains: Mapping[str, object]


def problems_of(written: Written, destinations: Destinations, domains: Domains) -> Iterator[Problem]:
    """Everything that is wrong between the parts that could be read."""
    for name, part in destinations.items():
        at = f"destinations.{name}"
        for unknown in sorted(part.takes.difference(EVENT_TYPES)):
            yield Problem(f"{at}.takes", repr(unknown), listed(EVENT_TYPES))
        yield from _release_problems(f"{at}.release", part)
        yield from stock_problems(f"{at}.stock", part.stock, part.takes, takes_events=part.takes_events)
        yield from _kind_problems(at, part)
        yield from mapping_problems(at, part, part.stores)
        yield from intent_problems(at, part.intents, part.allocation, takes_orders=takes_orders(part))
        yield from odoo_problems(at, part.kind, part.odoo, part.code_maps)
        for where, layer in part.narrower(at).items() if part.kind == ODOO else ():
            yield from external_problems(where, layer.code_maps)
        yield from lifecycle_problems(
            f"{at}.lifecycle", part.lifecycle, is_shown=takes_orders(part) and part.acknowledges
        )
        warehouses = backwards(part.stock)
        yield from inbound_problems(f"{at}.inbound", part.inbound, warehouses, takes_orders=takes_orders(part))
        around = FeedSurroundings(
            authority=domains[Domain.STOCK].authority if Domain.STOCK in domains else None,
            takes_orders=takes_orders(part),
            takes_events=part.takes_events,
            withholds_echoes=part.withholds_echoes,
            inbound=part.inbound,
            reasons=frozenset() if part.stock is None else frozenset(part.stock.reasons),
            sources={} if part.inbound is None else part.inbound.policy(warehouses).sources,
        )
        yield from stock_feed_problems(f"{at}.stock_feed", name, part.stock_feed, around)
        if part.inbound is not None and part.echoes == "sent":
            found = "sent, although the ERP's own documents become Magento's (inbound)"
            yield Problem(f"{at}.echoes", found, "withheld: the ERP would be told of them again, and answer")
        quiet = part.governor.quiet_hours
        if quiet is not None and not quiet.hours().leave_time():
            yield Problem(f"{at}.governor.quiet_hours.ranges", "the whole week", "some time in which calls may begin")
        if part.retry.ceiling < part.retry.first:
            yield Problem(f"{at}.retry.ceiling", f"less than the first wait ({part.retry.first})", "at least that")
    yield from fed_twice({name: part.stock_feed for name, part in destinations.items() if part.stock_feed is not None})
    yield from _same_demand_twice(destinations)
    yield from _same_movement_twice(destinations)
    yield from _whose_echoes(destinations)
    yield from _two_order_books(destinations)
    yield from _starts(destinations)
    yield from _rival_authorities(written, destinations, domains)
    for domain, entry in domains.items():
        yield from _strangers(f"domains.{domain}", entry, [MAGENTO, *written.destinations])
    yield from _undeclared_domains(written, destinations, domains)


def export_problems(exports: ExportsPart | None, destinations: Destinations) -> Iterator[Problem]:
    """Products are told by the attributes that somebody has named, and to somebody."""
    takers = [name for name, part in destinations.items() if EventType.PRODUCT_UPDATED in part.takes]
    if takers and exports is None:
        found = f"nothing, although {listed(takers)} takes ProductUpdated"
        yield Problem("exports.products", found, "a list of codes of product attributes, such as [sku, name, price]")
    if exports is not None and not takers:
        yield Problem("exports.products", "a list that nobody is told by", "none, or ProductUpdated in some takes")
    if exports is not None and len(set(exports.products)) < len(exports.products):
        twice = sorted({code for code in exports.products if exports.products.count(code) > 1})
        yield Problem("exports.products", f"{listed(twice)} twice", "each code once")


def takes_orders(part: DestinationPart) -> bool:
    """Tell whether a destination takes orders, as documents."""
    return bool(part.takes & ORDER_TYPES) and not part.takes_events


def _takes_stock(part: DestinationPart) -> bool:
    return part.stock is not None or bool(part.takes & STOCK_TYPES)


def _kind_problems(at: str, part: DestinationPart) -> Iterator[Problem]:
    if part.takes_events and part.profile is not None:
        yield Problem(f"{at}.profile", repr(part.profile), f"nothing: kind {part.kind} sends events as they are")
    for unread in sorted({*RULES, "per_store", "special_cases"} & part.model_fields_set) if part.takes_events else ():
        found = f"a table that kind {part.kind} never uses"
        yield Problem(f"{at}.{unread}", found, "nothing: events go out as they are")
    if part.kind == ODOO and part.profile is not None:
        yield Problem(f"{at}.profile", repr(part.profile), f"nothing: kind {part.kind} needs no profile")
    for refused in sorted(part.takes.intersection(EVENT_TYPES) - MAPPED_TYPES) if not part.takes_events else ():
        found = f"{refused}, of which kind {part.kind} makes no document"
        allowed = (
            f"{listed(sorted(MAPPED_TYPES))}; name {refused} in a destination of kind {listed(sorted(EVENT_KINDS))}"
        )
        yield Problem(f"{at}.takes", found, allowed)
    if EventType.CREDITMEMO_CREATED in part.takes and not part.takes_events:
        yield from _refund_problems(at, part)
    if part.kind in ("legacy", "soap") and part.profile is None:
        yield Problem(
            f"{at}.profile", "nothing", "the name of a profile that ships with the adapter, or a path beside this file"
        )
    if "batch" in part.model_fields_set and not part.takes_batches:
        yield Problem(f"{at}.batch", f"a table that kind {part.kind} never uses", f"none, or kind {BATCH_KIND}")


def unmade_problems(at: str, takes: Collection[str], caps: Capabilities) -> Iterator[Problem]:
    """What is taken and the destination's adapter cannot make a document of."""
    for kind, document in BESIDE.items() if not caps.takes_events else ():
        if kind in takes and document not in caps.accepts:
            found = f"{kind}, of which this destination's adapter makes no {document}"
            yield Problem(at, found, f"nothing of it; or a profile that has an operation {document}")
    for kind, documents in _OF_STOCK.items() if not caps.takes_events else ():
        if kind in takes and not documents & caps.accepts:
            found = f"{kind}, of which this destination's adapter makes no {listed(sorted(documents))}"
            yield Problem(at, found, "nothing of it, or an adapter and a profile that do")


def _refund_problems(at: str, part: DestinationPart) -> Iterator[Problem]:
    """A refund names the ERP's order, and goes one way only."""
    if EventType.ORDER_PLACED not in part.takes:
        found = f"{EventType.CREDITMEMO_CREATED} without {EventType.ORDER_PLACED}"
        yield Problem(f"{at}.takes", found, "both: a refund names the order that the ERP has")
    if part.inbound is not None and ChangeKind.CREDIT_MEMOS in part.inbound.takes:
        found = f"{ChangeKind.CREDIT_MEMOS}, although the destination takes {EventType.CREDITMEMO_CREATED}"
        allowed = "one of the two: a refund that the ERP was told of would come back as one of its own"
        yield Problem(f"{at}.inbound.takes", found, allowed)


def _release_problems(at: str, part: DestinationPart) -> Iterator[Problem]:
    if takes_orders(part) and not part.release:
        yield Problem(at, "no rule", "at least one rule, or no order is ever sent")
    if part.release and not takes_orders(part):
        yield Problem(at, "rules that can never match", "none, as the destination takes no orders")
    for never_used in () if takes_orders(part) else sorted({"duplicates", "replacements"} & part.model_fields_set):
        where = f"{at.removesuffix('release')}{never_used}"
        yield Problem(where, "a table that is never used", "none, as the destination takes no orders")
    for index, rule in enumerate(part.release):
        if never_reached(rule, part.release[:index]):
            found = f"a rule that can never match ({listed(rule.methods)})"
            yield Problem(f"{at}[{index}].methods", found, "a method that no rule before it covers")
        if rule.deadline is not None and rule.deadline <= rule.settle:
            found = f"a deadline of {rule.deadline} that ends before the order has settled ({rule.settle})"
            yield Problem(f"{at}[{index}].deadline", found, "more than settle")


def never_reached(rule: ReleasePart, earlier: tuple[ReleasePart, ...]) -> bool:
    """Tell whether earlier rules take every method of this one.

    A pattern that matches another pattern's own text covers it: each `*` in that text can only have been matched
    by a `*`, which would match anything else in its place too.
    """
    before = [pattern for other in earlier for pattern in other.methods]
    return all(any(fnmatchcase(method, pattern) for pattern in before) for method in rule.methods)


def _same_movement_twice(destinations: Destinations) -> Iterator[Problem]:
    """An ERP that hears of a shipment or a refund books its goods; a delta would move the same goods again."""
    for name, part in destinations.items():
        for other, neighbour in destinations.items() if part.stock is not None else ():
            where = "the destination" if other == name else f"destinations.{other} (the same ERP)"
            for document, reason in _SAME_FACT.items() if _same_erp(part, neighbour) else ():
                if document in neighbour.takes and part.stock is not None and reason in part.stock.reasons:
                    yield Problem(
                        f"destinations.{name}.stock.reasons",
                        f"{reason!r} although {where} takes {document}",
                        f"one of the two: the ERP would book the same {reason} twice",
                    )


def _whose_echoes(destinations: Destinations) -> Iterator[Problem]:
    """Magento says that an ERP caused a change, and not which of several: then a person says what each is sent."""
    erps = {name: part for name, part in destinations.items() if not part.takes_events}
    for name, part in erps.items():
        if part.echoes is None and not all(_same_erp(part, other) for other in erps.values()):
            allowed = "withheld, sent: of several ERPs the origin erp does not tell which one caused a change"
            yield Problem(f"destinations.{name}.echoes", "nothing", allowed)


def _same_demand_twice(destinations: Destinations) -> Iterator[Problem]:
    """An ERP that knows the orders reserves by itself; reservation deltas would take the same goods again."""
    for name, part in destinations.items():
        if _RESERVATIONS not in part.takes:
            continue
        for other, neighbour in destinations.items():
            if takes_orders(neighbour) and _same_erp(part, neighbour):
                where = "it" if other == name else f"destinations.{other} (the same ERP)"
                yield Problem(
                    f"destinations.{name}.takes",
                    f"{_RESERVATIONS} while {where} takes {listed(sorted(neighbour.takes & ORDER_TYPES))}",
                    "one of the two: the ERP would count the same demand twice",
                )


def _same_erp(one: DestinationPart, other: DestinationPart) -> bool:
    def place(address: str) -> tuple[str | None, int, str]:
        parts = urlsplit(address)
        return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), parts.path

    return place(one.base_url) == place(other.base_url)


def _two_order_books(destinations: Destinations) -> Iterator[Problem]:
    """Several ERPs may take the orders; one of them gives the number that Magento shows."""
    takers = {name: part for name, part in destinations.items() if takes_orders(part)}
    for index, (name, part) in enumerate(takers.items()):
        for other in list(takers)[:index]:
            if _same_erp(part, takers[other]) and not _apart(part, takers[other]):
                found = f"orders, which destinations.{other} (the same ERP) takes already"
                yield Problem(f"destinations.{name}.takes", found, "one of the two: the ERP would get each order twice")
    acknowledging = [name for name, part in takers.items() if part.acknowledges]
    for name in acknowledging[1:]:
        yield Problem(
            f"destinations.{name}.acknowledges",
            f"true, as in destinations.{acknowledging[0]}",
            "false in all but one: an order in Magento carries one ERP number (ext_order_id)",
        )


def _apart(one: DestinationPart, other: DestinationPart) -> bool:
    """Tell whether no store's events go to both."""
    return bool(one.stores and other.stores) and not one.stores & other.stores


def _starts(destinations: Destinations) -> Iterator[Problem]:
    """One ERP alone begins with the outbox; of several each says where, or a new one would get the past at once."""
    for name, part in destinations.items():
        if len(destinations) > 1 and part.start == UNSAID:
            yield Problem(f"destinations.{name}.start", "nothing", f"{START_FORM}, as there are several destinations")


def _rival_authorities(written: Written, destinations: Destinations, domains: Domains) -> Iterator[Problem]:
    claims: dict[Domain, str] = {}
    for name, part in destinations.items():
        for domain in sorted(part.authority_for):
            at = f"destinations.{name}.authority_for"
            first = claims.setdefault(domain, name)
            if first != name:
                found = f"{domain}, which destinations.{first} claims too"
                yield Problem(at, found, "one authority for each domain")
            elif domain not in written.domains:
                yield Problem(at, f"{domain} without an entry", f"an entry domains.{domain} with authority {name}")
            elif domain in domains and domains[domain].authority != name:
                found = f"{domain}, whose authority domains.{domain} gives to {domains[domain].authority}"
                yield Problem(at, found, "one authority for each domain")


def _strangers(at: str, entry: DomainPart, known: Sequence[str]) -> Iterator[Problem]:
    said = [("creator", entry.creator), ("authority", entry.authority)]
    said += [(f"modifiers[{index}]", name) for index, name in enumerate(entry.modifiers)]
    for key, name in said:
        if name not in known:
            yield Problem(f"{at}.{key}", repr(name), listed(known))


def _undeclared_domains(written: Written, destinations: Destinations, domains: Domains) -> Iterator[Problem]:
    """Nothing flows that nobody answers for, or against the direction that was agreed."""
    for domain, types in TYPES_OF.items():
        takers = [name for name, part in destinations.items() if part.takes & types]
        if not takers:
            continue
        flow = f"destinations.{takers[0]} takes {listed(sorted(destinations[takers[0]].takes & types))}"
        if domain not in written.domains:
            yield Problem(f"domains.{domain}", "nothing", f"an entry with its owners, as {flow}")
        elif domain in domains and domains[domain].direction == "erp_to_magento":
            yield Problem(f"domains.{domain}.direction", f"'erp_to_magento' while {flow}", "magento_to_erp, both")
