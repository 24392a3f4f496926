"""An ERP's stock becomes Magento's: read whole, judged by the rule, written only where it is still as it was read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sidecar.domain.documents import StockPage, StockQuery
from sidecar.domain.errors import ErpUnavailable, LeaseLost, NotPossible, Retryable
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_feed import FeedGuards, SnapshotState
from sidecar.ports import ErpAdapter
from tests.support.rig import turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database
from tests.support.stock_feed import FED, FEED, FeedWorld, feed_on

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database: Database, erp: Sandbox, tmp_path: Path) -> Iterator[FeedWorld]:
    with feed_on(database, erp, tmp_path) as there:
        yield there


def fed_with(**guards: object) -> DestinationPolicy:
    return replace(FED, stock_feed=replace(FEED, guards=replace(FeedGuards(missing="zero"), **guards)))  # type: ignore[arg-type]


def test_nothing_is_written_before_a_person_has_taken_the_first_reading(world: FeedWorld) -> None:
    world.stock("west", "sku-1", 3)
    world.tell(W1_sku1=50, E1_sku1=5)

    assert world.run() == {}

    assert world.held() == {"west sku-1": 3}
    assert [facts["levels"] for facts in world.notes.named("stock.read")] == [2]
    world.take_baseline()
    assert world.held() == {"west sku-1": 50, "east sku-1": 5}
    assert world.readings() == ["complete", "baseline"]


def test_orders_that_the_erp_counts_are_put_back_and_those_that_it_does_not_know_are_not(world: FeedWorld) -> None:
    world.confirm(1)
    world.shop.place(2)
    world.tell(W1_sku1=10, W1_sku2=0)

    world.take_baseline()

    assert world.held() == {"west sku-1": 12, "west sku-2": 2}


def test_an_order_on_its_way_makes_its_skus_wait_and_no_others(world: FeedWorld) -> None:
    world.tell(W1_sku1=10, W1_sku2=10)
    world.take_baseline()
    world.confirm(1)
    world.shop.execute("UPDATE erp_document_revision SET confirmed_at = NOW(6)")
    world.shop.execute("DELETE FROM sales_order_item WHERE sku = 'sku-2'")
    world.tell(W1_sku1=8, W1_sku2=9)

    told = world.run()

    assert (told["written"], told["waiting"]) == (1, 1)
    assert world.held() == {"west sku-1": 10, "west sku-2": 9}
    world.age("erp_document_revision", "confirmed_at")
    assert world.run()["written"] == 0
    assert world.held()["west sku-1"] == 10


def test_an_order_whose_answer_was_lost_makes_its_skus_wait_until_it_is_found(world: FeedWorld) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.shop.place(1)
    world.shop.execute(
        "INSERT INTO erp_delivery (destination, outbox_id, stream, lane, state, revision, fault)"
        " VALUES ('erp', 1, 'documents', 'order:1', 'unknown', 1, '')"
    )
    world.tell(W1_sku1=8)
    assert world.run()["waiting"] == 1

    world.shop.execute("UPDATE erp_delivery SET state = 'parked', revision = 0")

    assert world.run()["written"] == 1
    assert world.held() == {"west sku-1": 8}


def test_a_shipment_between_reading_and_writing_is_never_erased(world: FeedWorld) -> None:
    world.confirm(1)
    world.tell(W1_sku1=10, W1_sku2=10)
    world.take_baseline()
    assert world.held() == {"west sku-1": 12, "west sku-2": 12}
    world.tell(W1_sku1=11, W1_sku2=11)
    world.items.before_write.append(lambda: world.ship(1))

    told = world.run()

    assert world.held() == {"west sku-1": 11, "west sku-2": 11}
    assert told["written"] == 2
    assert world.run()["written"] == 0


def test_a_write_whose_answer_was_lost_is_looked_at_before_anything_else(world: FeedWorld) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.tell(W1_sku1=12)
    world.items.loses_answers = True

    told = world.run()

    assert world.held() == {"west sku-1": 12}
    assert [change.quantity for change in world.items.written] == [10, 12]
    assert (told["written"], told["waiting"]) == (0, 0)


def test_a_change_of_magentos_own_that_the_erp_has_not_booked_is_kept(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.mysql.feed_facts.CHANGES_PAGE", 1)
    aggregator = world.rig.aggregator()
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.stock("west", "sku-1", 13)
    world.shop.adjust("sku-1", "5.0000", reason="manual", origin="erp")
    world.shop.adjust("sku-1", "3.0000", reason="manual")
    assert world.run()["written"] == 0

    turn_until(aggregator, lambda: world.shop.rows("SELECT state FROM erp_stock_window") == [("booked",)])
    assert world.run()["waiting"] == 1, "it was booked just now: before the ERP read, or after?"
    for column in ("settled_at", "frozen_at"):
        world.age("erp_stock_window", column)
    assert world.run()["written"] == 0
    assert world.held() == {"west sku-1": 13}


@pytest.mark.parametrize(("window", "line"), [("parked", "open"), ("unknown", "booked")])
def test_a_change_of_which_nobody_knows_whether_the_erp_booked_it_makes_its_sku_wait(
    world: FeedWorld, window: str, line: str
) -> None:
    aggregator = world.rig.aggregator()
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.stock("west", "sku-1", 13)
    world.shop.adjust("sku-1", "3.0000", reason="manual")
    turn_until(aggregator, lambda: world.shop.rows("SELECT state FROM erp_stock_window") == [("booked",)])
    world.shop.execute(f"UPDATE erp_stock_window SET state = '{window}', settled_at = NULL")  # noqa: S608 -- ours
    world.shop.execute(f"UPDATE erp_stock_window_line SET state = '{line}'")  # noqa: S608 -- ours
    world.age("erp_stock_window", "frozen_at")

    run = world.run()

    assert (run["waiting"], run["written"]) == (1, 0)


def test_a_change_that_a_person_has_mended_is_reckoned_as_it_was_mended(world: FeedWorld) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.stock("west", "sku-1", 13)
    event = world.shop.adjust("sku-1", "many", reason="manual")
    turn_until(world.rig.aggregator(), lambda: world.shop.rows("SELECT state FROM erp_delivery") == [("parked",)])
    edits = "lane, payload_before, payload_after, sha256_before, sha256_after, edited_by"
    world.shop.execute(
        f"INSERT INTO erp_event_edit (destination, outbox_id, {edits})"  # noqa: S608 -- ours
        " SELECT 'erp', id, '', payload, REPLACE(payload, 'many', '3'), '', '', 'ann' FROM erp_outbox"
        f" WHERE id = {event}"
    )

    assert world.run()["written"] == 0
    assert world.held() == {"west sku-1": 13}


def test_a_jump_is_held_until_a_person_accepts_it_and_the_next_one_is_a_new_question(world: FeedWorld) -> None:
    world.tell(W1_sku1=10, W1_sku2=10)
    world.take_baseline()
    world.tell(W1_sku1=1000, W1_sku2=11)
    assert (world.run()["held"], world.held()["west sku-1"]) == (1, 10)
    assert world.findings() == [("stock_jump", "sku:sku-1")]

    world.snapshots.accept_jump(world.policy.name, "sku-1", Decimal(1000), "10 -> 1000", "ann", "a container came")

    assert world.run()["written"] == 1
    assert world.held()["west sku-1"] == 1000
    assert world.findings() == []
    assert world.findings("repaired") == [("stock_jump", "sku:sku-1")]
    world.tell(W1_sku1=10)
    assert world.run()["held"] == 1
    assert world.shop.rows("SELECT action, lane, reason FROM erp_operator_action WHERE action = 'accept'") == [
        ("accept", "sku:sku-1", "a container came")
    ]


def test_less_than_nothing_is_held_also_in_a_baseline(world: FeedWorld) -> None:
    world.stock("west", "sku-1", 4)
    world.tell(W1_sku1=-3, W1_sku2=500)

    world.take_baseline()

    assert world.held() == {"west sku-1": 4, "west sku-2": 500}
    assert world.findings() == [("stock_negative", "sku:sku-1")]


def test_a_sku_that_the_erp_does_not_list_counts_as_nothing_or_is_kept(
    database: Database, erp: Sandbox, tmp_path: Path
) -> None:
    with feed_on(database, erp, tmp_path, fed_with(missing="keep")) as keeping:
        keeping.stock("west", "sku-1", 4)
        keeping.stock("east", "sku-2", 4)
        keeping.tell(W1_sku1=5, W1_sku2=6, E1_sku1=0)
        keeping.take_baseline()
        assert keeping.held() == {"west sku-1": 5, "east sku-2": 4}, "of sku-2 the ERP does not list E1"
        assert keeping.findings() == [("stock_not_listed", "destination:erp")]
        assert keeping.notes.named("stock.imported")[0]["kept"] == 1
        zero = FeedWorld(keeping.rig, FED)
        assert zero.run()["written"] == 2
        assert zero.held() == {"west sku-1": 5, "east sku-2": 0, "west sku-2": 6}


def test_skus_that_magento_does_not_have_are_one_finding(world: FeedWorld) -> None:
    world.tell(W1_sku1=5, W1_sku8=5, W1_sku9=5)

    world.take_baseline()

    assert world.held() == {"west sku-1": 5}
    assert world.findings() == [("stock_sku_unknown", "destination:erp")]


def test_a_unit_that_nobody_has_named_is_held(database: Database, erp: Sandbox, tmp_path: Path) -> None:
    with feed_on(database, erp, tmp_path, levels={"unit": '`"BOX"`'}) as world:
        world.tell(W1_sku1=5)
        world.take_baseline()
        assert world.held() == {}
        assert world.findings() == [("stock_unit_unknown", "sku:sku-1")]


# --- Readings -------------------------------------------------------------------------------------


class Wayward(ErpAdapter if TYPE_CHECKING else object):  # type: ignore[misc]
    """The real adapter, whose pages of stock go astray."""

    def __init__(self, adapter: ErpAdapter) -> None:
        self._adapter = adapter
        self.trouble = ""
        self.pages = 0

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:
        """As told."""
        self.pages += 1
        page = self._adapter.read_stock(query, cursor if self.trouble == "" else None, deadline)
        match self.trouble:
            case "repeats":
                return replace(page, next_cursor="again" if self.pages == 1 else None)
            case "circles":
                return replace(page, next_cursor="again")
            case "timeless":
                return replace(page, as_of=None)
            case "breaks" if self.pages > 1:
                raise ErpUnavailable("the ERP went home")
            case "breaks":
                return replace(page, next_cursor="more")
            case "old":
                assert page.as_of is not None
                return replace(page, as_of=page.as_of - timedelta(minutes=30))
            case "ancient":
                assert page.as_of is not None
                return replace(page, as_of=page.as_of - timedelta(hours=3))
            case "vague":
                return replace(page, levels=tuple(replace(one, available=None) for one in page.levels))
            case _:
                return page

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            return getattr(self._adapter, name)


@pytest.fixture
def wayward(world: FeedWorld) -> Wayward:
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.tell(W1_sku1=11)
    adapter = Wayward(world.rig.adapter)
    world.import_anew(adapter)
    return adapter


TROUBLES = {
    "repeats": "a page came twice",
    "circles": "go round in a circle",
    "timeless": "does not say when it read",
    "old": "older than reading",
    "ancient": "the blueprint allows 1:00:00",
    "vague": "does not tell what is available of sku-1 in W1",
}


def test_a_reading_that_is_not_whole_or_not_newer_is_held_as_a_whole(world: FeedWorld, wayward: Wayward) -> None:
    for trouble, why in TROUBLES.items():
        wayward.trouble, wayward.pages = trouble, 0

        assert world.run() == {}

        assert world.readings()[-1] == "held"
        ((said,),) = world.shop.rows("SELECT why FROM erp_stock_snapshot ORDER BY number DESC LIMIT 1")
        assert why in said
        assert world.findings() == [("stock_snapshot_held", "destination:erp")]
    assert world.held() == {"west sku-1": 10}
    wayward.trouble = ""
    assert world.run()["written"] == 1
    assert world.findings() == []


def test_a_reading_that_breaks_off_is_held_and_begun_anew(world: FeedWorld, wayward: Wayward) -> None:
    wayward.trouble = "breaks"
    with pytest.raises(Retryable):
        world.run()
    assert world.readings()[-1] == "held"

    wayward.trouble = ""

    assert world.run()["written"] == 1


def test_a_warehouse_that_is_left_out_as_a_whole_is_not_sold_out(world: FeedWorld) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.stock("east", "sku-2", 3)

    assert world.run() == {}

    assert world.held() == {"east sku-2": 3, "west sku-1": 10}
    world.stock("east", "sku-2", 0)
    assert world.run()["written"] == 1, "its status says so now"


class KilledError(Exception):
    """The process is gone."""


def die() -> None:
    raise KilledError


def test_an_importer_that_is_killed_amid_the_first_reading_is_followed_by_one_that_ends_it(world: FeedWorld) -> None:
    world.tell(W1_sku1=10, E1_sku2=500)
    world.run()
    newest = world.snapshots.newest(world.policy.name, {SnapshotState.COMPLETE})
    assert newest is not None
    world.snapshots.accept_baseline(world.policy.name, newest.number, "ann", "go-live")
    world.items.before_write.append(die)
    with pytest.raises(KilledError):
        world.turn_until_idle()

    world.items.before_write.clear()
    world.run_reading_only()
    world.import_anew()
    world.turn_until_idle()

    assert world.held() == {"west sku-1": 10, "east sku-2": 500}
    assert world.readings()[0] == "baseline"
    with pytest.raises(NotPossible):
        world.snapshots.accept_baseline(world.policy.name, newest.number, "ann", "again")


def test_an_importer_that_is_killed_after_it_has_written_writes_nothing_again(world: FeedWorld) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.tell(W1_sku1=12)
    for _ in world.importer.steps():
        if world.held() == {"west sku-1": 12}:
            break
    world.import_anew()

    assert world.run()["written"] == 0

    assert world.readings()[-2:] == ["complete", "imported"]
    assert [change.quantity for change in world.items.written] == [10, 12]


def test_a_half_read_reading_is_abandoned_by_the_successor_and_its_reader_writes_nothing_more(
    world: FeedWorld,
) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    stale = world.lead.token
    half = world.snapshots.begin(world.policy.name, stale, timedelta())

    world.import_anew()
    assert world.run()["written"] == 0

    assert world.readings()[-2:] == ["abandoned", "imported"]
    with pytest.raises(LeaseLost):
        world.snapshots.add_page(half, stale, (), None)
    with pytest.raises(LeaseLost):
        world.snapshots.begin(world.policy.name, stale, timedelta())


def test_a_run_is_remembered_and_levels_of_older_readings_are_deleted(world: FeedWorld) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    assert world.shop.rows("SELECT check_name, compared, findings, complete FROM erp_reconciliation_run") == [
        ("stock_feed", 1, 0, 1)
    ]
    world.run()

    newest = world.snapshots.newest(world.policy.name, {SnapshotState.IMPORTED})

    assert newest is not None
    assert world.shop.rows("SELECT DISTINCT snapshot FROM erp_stock_level") == [(newest.number,)]


def test_it_reads_again_when_its_time_has_come_and_not_before(world: FeedWorld) -> None:
    world.tell(W1_sku1=10)
    world.take_baseline()
    world.import_anew()
    assert not world.importer.turn()

    world.age("erp_stock_snapshot", "started_at")
    world.import_anew()
    world.turn_until_idle()

    assert world.readings()[-1] == "imported"
