"""The parts of the benchmark do what the figures rest on."""

import json
import time

import pytest

from sidecar.mysql import schema
from sidecar.mysql.session import Session
from tests.benchmarks.apart import ApartError, run_apart
from tests.benchmarks.counters import Counters
from tests.benchmarks.erp import erp
from tests.benchmarks.figures import NotMeasurableError
from tests.benchmarks.folding import fold
from tests.benchmarks.rows import PAYLOAD_BYTES, fill_outbox, fill_with_changes
from tests.benchmarks.traffic import latencies, produce_for
from tests.support.event_schemas import check
from tests.support.servers import Database
from tests.support.shop import Shop

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = Shop(database)
    session = Session(database.url)
    schema.apply(session)
    session.close()
    return shop


def test_a_backlog_is_made_without_gaps_and_read_back_whole(shop: Shop) -> None:
    fill_outbox(shop.database, 1500)

    figures = run_apart("tests.benchmarks.drain:read_raw", url=shop.database.url)

    assert shop.rows("SELECT COUNT(*), MIN(id), MAX(id), COUNT(DISTINCT event_id) FROM erp_outbox") == [
        (1500, 1, 1500, 1500)
    ]
    ((payload, event_id),) = shop.rows("SELECT payload, event_id FROM erp_outbox WHERE id = 1234")
    assert json.loads(payload)["event_id"] == event_id
    assert len(payload) == pytest.approx(PAYLOAD_BYTES, abs=20)
    assert figures["events"] == 1500
    assert figures["seconds"] > 0
    assert figures["cpu_seconds"] > 0


@pytest.mark.mariadb
def test_changes_of_stock_are_made_as_the_module_writes_them_and_folded_to_the_last(shop: Shop) -> None:
    fill_with_changes(shop.database, 1500)

    figures = fold(shop.database)

    for (payload,) in shop.rows("SELECT payload FROM erp_outbox WHERE id IN (1, 1500)"):
        check(json.loads(payload), "InventoryAdjusted.v1.json")
    assert figures["events"] == 1500
    assert 5 < figures["lines"] < 1500
    assert shop.rows("SELECT COUNT(DISTINCT warehouse), COUNT(*) FROM erp_stock_window") == [(5, 5)]


def test_bare_receipts_are_those_that_a_feed_would_write(shop: Shop) -> None:
    figures = run_apart("tests.benchmarks.drain:insert_bare", url=shop.database.url, name="bare", events=2500)

    assert figures["events"] == 2500
    assert shop.rows("SELECT COUNT(*), MIN(outbox_id), MAX(outbox_id) FROM erp_receipt") == [(2500, 1, 2500)]


def test_the_erp_counts_every_call_and_times_each_event_once() -> None:
    with erp() as sink:
        run_apart("tests.benchmarks.http:post_bare", erp_url=sink.url, events=40, at_once=4)
        book = sink.take_book()

        assert book["calls"] == 44  # the first four, which open connections, are sent again
        assert len(book["arrivals"]) == 40
        assert all(instant < time.monotonic_ns() for instant in book["arrivals"].values())
        assert sink.take_book()["calls"] == 0


def test_a_slow_erp_answers_many_calls_at_once() -> None:
    with erp(delay=0.1) as sink:
        run_apart("tests.benchmarks.http:post_bare", erp_url=sink.url, events=8, at_once=4)

        assert sink.take_book()["most_in_hand"] == 4


def test_producers_tell_when_each_event_was_committed_and_read_no_rows(shop: Shop) -> None:
    with Counters(shop.database.server) as counters:
        counters.restart()
        commits = produce_for(shop.database, 200, 0.3)
        counted = counters.counted()

    assert len(commits) == 60
    assert {event for (event,) in shop.rows("SELECT event_id FROM erp_outbox")} == commits.keys()
    assert counted.commits >= 60
    assert counted.reads < 60


def test_an_event_that_never_arrives_makes_the_latency_unmeasurable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.traffic.ARRIVES_WITHIN", 0.0)

    with erp() as sink, pytest.raises(NotMeasurableError, match="1 of 1 events did not arrive"):
        latencies({"lost": time.monotonic_ns()}, sink)


def test_a_measurement_that_fails_says_so() -> None:
    with pytest.raises(ApartError, match="a measurement ended with 1"):
        run_apart("tests.benchmarks.drain:read_raw", url="mysql://nobody@127.0.0.1:1/none")
