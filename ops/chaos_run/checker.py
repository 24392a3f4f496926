"""The independent checker: holds the writers' commit log against each ERP's ledger and Magento's tables.

It imports nothing of the product and knows the blueprint's rules in words of its own. What each number means; one
event counts once per ERP that is owed it:

events        committed events of orders that an ERP is owed. Not owed, because they wait or end by rule: orders of
              which no committed version was free to go (`waiting`); orders that the shop cancelled, that the ERP never
              got, and whose OrderPlaced the sidecar receipted as cancelled before its release
              (`cancelled_before_release`); the lane that is parked on purpose (`parked_lane`); and what follows an
              event in its lane of which a person has to find out whether the ERP has it (`held_behind_unknown`)
delivered     those that the ledger accepted; or of whose order it accepted a later version, into which the edit was
              absorbed; or that changed nothing of what ERPs are told since the version accepted before. An event that
              the sidecar calls unknown is not delivered, even where the ledger has it
unknown_parked   heads that the sidecar left to a person because their outcome is unknown. Each must be explained by a
              fault in the ledger or by a call that a takeover cut off, at an ERP that cannot be searched; or by two of
              them, where it can, as nothing is sent a third time; else it is `unexplained`
lost          events - delivered - unknown_parked
duplicates    documents of one order beyond the first, documents that no event explains, versions accepted twice, and
              stock movements of one reference beyond the first
inversions    accepted versions of one order that are older than one accepted before, and refused attempts to send one
refused       requests that an ERP refused for what they say, though no fault told it to
differs       documents whose lines, totals or cancellation are not those of the order's last committed version
unreleased_sent   documents of orders that were never free to go
late_commits  events that were committed more than a window's age after an event with a higher id; `late_deltas`
              are those of stock, whose window was closed by then
commits_resolved   events whose COMMIT the database did not survive to answer, and which turned out to be committed
stock_windows   references of accepted stock movements; `unfinished_windows` are those that the sidecar has not booked
stock_mismatch   warehouse and SKU pairs at an ERP whose committed deltas do not add up to what it booked
refused_lines   lines of movements that an ERP refused, as their item was being counted; `kept_back` are those that
              nobody has sent again, and what is held behind them
misfolded     deltas that no line of an ERP's windows counts, or several; ids that a line counts and that are none of
              its deltas; lines that are not the sum of theirs; movements of more lines than the ERP takes
acknowledged  orders whose number at the acknowledging ERP stands in Magento's order, in its grid and in one comment,
              and whose status in both is the ERP's where the blueprint shows one; `unacknowledged` are those with a
              document there that lack it
conflicts     transactions of the shop's that the server undid for a lock: a deadlock, or a wait that took too long;
              `deadlocks_with_us` are deadlocks in which the server names a sidecar
losses_injected_unsearchable   at ERPs that cannot be searched: faults that leave the outcome open, and calls that were
              under way when their sidecar was killed, frozen past its lease, or lost its database; at the others
              those of one order beyond the first
takeovers     how often a sidecar took a stream over; `writes_after_lease` are writes to receipts and windows by an
              account that did not own the stream then; `slowest_takeover_s` is the longest time from a blow to the
              owner of the acknowledging ERP's stream until somebody owned it anew
findings      what the sidecar's own comparisons found; no ERP falsifies anything here, so each is a false alarm
purged        events from before the run, old and done everywhere, that a purge beside all this has deleted;
              `purged_too_early` are events of the run that are not in the outbox any more
phantoms      rows of the outbox that no writer committed
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from ops.chaos_run.evidence import CommitLog, Document, Event, Ledger, Magento, Revision, ShopOrder, Stop
from ops.chaos_run.stock_checker import weigh_stock

ACKNOWLEDGES = "exact"
WATCHED_STREAM = (ACKNOWLEDGES, "documents")
TAKES_STOCK = frozenset({"keyed", "exact"})
UNSEARCHABLE = frozenset({"weak", "blind"})
SHOWN_WHILE_NEW = "booked"
PARKED_ORDER = 1
WINDOW_AGE_US = 500_000
SENT_AGAIN_AFTER_US = 5_000_000
"""Nothing that was cut off is sent again sooner than that: see visibility lag, deadline and longest processing."""

LEAVES_OPEN = frozenset(
    {"lose_request", "lose_response_after_commit", "http_500_before_commit", "http_500_after_commit"}
)
EFFECTS = frozenset({"order.create", "order.change", "order.cancel"})
LEAST_DELIVERED = Decimal("0.99")
LEAST_DELIVERED_OF_FEW = Decimal("0.95")
FEW_EVENTS = 2000
"""In a run of fewer, one lost answer parks an order and its followers, and they can be more than a hundredth."""


@dataclass(frozen=True, slots=True)
class Strikes:
    """What was done to the sidecars and the database."""

    kills: int = 0
    freezes: int = 0
    db_restarts: int = 0
    owners_struck_us: tuple[int, ...] = ()
    """When the sidecar that owned the acknowledging ERP's stream was killed or frozen, and another stood by."""
    blows_us: tuple[int, ...] = ()
    """When anything was struck: a sidecar, or the database."""


