"""Batches of events: in order, once, and nobody waits for the one that nobody wants."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from erp_adapters.registry import AdapterConfiguration, build, build_feed
from sidecar.daemon import SystemClock
from sidecar.domain.edits import edit, with_values
from sidecar.domain.errors import LeaseLost
from sidecar.domain.events import ORDER_TYPES, STOCK_TYPES, EventType, Lane, OutboxId
from sidecar.domain.hydration import TOLD
from sidecar.domain.naming import Names
from sidecar.domain.policy import BatchPolicy, GovernorTerms
from sidecar.domain.quiet_hours import QuietHours, QuietRange
from sidecar.engine.feed import Feed
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.relay import Relay
from sidecar.mysql.insights import Insights
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.operator_store import OperatorStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.related_orders import RelatedOrders
from sidecar.mysql.session import Session
from sidecar.mysql.whole_orders import WholeOrders
from sidecar.ports import Clock
from tests.support.event_schemas import check
from tests.support.made_tables import make_tables
from tests.support.receiver import Receiver, receiving
from tests.support.rig import ERP, POLICY, SOON, TERMS, Notes, turn_until
from tests.support.servers import Database
from tests.support.shop import Shop

pytestmark = pytest.mark.slow

EVENTS = replace(POLICY, takes=frozenset({*EventType}), batching=BatchPolicy(events=4))


@dataclass
class FeedRig:
    """A shop, a receiver, and feeds between them."""

    shop: Shop
    receiver: Receiver
    session: Session

    def __post_init__(self) -> None:
        self.notes = Notes()
        self.opened = ExitStack()

    def leadership(self) -> Leadership:
        """Own the destination, whoever owned it before."""
        lead = Leadership(LeaseStore(self.session), "relay", ERP, "one", TERMS, SystemClock(), self.notes)
        assert lead.acquire()
        return lead

    def feed(
        self, policy: BatchPolicy = EVENTS.batching, *, clock: Clock | None = None, terms: GovernorTerms | None = None
    ) -> Feed:
        """A feed as a freshly started process has it."""
        clock = clock or SystemClock()
        settings = AdapterConfiguration("events", "cloudevents_batch", "", self.receiver.url, Path())
        sink = build_feed(settings, SecretStr("a-token"), "M1")
        self.opened.callback(sink.close)
        lead, outbox, receipts = self.leadership(), OutboxStore(self.session), ReceiptStore(self.session)
        policies = replace(EVENTS, batching=policy)
        governor = Governor(clock, 1, terms)
        orders = WholeOrders(self.session)
        return Feed(
            policies,
            sink,
            outbox,
            receipts,
            lead,
            clock,
            self.notes,
            governor=governor,
            orders=orders,
            housekeeping=SOON,
        )

    def relay(self) -> Relay:
        """A relay that sends single events."""
        settings = AdapterConfiguration("events", "cloudevents", "", self.receiver.url, Path(), concurrency=4)
        adapter = build(settings, SecretStr("a-token"), "M1")
        self.opened.callback(adapter.close)
        outbox, receipts = OutboxStore(self.session), ReceiptStore(self.session)
        lead, magento = self.leadership(), MagentoStore(self.session)
        governor, clock, orders = Governor(SystemClock(), 4), SystemClock(), WholeOrders(self.session)
        names, notes = Names("M1"), self.notes
        relay = Relay(
            EVENTS,
            names,
            adapter,
            governor,
            outbox,
            receipts,
            magento,
            RelatedOrders(self.session),
            lead,
            clock,
            notes,
            orders=orders,
            housekeeping=SOON,
        )
        self.opened.callback(relay.close)
        return relay

    def outcomes(self) -> dict[int, str]:
        """Every event that is receipted, by itself or in a range."""
        done = {int(one): str(outcome) for one, outcome in self.shop.rows("SELECT outbox_id, outcome FROM erp_receipt")}
        receipts = ReceiptStore(self.session)
        written = [one for (one,) in self.shop.rows("SELECT id FROM erp_outbox")]
        return {one: done.get(one, "in a range") for one in receipts.receipted_among(ERP, written)}

    def has_done(self, events: set[int]) -> Callable[[], bool]:
        """Whether exactly these events are receipted."""
        return lambda: set(self.outcomes()) == events


@pytest.fixture
def rig(database: Database) -> Iterator[FeedRig]:
    shop = Shop(database)
    make_tables(database)
    session = Session(database.url)
    with receiving() as receiver:
        made = FeedRig(shop, receiver, session)
        yield made
        made.opened.close()
    session.close()


def test_a_backlog_arrives_in_order_once_and_is_receipted_as_ranges(rig: FeedRig) -> None:
    events = [rig.shop.place(number) for number in range(1, 11)]

    turn_until(rig.feed(), rig.has_done(set(events)))

    assert rig.receiver.order == events
    assert len(rig.receiver.requests) == 3
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_receipt") == [(0,)]
    assert rig.shop.rows("SELECT SUM(events), COUNT(*) FROM erp_receipt_range") == [(10, 3)]


def test_in_quiet_hours_a_backlog_waits_without_a_call_and_without_haste(rig: FeedRig) -> None:
    class Slept(SystemClock):
        seconds = 0.0

        def sleep(self, seconds: float) -> None:
            self.seconds += seconds

    clock = Slept()
    every_day = QuietRange(frozenset(range(7)), 0, 1440)
    feed = rig.feed(clock=clock, terms=GovernorTerms(quiet_hours=QuietHours(ZoneInfo("UTC"), (every_day,))))
    for number in range(1, 11):
        rig.shop.place(number)

    for _ in range(5):
        feed.turn()
        feed.rest(0.5)

    assert rig.receiver.order == []
    assert clock.seconds > 2


def test_a_feed_that_is_asked_to_receipts_each_event_by_itself(rig: FeedRig) -> None:
    events = {rig.shop.place(number) for number in range(1, 6)}

    turn_until(rig.feed(BatchPolicy(events=4, receipts="each")), rig.has_done(events))

    assert set(rig.outcomes().values()) == {"delivered"}


def test_stock_deltas_are_events_like_any_other_to_a_feed(rig: FeedRig) -> None:
    delta = rig.shop.adjust("BAG", "-1.0000")

    turn_until(rig.feed(), rig.has_done({delta}))

    assert [event["type"] for event in rig.receiver.events.values()] == ["InventoryAdjusted"]


@pytest.mark.parametrize("fed", ["in batches", "one by one"])
def test_a_receiver_may_take_every_type_each_in_the_turn_of_its_lane(rig: FeedRig, fed: str) -> None:
    beside = [kind for kind in EventType if kind not in ORDER_TYPES | STOCK_TYPES]
    events = [rig.shop.place(42), *(rig.shop.tell(kind) for kind in beside), rig.shop.cancel(42)]
    others = [
        rig.shop.tell("CustomerSaved", "customer:42"),
        rig.shop.adjust("TEE", "-1"),
        rig.shop.reserve("TEE", "-1"),
    ]

    turn_until(rig.feed() if fed == "in batches" else rig.relay(), rig.has_done({*events, *others}))

    kept = sorted(rig.receiver.events.values(), key=lambda event: rig.receiver.order.index(int(event["sequence"])))
    lane = [event["type"] for event in kept if event["partitionkey"] == "order:42"]
    assert lane == ["OrderPlaced", *beside, "OrderCancelled"]
    assert {event["type"] for event in kept} == set(EventType) - {"OrderUpdated"}
    assert {event["subject"] for event in kept} >= {"order/42", "customer/42"}
    assert set(rig.outcomes().values()) == {"in a range"}


@pytest.mark.parametrize("fed", ["in batches", "one by one"])
def test_a_receiver_gets_echoes_and_sees_by_their_origin_what_they_are(rig: FeedRig, fed: str) -> None:
    events = [rig.shop.place(42), rig.shop.update(42, origin="erp")]

    turn_until(rig.feed() if fed == "in batches" else rig.relay(), rig.has_done(set(events)))

    assert [event["origin"] for event in rig.receiver.events.values()] == ["test", "erp"]


@pytest.mark.parametrize("fed", ["in batches", "one by one"])
def test_an_order_that_magento_could_not_tell_is_built_and_what_cannot_be_goes_as_it_is(rig: FeedRig, fed: str) -> None:
    rig.shop.place_past_the_module(42)
    untold = json.dumps({"payload_error": "a float in qty"})
    built, invoice = rig.shop.emit_raw("OrderPlaced", "order:42", untold), rig.shop.tell("InvoiceCreated")
    gone = rig.shop.emit_raw("OrderUpdated", "order:99", untold)

    turn_until(rig.feed() if fed == "in batches" else rig.relay(), rig.has_done({built, invoice, gone}))

    data = {int(event["sequence"]): event["data"] for event in rig.receiver.events.values()}
    check(data[built] | {"event_id": "01890000-0000-7000-8000-000000000000"}, "OrderPlaced.v1.json")
    assert data[gone] == {"payload_error": "a float in qty"}
    assert rig.outcomes() == {built: "delivered", invoice: "in a range", gone: "in a range"}
    assert rig.shop.rows("SELECT detail FROM erp_receipt") == [(TOLD,)]
    assert rig.shop.rows("SELECT outbox_id, edited_by FROM erp_event_edit") == [(built, "relay")]


@pytest.mark.parametrize("process", ["goes on", "is killed"])
@pytest.mark.parametrize("fed", ["in batches", "one by one"])
def test_what_went_as_it_was_comes_again_as_it_was_though_it_could_be_built_by_now(
    rig: FeedRig, fed: str, process: str
) -> None:
    event = rig.shop.emit_raw("OrderPlaced", "order:42", json.dumps({"payload_error": "a float in qty"}))
    rig.receiver.answers = [0]
    first = rig.feed() if fed == "in batches" else rig.relay()
    turn_until(first, lambda: len(rig.receiver.requests) == 1)
    rig.shop.place_past_the_module(42)
    second = first if process == "goes on" else rig.feed() if fed == "in batches" else rig.relay()

    turn_until(second, rig.has_done({event}))

    contents = {request["content"] for request in rig.receiver.requests}
    assert len(rig.receiver.requests) == 2
    assert len(contents) == 1


def test_an_event_that_was_parked_and_edited_goes_as_edited(rig: FeedRig) -> None:
    bad = rig.shop.place(3)
    rig.receiver.refused = {bad}
    feed = rig.feed()
    turn_until(feed, lambda: rig.shop.rows("SELECT state FROM erp_delivery") == [("parked",)])
    rig.receiver.refused = set()

    OperatorStore(rig.session).edit_event(
        ERP,
        OutboxId(bad),
        lambda event, now: edit(event, now, with_values(now, [("order.customer_note", "ring twice")])),
        "ann",
        "the receiver wants a note",
        dry_run=False,
    )
    turn_until(feed, rig.has_done({bad}))

    (event,) = rig.receiver.events.values()
    assert event["data"]["order"]["customer_note"] == "ring twice"


def test_an_event_that_commits_late_follows_and_is_receipted_by_itself(rig: FeedRig) -> None:
    feed = rig.feed()
    with rig.shop.transaction() as slow:
        late = rig.shop.place_in(slow, 1)
        others = {rig.shop.place(number) for number in (2, 3)}
        turn_until(feed, rig.has_done(others))

    turn_until(feed, rig.has_done({late, *others}))

    assert rig.receiver.order == [*sorted(others), late]
    assert rig.outcomes()[late] == "delivered"


def test_an_event_that_nobody_wants_is_parked_alone_and_holds_only_its_lane(rig: FeedRig) -> None:
    good = [rig.shop.place(1), rig.shop.place(2)]
    bad = rig.shop.place(3)
    followers = [rig.shop.update(3, quantity="3.0000"), rig.shop.update(3, quantity="4.0000")]
    more = [rig.shop.place(number) for number in range(4, 9)]
    rig.receiver.refused = {bad}

    feed = rig.feed()
    turn_until(feed, rig.has_done({*good, *more}))

    states = dict(rig.shop.rows("SELECT outbox_id, state FROM erp_delivery"))
    assert states == {bad: "parked", **dict.fromkeys(followers, "held")}
    assert rig.receiver.order == [*good, *more]


def test_a_parked_event_that_is_retried_goes_before_its_followers(rig: FeedRig) -> None:
    bad = rig.shop.place(3)
    followers = [rig.shop.update(3, quantity=f"{number}.0000") for number in range(3, 9)]
    rig.receiver.refused = {bad}
    feed = rig.feed()
    turn_until(feed, lambda: len(rig.shop.rows("SELECT 1 FROM erp_delivery")) == 7)
    rig.receiver.refused = set()

    assert Insights(rig.session).retry_event(ERP, OutboxId(bad), "ann", "receiver is mended")
    turn_until(feed, rig.has_done({bad, *followers}))
    after = rig.shop.update(3, quantity="9.0000")
    turn_until(feed, rig.has_done({bad, *followers, after}))

    assert rig.receiver.order == [bad, *followers, after]
    assert rig.shop.rows("SELECT * FROM erp_delivery") == []


@pytest.mark.slow
def test_a_parked_event_that_is_skipped_lets_its_followers_go(rig: FeedRig) -> None:
    bad, follower = rig.shop.place(3), rig.shop.update(3, quantity="3.0000")
    rig.receiver.refused = {bad}
    feed = rig.feed()
    turn_until(feed, lambda: len(rig.shop.rows("SELECT 1 FROM erp_delivery")) == 2)

    assert Insights(rig.session).skip_event(ERP, OutboxId(bad), "ann", "not needed")
    turn_until(feed, rig.has_done({bad, follower}))
    after = rig.shop.update(3, quantity="4.0000")
    turn_until(feed, rig.has_done({bad, follower, after}))

    assert rig.receiver.order == [follower, after]
    assert rig.outcomes()[bad] == "skipped"


def test_a_paused_lane_is_not_fed_until_it_is_resumed_and_then_in_order(rig: FeedRig) -> None:
    operations = OperatorStore(rig.session)
    operations.pause_lane(ERP, Lane("order:3"), "ann", "receiver counts stock")
    events = [rig.shop.place(3), rig.shop.update(3, quantity="3.0000")]
    other = rig.shop.place(4)
    feed = rig.feed()
    turn_until(feed, rig.has_done({other}))
    assert dict(rig.shop.rows("SELECT outbox_id, state FROM erp_delivery")) == {events[0]: "paused", events[1]: "held"}

    operations.resume_lane(ERP, Lane("order:3"), "ann", "counted")
    turn_until(feed, rig.has_done({other, *events}))

    assert rig.receiver.order == [other, *events]


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_batch_whose_answer_is_lost_or_bad_comes_again_and_is_kept_once(rig: FeedRig, status: int) -> None:
    events = [rig.shop.place(number) for number in (1, 2)]
    rig.receiver.answers = [status]

    turn_until(rig.feed(), rig.has_done(set(events)))

    assert rig.receiver.order == events
    assert len(rig.receiver.requests) == 2


def test_a_feed_that_was_killed_goes_on_where_its_receipts_end(rig: FeedRig) -> None:
    events = [rig.shop.place(number) for number in range(1, 9)]
    first = rig.feed()
    first.turn()
    assert rig.receiver.order == events[:4]

    turn_until(rig.feed(), rig.has_done(set(events)))

    assert rig.receiver.order == events
    assert [note["first"] for note in rig.notes.named("feed.resumed")] == [events[0]]


def test_a_feed_that_was_replaced_writes_nothing_any_more(rig: FeedRig) -> None:
    old = rig.feed()
    old.turn()
    rig.feed()
    rig.shop.place(1)

    with pytest.raises(LeaseLost):
        turn_until(old, lambda: False)

    assert rig.receiver.requests == []
    assert rig.outcomes() == {}


def test_single_events_keep_the_order_of_their_lane_and_go_untouched(rig: FeedRig) -> None:
    events = [rig.shop.place(1), rig.shop.place(2)]
    events += [rig.shop.update(number, quantity=f"{step}.0000") for step in (3, 4, 5) for number in (1, 2)]

    turn_until(rig.relay(), rig.has_done(set(events)))

    by_lane: dict[str, list[int]] = {"order:1": [], "order:2": []}
    for event in rig.receiver.events.values():
        by_lane[event["partitionkey"]].append(int(event["sequence"]))
    assert all(sequence == sorted(sequence) for sequence in by_lane.values())
    assert set(rig.outcomes().values()) == {"in a range"}


def test_a_single_event_whose_answer_is_lost_is_sent_once_more_under_its_id(rig: FeedRig) -> None:
    event = rig.shop.place(1)
    rig.receiver.answers = [0]

    turn_until(rig.relay(), rig.has_done({event}))

    assert len(rig.receiver.requests) == 2
    assert len(rig.receiver.events) == 1
    assert len(rig.notes.named("event.resubmitted")) == 1
