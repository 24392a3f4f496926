"""Where a new destination begins: decided once, in the transaction that makes its cursor, and kept there."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.start import BEGINNING, NOW, UNSAID, Beginning, Start
from sidecar.mysql.lease_store import LeaseStore
from tests.support.stores import ERP, INSERT_EVENT, OTHER, PREFIX, Tables, event_values

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
FROM_NOON = Start("2026-11-25T12:00:00+00:00", NOON)
BOTH = ("documents", "stock")


def begin(
    tables: Tables, start: Start, destination: DestinationName = ERP, streams: Sequence[str] = BOTH, role: str = "relay"
) -> None:
    leases = LeaseStore(tables.session, {destination: Beginning(start, streams, "v7")})
    assert leases.acquire(role, destination, "test", LeaseTerms()) is not None


def cursors(tables: Tables, destination: str = ERP) -> dict[str, tuple[int, str, str]]:
    rows = tables.rows(
        "SELECT stream, accounted_to, open_gaps, start_rule, started_after FROM {prefix}erp_cursor"
        " WHERE destination = %s",
        destination,
    )
    assert all(accounted_to == started_after for _, accounted_to, _, _, started_after in rows)
    return {stream: (accounted_to, gaps, rule) for stream, accounted_to, gaps, rule, _ in rows}


def add_events(tables: Tables, at: dict[int, datetime]) -> None:
    with tables.database.connect() as connection, connection.cursor() as cursor:
        rows = []
        for outbox_id, instant in at.items():
            values = list(event_values(outbox_id))
            values[8] = int(instant.timestamp() * 1_000_000)
            rows.append(values)
        cursor.executemany(INSERT_EVENT.replace("{prefix}", PREFIX), rows)


def test_the_first_destination_begins_with_the_outbox_unless_the_blueprint_says_otherwise(tables: Tables) -> None:
    tables.add_event(7)

    begin(tables, UNSAID)

    assert cursors(tables) == {"documents": (0, "[]", "beginning"), "stock": (0, "[]", "beginning")}


def test_a_destination_beside_others_does_not_begin_before_somebody_says_where(tables: Tables) -> None:
    begin(tables, UNSAID)

    with pytest.raises(ConfigurationError, match="other-erp is new beside main-erp") as refused:
        begin(tables, UNSAID, OTHER)

    assert "destinations.other-erp: start: now, beginning, or a date" in refused.value.hint
    assert cursors(tables, OTHER) == {}
    begin(tables, BEGINNING, OTHER)
    assert cursors(tables, OTHER)["documents"] == (0, "[]", "beginning")


def test_now_is_behind_the_newest_event_and_lists_what_may_still_appear_below_it(tables: Tables) -> None:
    for outbox_id in (1, 2, 5, 9):
        tables.add_event(outbox_id)

    begin(tables, NOW)

    assert cursors(tables)["documents"] == (9, "[[3,4],[6,8]]", "now")


def test_what_was_before_the_start_is_receipted_as_one_range_without_the_ids_that_may_still_appear(
    tables: Tables,
) -> None:
    for outbox_id in (3, 4, 5, 9):
        tables.add_event(outbox_id)

    begin(tables, NOW)

    assert tables.rows(
        "SELECT destination, first_id, last_id, holes, events, outcome, detail FROM {prefix}erp_receipt_range"
    ) == [(ERP, 3, 9, "[[6,8]]", 4, "unrouted", "before the start (now) by blueprint v7")]


@pytest.mark.parametrize("start", [BEGINNING, NOW, FROM_NOON])
def test_what_was_purged_is_before_every_start_and_no_gap(tables: Tables, start: Start) -> None:
    tables.run("INSERT INTO {prefix}erp_outbox_floor (name, floor_id) VALUES ('outbox', 500)")
    begin(tables, start)
    assert cursors(tables)["documents"][:2] == (500, "[]")

    tables.add_event(501)
    begin(tables, NOW, OTHER)

    assert cursors(tables, OTHER)["documents"][:2] == (501, "[]")


def test_now_in_an_empty_outbox_is_its_beginning(tables: Tables) -> None:
    begin(tables, NOW)

    assert cursors(tables)["documents"] == (0, "[]", "now")


def test_what_was_decided_once_is_not_decided_again(tables: Tables) -> None:
    tables.add_event(1)
    begin(tables, NOW)
    tables.add_event(2)

    begin(tables, BEGINNING)

    assert cursors(tables)["documents"] == (1, "[]", "now")


def test_a_stream_that_a_running_destination_did_not_have_begins_now(tables: Tables) -> None:
    begin(tables, BEGINNING, streams=("documents",))
    tables.add_event(8)

    begin(tables, BEGINNING, role="stock")

    assert cursors(tables) == {"documents": (0, "[]", "beginning"), "stock": (8, "[[1,7]]", "now")}


def test_a_date_is_the_first_event_that_occurred_then_or_later(tables: Tables) -> None:
    add_events(tables, {n: NOON + timedelta(minutes=n - 50) for n in range(1, 101) if n % 7})

    begin(tables, FROM_NOON)

    accounted_to, gaps, rule = cursors(tables)["documents"]
    assert (accounted_to, rule) == (49, FROM_NOON.said)
    assert gaps == "[[7,7],[14,14],[21,21],[28,28],[35,35],[42,42],[49,49]]"


def test_a_date_before_the_first_event_is_the_beginning(tables: Tables) -> None:
    add_events(tables, {n: NOON + timedelta(minutes=n) for n in range(5, 20)})

    begin(tables, FROM_NOON)

    assert cursors(tables)["documents"][0] == 4


def test_a_date_after_the_last_event_is_behind_it(tables: Tables) -> None:
    add_events(tables, {n: NOON - timedelta(days=1) for n in range(1, 20)})

    begin(tables, FROM_NOON)

    assert cursors(tables)["documents"][0] == 19


def test_a_date_that_is_yet_to_come_is_refused(tables: Tables) -> None:
    with pytest.raises(ConfigurationError, match="is yet to come"):
        begin(tables, Start("2999-01-01", datetime(2999, 1, 1, tzinfo=UTC)))

    assert cursors(tables) == {}


@pytest.mark.parametrize("seed", range(4))
def test_clocks_that_disagree_by_minutes_leave_no_event_of_the_date_out(tables: Tables, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 -- repeatable
    ids = sorted(dice.sample(range(1, 3_000), 1_500))
    at = {n: NOON + timedelta(seconds=2 * (n - 1_500) + dice.uniform(-240, 240)) for n in ids}
    add_events(tables, at)

    begin(tables, FROM_NOON)

    first = next(n for n in ids if at[n] >= NOON)
    assert cursors(tables)["documents"][0] == first - 1