@dataclass(slots=True)
class Verdict:
    """What came of a run; the module's opening words define each number."""

    events: int = 0
    delivered: int = 0
    kills: int = 0
    freezes: int = 0
    db_restarts: int = 0
    lost: int = 0
    duplicates: int = 0
    inversions: int = 0
    late_commits: int = 0
    commits_resolved: int = 0
    unknown_parked: int = 0
    losses_injected_unsearchable: int = 0
    acknowledged: int = 0
    unacknowledged: int = 0
    orders: int = 0
    stock_deltas: int = 0
    late_deltas: int = 0
    stock_mismatch: int = 0
    misfolded: int = 0
    refused_lines: int = 0
    kept_back: int = 0
    stock_windows: int = 0
    unfinished_windows: int = 0
    unexplained: int = 0
    held_behind_unknown: int = 0
    waiting: int = 0
    cancelled_before_release: int = 0
    parked_lane: int = 0
    parked_lane_broken: int = 0
    differs: int = 0
    unreleased_sent: int = 0
    refused: int = 0
    takeovers: int = 0
    slowest_takeover_s: float = 0.0
    writes_after_lease: int = 0
    purged: int = 0
    purged_too_early: int = 0
    phantoms: int = 0
    findings: int = 0
    conflicts: int = 0
    deadlocks_with_us: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def blame(self, name: str, example: str, number: int = 1) -> None:
        """Count against a promise, and keep a few examples to look at."""
        setattr(self, name, getattr(self, name) + number)
        kept = self.examples.setdefault(name, [])
        if len(kept) < 5:  # noqa: PLR2004 (a person reads them)
            kept.append(example)

    def problems(self) -> list[str]:
        """Every promise that was not kept, in words; empty when all were."""
        said = {
            "lost": "events were lost",
            "duplicates": "documents, versions or movements were made twice",
            "inversions": "versions were sent in the wrong order",
            "unexplained": "events were left to a person although nothing had been lost",
            "differs": "documents are not what Magento's last version says",
            "unreleased_sent": "documents went out of orders that were never free to go",
            "stock_mismatch": "stock balances do not add up",
            "misfolded": "stock changes are not in exactly one line",
            "kept_back": "stock lines are kept back",
            "unfinished_windows": "stock windows are not done",
            "unacknowledged": "orders lack their ERP number in Magento",
            "refused": "requests were refused for what they say",
            "writes_after_lease": "rows were written by a sidecar whose lease was over",
            "parked_lane_broken": "events of the parked lane are not where they belong",
            "purged_too_early": "events were purged that are not old",
            "findings": "differences were found although no ERP had falsified anything",
            "phantoms": "rows of the outbox are in no commit log",
            "deadlocks_with_us": "transactions of the shop's were undone because of a sidecar",
        }
        found = [
            f"{getattr(self, name)} {words} ({'; '.join(self.examples.get(name, ()))})"
            for name, words in said.items()
            if getattr(self, name)
        ]
        if self.delivered + self.unknown_parked != self.events:
            found.append(f"{self.delivered} delivered and {self.unknown_parked} parked are not {self.events} events")
        least = LEAST_DELIVERED_OF_FEW if self.events < FEW_EVENTS else LEAST_DELIVERED
        if self.delivered < least * self.events:
            found.append(f"only {self.delivered} of {self.events} events were delivered")
        if self.unknown_parked > self.losses_injected_unsearchable:
            found.append(
                f"{self.unknown_parked} events are parked as unknown, for {self.losses_injected_unsearchable} losses"
            )
        if not self.events:
            found.append("nothing was committed")
        return found

    def numbers(self) -> dict[str, object]:
        """Everything that was counted, by name."""
        return {name: value for name, value in asdict(self).items() if name != "examples"}

    def as_json(self, **about: object) -> str:
        """One JSON object on one line, with what else there is to say about the run."""
        return json.dumps({**about, **self.numbers()})


