"""Which database this is, and whether time went back in it: judged from what the host and the database say."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sidecar.domain.identity import Instance, Mark, Memory, Observation, Place, Standing, StreamMark, judge, remembered

HOME = Place("server_uuid 3f2a", "magento", "db1:3306")
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
INSTANCE = Instance("a-shop", "M1", 1, HOME)
STREAMS = {"erp/documents": StreamMark(4, 90), "erp/stock": StreamMark(3, 95)}
MEMORY = Memory("a-shop", 1, HOME, Mark(100, "event-100"), STREAMS, NOON)
SEEN = Observation(NOON, HOME, INSTANCE, Mark(120, "event-120"), 1, "event-100", STREAMS)


def standing(memory: Memory | None, seen: Observation, name: str = "M1") -> Standing:
    return judge(memory, seen, name).standing


def test_a_database_that_only_went_forward_is_the_same() -> None:
    assert standing(MEMORY, SEEN) is Standing.SAME


def test_the_first_sidecar_of_all_finds_a_database_without_a_mark() -> None:
    assert standing(None, replace(SEEN, instance=None)) is Standing.UNMARKED


def test_a_standby_may_begin_where_the_database_says_that_it_belongs() -> None:
    assert standing(None, SEEN) is Standing.FIRST_HERE


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (replace(SEEN, newest=Mark(80, "event-80"), at_mark=None), "event 100 is gone"),
        (replace(SEEN, at_mark="another"), "event 100 is another one"),
        (replace(SEEN, streams={**STREAMS, "erp/stock": StreamMark(3, 94)}), "cursor of erp/stock is at 94"),
        (replace(SEEN, streams={**STREAMS, "erp/stock": StreamMark(2, 95)}), "token of erp/stock is 2"),
        (replace(SEEN, streams={}), "cursor of erp/documents is at 0"),
        (replace(SEEN, instance=None), "no trace"),
    ],
)
def test_whatever_the_database_has_forgotten_is_a_rewind(seen: Observation, why: str) -> None:
    judgement = judge(MEMORY, seen, "M1")

    assert judgement.standing is Standing.REWOUND
    assert why in judgement.why


def test_new_orders_that_have_reached_the_old_ids_again_do_not_hide_a_rewind() -> None:
    overtaken = replace(SEEN, newest=Mark(5000, "event-5000"), at_mark="placed after the restore")

    assert standing(MEMORY, overtaken) is Standing.REWOUND


def test_an_older_epoch_is_a_rewind_and_a_newer_one_was_declared_on_another_host() -> None:
    declared = replace(SEEN, instance=replace(INSTANCE, epoch=2), newest=Mark(7, "event-7"), at_mark=None, streams={})

    assert standing(replace(MEMORY, epoch=2), SEEN) is Standing.REWOUND
    assert standing(MEMORY, declared) is Standing.SAME


@pytest.mark.parametrize(
    "purged", [Observation(NOON, HOME, INSTANCE, Mark(0, ""), 0, None), replace(SEEN, oldest_id=110, at_mark=None)]
)
def test_a_purged_outbox_is_no_rewind(purged: Observation) -> None:
    accounted = {"erp/documents": StreamMark(4, 120), "erp/stock": StreamMark(3, 120)}

    assert standing(MEMORY, replace(purged, streams=accounted)) is Standing.SAME


def test_an_outbox_emptied_beyond_what_any_cursor_accounts_for_is_a_rewind() -> None:
    assert standing(MEMORY, Observation(NOON, HOME, INSTANCE, Mark(0, ""), 0, None, STREAMS)) is Standing.REWOUND


def test_an_outbox_that_was_truncated_counts_from_one_again_and_is_a_rewind() -> None:
    streams = {"erp/documents": StreamMark(4, 100), "erp/stock": StreamMark(3, 100)}
    truncated = replace(SEEN, newest=Mark(3, "event-3"), oldest_id=1, at_mark=None, streams=streams)

    assert standing(MEMORY, truncated) is Standing.REWOUND


def test_the_same_data_on_another_server_was_moved_and_a_renamed_host_is_nobodys_business() -> None:
    promoted = replace(SEEN, place=Place("server_uuid 9c1d", "magento", "db2:3306"))
    renamed = replace(SEEN, place=replace(HOME, address="database.example.com:3306"))

    assert standing(MEMORY, promoted) is Standing.MOVED
    assert standing(MEMORY, renamed) is Standing.SAME


@pytest.mark.parametrize(
    "place",
    [
        replace(HOME, server="server_uuid 9c1d"),
        replace(HOME, schema="magento_staging"),
        replace(HOME, address="staging:3306"),
    ],
)
@pytest.mark.parametrize("memory", [None, replace(MEMORY, instance_id="the-last-copy")])
def test_without_a_memory_of_it_a_database_must_be_exactly_where_it_belongs(
    memory: Memory | None, place: Place
) -> None:
    assert standing(memory, replace(SEEN, place=place)) is Standing.COPY


def test_a_state_directory_of_another_shop_is_refused() -> None:
    assert standing(replace(MEMORY, instance_id="another-shop"), SEEN) is Standing.OTHER_SHOP


@pytest.mark.parametrize("memory", [None, MEMORY])
def test_the_name_in_every_reference_may_not_change(memory: Memory | None) -> None:
    judgement = judge(memory, SEEN, "M2")

    assert judgement.standing is Standing.RENAMED
    assert "M1" in judgement.why
    assert "M2" in judgement.why


def test_a_mark_moves_forward_only_until_a_new_epoch_begins() -> None:
    purged = replace(SEEN, newest=Mark(0, ""), oldest_id=0)

    assert remembered(None, SEEN, INSTANCE).newest == Mark(120, "event-120")
    assert remembered(MEMORY, SEEN, INSTANCE).newest == Mark(120, "event-120")
    assert remembered(MEMORY, purged, INSTANCE).newest == MEMORY.newest
    assert remembered(MEMORY, purged, replace(INSTANCE, epoch=2)).newest == Mark(0, "")
