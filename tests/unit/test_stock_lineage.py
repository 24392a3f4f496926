"""What became of a stock change at a destination: its line says it, else its row, else the blueprint."""

import json
from dataclasses import replace

import pytest

from sidecar.domain.events import Event, EventType, Lane, OutboxId
from sidecar.domain.policy import DestinationPolicy, StockPolicy
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock import LineState, Membership, WindowKind, WindowState
from sidecar.domain.stock_events import stock_event_of
from sidecar.domain.stock_lineage import Fate, PlacedLine, StreamStanding, Surroundings, whereabouts
from tests.support.rig import ERP, POLICY

STOCK = StockPolicy(frozenset({"manual", "shipment"}), {"west": "W1"}, drop_shipped=Skus(prefix="DS-"))
TAKES: DestinationPolicy = replace(POLICY, stock=STOCK, withholds_echoes=True, takes=frozenset({"CreditmemoCreated"}))
NOW_AT = StreamStanding(OutboxId(10), OutboxId(100), ((OutboxId(50), OutboxId(52)),))
CHANGE = {"sku": "TEE", "source_code": "west", "quantity": "-1.0000", "reason": "shipment"}


def event(outbox_id: int, *, kind: str = EventType.INVENTORY_ADJUSTED, origin: str = "checkout") -> Event:
    return Event(OutboxId(outbox_id), "", kind, 1, Lane("#1"), "TEE", 1, 0, origin=origin)


def line(state: LineState, *members: int, window: WindowState = WindowState.BOOKED, sequence: int = 7) -> PlacedLine:
    ids = [OutboxId(member) for member in members]
    movement = WindowKind.MOVEMENT
    return PlacedLine(ERP, "W1", sequence, movement, window, "MV-1", 3, "TEE", STOCK_UNITS, 1, state, "", ids)


STOCK_UNITS = stock_event_of(event(1), json.dumps(CHANGE)).quantity


def fate(outbox_id: int, around: Surroundings, *, policy: DestinationPolicy = TAKES, **said: str) -> tuple[Fate, str]:
    origin = said.pop("origin", "checkout")
    found = whereabouts(policy, around, event(outbox_id, origin=origin), json.dumps(CHANGE | said))
    return found.fate, found.why


@pytest.mark.parametrize(
    ("state", "window", "expected"),
    [
        (LineState.BOOKED, WindowState.BOOKED, Fate.SENT),
        (LineState.NET_ZERO, WindowState.BOOKED, Fate.NET_ZERO),
        (LineState.OPEN, WindowState.FROZEN, Fate.WAITS),
        (LineState.OPEN, WindowState.PARKED, Fate.REFUSED),
        (LineState.OPEN, WindowState.SKIPPED, Fate.GIVEN_UP),
        (LineState.PARKED, WindowState.BOOKED, Fate.REFUSED),
        (LineState.HELD, WindowState.BOOKED, Fate.HELD),
        (LineState.SKIPPED, WindowState.BOOKED, Fate.GIVEN_UP),
    ],
)
def test_a_change_in_a_line_is_where_the_line_is(state: LineState, window: WindowState, expected: Fate) -> None:
    found, why = fate(60, Surroundings(NOW_AT, [line(state, 59, 60, window=window)]))

    assert found is expected
    assert why.startswith("window W1 7, line 3: ")


def test_a_change_that_was_carried_is_where_it_went() -> None:
    carried = [line(LineState.CARRIED, 60), line(LineState.BOOKED, 60, 61, sequence=9)]

    assert fate(60, Surroundings(NOW_AT, carried)) == (Fate.SENT, "window W1 9, line 3: booked")


def test_a_line_from_before_ids_were_kept_has_what_its_window_took() -> None:
    taken = Membership(OutboxId(40), OutboxId(60), ((OutboxId(55), OutboxId(56)),), (OutboxId(12),))
    old = replace(line(LineState.BOOKED), members=None, membership=taken)

    assert [outbox_id for outbox_id in (12, 40, 41, 55, 57, 60, 61) if old.has(OutboxId(outbox_id))] == [12, 41, 57, 60]


def test_a_change_without_a_line_says_why_it_has_none() -> None:
    around = Surroundings(NOW_AT, parked={OutboxId(61): "no number"}, skipped={OutboxId(62): "ada: booked by hand"})

    told = {
        "parked": fate(61, around),
        "skipped": fate(62, around),
        "echo": fate(63, around, origin="erp"),
        "reason": fate(63, around, reason="import"),
        "document": fate(63, around, reason="refund"),
        "drop_shipped": fate(63, around, sku="DS-1"),
        "unmapped": fate(63, around, source_code="moon"),
        "start": fate(9, around),
        "above": fate(101, around),
        "gap": fate(51, around),
        "gone": fate(63, around),
        "elsewhere": fate(63, around, policy=replace(TAKES, stock=None)),
    }

    assert told == {
        "parked": (Fate.PARKED, "parked: no number"),
        "skipped": (Fate.SKIPPED, "skipped by ada: booked by hand"),
        "echo": (Fate.ECHO, "the ERP caused it, and knows it"),
        "reason": (Fate.NOT_TAKEN, "stock.reasons does not name import"),
        "document": (Fate.DOCUMENT, "it goes as a document: CreditmemoCreated"),
        "drop_shipped": (Fate.DROP_SHIPPED, "drop-shipped: no warehouse of the ERP has it"),
        "unmapped": (Fate.UNREADABLE, "source 'moon' has no warehouse in the blueprint"),
        "start": (Fate.BEFORE_START, "before the destination's start"),
        "above": (Fate.OPEN, "to be frozen with the next window of W1"),
        "gap": (Fate.OPEN, "to be frozen with the next window of W1"),
        "gone": (
            Fate.UNKNOWN,
            "it was accounted for and is in no window: the blueprint was another, or the window is purged",
        ),
        "elsewhere": (Fate.NOT_TAKEN, "the destination takes no stock changes"),
    }


def test_a_change_and_a_reservation_tell_what_where_why_and_for_which_document() -> None:
    cause = {"type": "shipment", "id": "17"}
    change = stock_event_of(
        event(1), json.dumps(CHANGE | {"cause": cause, "old_quantity": None, "new_quantity": "4.0000"})
    )
    sale = {"event_type": "order_placed", "object_type": "order", "object_id": "", "object_increment_id": "000000042"}
    reserved = stock_event_of(
        event(2, kind=EventType.INVENTORY_RESERVED),
        json.dumps({"sku": "TEE", "stock_id": 1, "quantity": "-2.0000", "sales_event": sale}),
    )
    broken = stock_event_of(event(3), '{"sku": "TEE", "quantity": "much"}')

    assert (change.where, change.reason, change.cause, change.document) == ("west", "shipment", "shipment", "17")
    assert (str(change.before), str(change.after)) == ("0", "4.0000")
    assert (reserved.where, reserved.reason, reserved.document) == ("stock 1", "order_placed", "000000042")
    assert (broken.sku, broken.problem[:22]) == ("TEE", "payload field quantity")