def judge(
    log: CommitLog,
    magento: Magento,
    ledgers: Mapping[str, Ledger],
    strikes: Strikes,
    conflicts: Sequence[Mapping[str, object]] = (),
) -> Verdict:
    """Weigh all sides."""
    verdict = Verdict(kills=strikes.kills, freezes=strikes.freezes, db_restarts=strikes.db_restarts)
    verdict.orders = len({event.order for event in log.events})
    verdict.stock_deltas = len(log.deltas)
    verdict.commits_resolved = sum(event.resolved for event in log.events) + sum(d.resolved for d in log.deltas)
    _count_late(log, verdict)
    for name, ledger in ledgers.items():
        _Side(name, log, magento, ledger, verdict).weigh()
    _follow_trail(magento, verdict)
    verdict.slowest_takeover_s = _slowest_takeover(magento, strikes)
    _compare_outbox(log, magento, verdict)
    for window in magento.unfinished_windows:
        verdict.blame("unfinished_windows", window)
    for finding in magento.findings:
        verdict.blame("findings", finding)
    verdict.conflicts = len(conflicts)
    for conflict in conflicts:
        if conflict["met"]:
            verdict.blame("deadlocks_with_us", str(conflict["met"]))
    verdict.lost = verdict.events - verdict.delivered - verdict.unknown_parked
    verdict.faults = dict(sorted(Counter(f.kind for ledger in ledgers.values() for f in ledger.faults).items()))
    return verdict


class _Side:
    """One ERP, weighed against the commit log."""

    def __init__(self, name: str, log: CommitLog, magento: Magento, ledger: Ledger, verdict: Verdict) -> None:
        self.name, self.log, self.magento, self.ledger, self.verdict = name, log, magento, ledger, verdict
        self.lanes: dict[int, list[Event]] = defaultdict(list)
        for event in log.events:
            self.lanes[event.order].append(event)
        self.by_event = {event.event_id: event for event in log.events}
        self.revisions: dict[int, list[Revision]] = defaultdict(list)
        self.order_of_number: dict[str, int] = {}
        for revision in sorted(ledger.revisions, key=lambda r: r.sequence):
            made_by = self.by_event.get(revision.event_id)
            if made_by is None:
                verdict.blame("duplicates", f"{name}: {revision.number} was made by no committed event")
                continue
            self.revisions[made_by.order].append(revision)
            self.order_of_number.setdefault(revision.number, made_by.order)
        self.documents: dict[int, list[Document]] = defaultdict(list)
        for document in ledger.documents:
            if document.number in self.order_of_number:
                self.documents[self.order_of_number[document.number]].append(document)
        self.stops: dict[int, dict[int, Stop]] = defaultdict(dict)
        for stop in magento.stops:
            if stop.destination == name:
                self.stops[stop.order][stop.id] = stop
        self.cut_off = self._lanes_with_open_outcomes()

    def weigh(self) -> None:
        for order, lane in self.lanes.items():
            self._count_repetitions(order)
            if order == PARKED_ORDER:
                self._weigh_parked_lane(lane)
            elif not any(event.free for event in lane):
                self.verdict.waiting += len(lane)
                for document in self.documents.get(order, ()):
                    self.verdict.blame("unreleased_sent", f"{self.name}: {document.number} of order {order}")
            else:
                self._weigh_lane(order, lane)
        self._weigh_refusals()
        if self.name == ACKNOWLEDGES:
            self._weigh_acknowledgements()
        if self.name in TAKES_STOCK:
            weigh_stock(self.name, self.log, self.magento.folded, self.ledger, self.verdict.blame)
            self.verdict.stock_windows += len(set(self.ledger.movements))
            self.verdict.refused_lines += self.ledger.refused_lines

    def _weigh_lane(self, order: int, lane: Sequence[Event]) -> None:
        verdict, documents = self.verdict, self.documents.get(order, [])
        unknown = min((s.id for s in self.stops.get(order, {}).values() if _is_unknown(s)), default=None)
        if unknown is None and not documents and self._was_cancelled_before(lane):
            verdict.cancelled_before_release += len(lane)
            return
        for event in lane:
            if unknown is not None and event.id > unknown and self._is_held(event):
                verdict.held_behind_unknown += 1
                continue
            verdict.events += 1
            if event.id == unknown:
                verdict.unknown_parked += 1
                if self.cut_off[order] < self._losses_to_a_person:
                    verdict.blame("unexplained", f"{self.name}: {event.type} {event.id} of order {order}")
            elif self._is_delivered(event, lane):
                verdict.delivered += 1
            else:
                verdict.examples.setdefault("lost", []).append(f"{self.name}: {event.type} {event.id} of order {order}")
        if unknown is None and documents and not _says(documents[0], lane[-1]):
            verdict.blame("differs", f"{self.name}: {documents[0].number} of order {order}")

    def _is_delivered(self, event: Event, lane: Sequence[Event]) -> bool:
        accepted = [self.by_event[revision.event_id].id for revision in self.revisions.get(event.order, ())]
        if any(sent >= event.id for sent in accepted):
            return True
        before = max(accepted, default=None)
        contents = {version.id: version.content for version in lane}
        return before is not None and contents[before] == event.content

    def _is_held(self, event: Event) -> bool:
        stop = self.stops[event.order].get(event.id)
        return stop is not None and stop.state == "held"

    def _was_cancelled_before(self, lane: Sequence[Event]) -> bool:
        return lane[-1].cancelled and (self.name, lane[0].id) in self.magento.cancelled_before_release

    def _weigh_parked_lane(self, lane: Sequence[Event]) -> None:
        """The head parked, every follower held behind it, and nothing of it at the ERP."""
        self.verdict.parked_lane += len(lane)
        stops = self.stops.get(PARKED_ORDER, {})
        for event in lane:
            expected = "parked" if event is lane[0] else "held"
            found = stops[event.id].state if event.id in stops else "nowhere"
            if found != expected:
                self.verdict.blame("parked_lane_broken", f"{self.name}: {event.id} is {found}, not {expected}")
        for document in self.documents.get(PARKED_ORDER, ()):
            self.verdict.blame("parked_lane_broken", f"{self.name}: {document.number} was sent")

    def _count_repetitions(self, order: int) -> None:
        for document in self.documents.get(order, [])[1:]:
            self.verdict.blame("duplicates", f"{self.name}: {document.number} is another one of order {order}")
        newest, seen = 0, set[str]()
        for revision in self.revisions.get(order, ()):
            event = self.by_event[revision.event_id]
            if event.id < newest:
                self.verdict.blame("inversions", f"{self.name}: {event.id} of order {order} after {newest}")
            if revision.event_id in seen:
                self.verdict.blame("duplicates", f"{self.name}: {event.id} of order {order} was accepted twice")
            newest = max(newest, event.id)
            seen.add(revision.event_id)

    def _weigh_refusals(self) -> None:
        """A document that is there already is how a key protects; an older version is an attempt to turn round."""
        for refusal in self.ledger.refusals:
            event = self.by_event.get(refusal.event_id)
            if refusal.code == "DUPLICATE_REFERENCE":
                continue
            if refusal.code != "STALE_REVISION" or event is None:
                self.verdict.blame("refused", f"{self.name}: {refusal.code} for {refusal.reference}")
                continue
            there = [
                self.by_event[revision.event_id].id
                for revision in self.revisions.get(event.order, ())
                if revision.accepted_us <= refusal.at_us
            ]
            if max(there, default=0) > event.id:
                self.verdict.blame("inversions", f"{self.name}: {event.id} of order {event.order} was tried too late")

    def _weigh_acknowledgements(self) -> None:
        for order, documents in self.documents.items():
            shop = self.magento.orders.get(order)
            told = shop.ext_order_id if shop is not None else None
            is_told = shop is not None and told == documents[0].number == shop.grid_ext_order_id and _is_shown(shop)
            comments = [text for text in shop.comments if documents[0].number in text] if shop is not None else []
            if is_told and len(comments) == 1:
                self.verdict.acknowledged += 1
            elif not any(_is_unknown(stop) for stop in self.stops.get(order, {}).values()):
                status = "nothing" if shop is None else f"{shop.status} ({shop.grid_status})"
                said = f"order {order} says {told} {status}, the ERP {documents[0].number}, {len(comments)} comments"
                self.verdict.blame("unacknowledged", said)

    def _lanes_with_open_outcomes(self) -> Counter[int]:
        """How often a call's outcome was left open, by order; counted from the loss on that ends at a person."""
        orders = {event.id: event.order for event in self.log.events}
        faults = [f for f in self.ledger.faults if f.kind in LEAVES_OPEN and f.operation in EFFECTS]
        lost = Counter(self.by_event[f.event_id].order for f in faults if f.event_id in self.by_event)
        lost.update(orders[outbox_id] for outbox_id in self._cut_off() if outbox_id in orders)
        self.verdict.losses_injected_unsearchable += sum(
            max(0, n + 1 - self._losses_to_a_person) for n in lost.values()
        )
        return lost

    def _cut_off(self) -> list[int]:
        """The ids of calls that takeovers cut off; who is struck before he has begun finds what the last one found."""
        ids, before, before_us = list[int](), tuple[int, ...](), 0
        for mark in self.magento.trail:
            if (mark.kind, mark.destination, mark.stream) == ("takeover", self.name, "documents"):
                if mark.under_way != before or mark.at_us - before_us > SENT_AGAIN_AFTER_US:
                    ids += mark.under_way
                before, before_us = mark.under_way, mark.at_us
        return ids

    @property
    def _losses_to_a_person(self) -> int:
        """One where nobody can look; where one can, what is lost is sent once more, and a second loss ends there."""
        return 1 if self.name in UNSEARCHABLE else 2


def _is_shown(shop: ShopOrder) -> bool:
    return shop.state != "new" or shop.status == shop.grid_status == SHOWN_WHILE_NEW


def _is_unknown(stop: Stop) -> bool:
    return stop.state == "unknown" and stop.for_a_person


def _says(document: Document, version: Event) -> bool:
    if version.cancelled:
        return document.status == "cancelled"
    lines = {
        str(line["lineReference"]): (line["sku"], Decimal(line["quantity"]), Decimal(line["total"]))
        for line in document.body.get("lines", ())
    }
    wanted = {name: (sku, Decimal(quantity), Decimal(total)) for name, (sku, quantity, total) in version.lines.items()}
    total = Decimal(document.body["totals"]["grandTotal"])
    return document.status != "cancelled" and lines == wanted and total == version.grand_total


def _count_late(log: CommitLog, verdict: Verdict) -> None:
    deltas = {delta.id for delta in log.deltas}
    committed = sorted(
        [(event.committed_us, event.id) for event in log.events]
        + [(delta.committed_us, delta.id) for delta in log.deltas]
    )
    ahead, newest_then = 0, 0
    for at_us, outbox_id in committed:
        while committed[ahead][0] < at_us - WINDOW_AGE_US:
            newest_then = max(newest_then, committed[ahead][1])
            ahead += 1
        if outbox_id < newest_then:
            verdict.late_commits += 1
            verdict.late_deltas += outbox_id in deltas


def _follow_trail(magento: Magento, verdict: Verdict) -> None:
    owners: dict[tuple[str, str], str] = {}
    for mark in magento.trail:
        stream = mark.destination, mark.stream
        if mark.kind == "takeover":
            owners[stream] = mark.account
            verdict.takeovers += 1
        elif owners.get(stream) != mark.account:
            said = f"{mark.account} wrote to {mark.stream} of {mark.destination}, which {owners.get(stream)} owned"
            verdict.blame("writes_after_lease", said)


def _slowest_takeover(magento: Magento, strikes: Strikes) -> float:
    """In seconds, from the blow; where another blow met the successor or the database meanwhile, it is left out."""
    taken = [m.at_us for m in magento.trail if m.kind == "takeover" and (m.destination, m.stream) == WATCHED_STREAM]
    slowest = 0.0
    for struck in strikes.owners_struck_us:
        until = next((at_us for at_us in taken if at_us > struck), None)
        if until is not None and not any(struck < blow < until for blow in strikes.blows_us):
            slowest = max(slowest, (until - struck) / 1_000_000)
    return round(slowest, 1)


def _compare_outbox(log: CommitLog, magento: Magento, verdict: Verdict) -> None:
    known = {event.id for event in log.events} | {delta.id for delta in log.deltas}
    for outbox_id in sorted(magento.outbox - known):
        verdict.blame("phantoms", str(outbox_id))
    old = {delta.id for delta in log.deltas if delta.old}
    verdict.purged = len(old - magento.outbox)
    for outbox_id in sorted(known - old - magento.outbox):
        verdict.blame("purged_too_early", str(outbox_id))
