"""What the doctor concludes from what was found; Galera's and group replication's values are recorded ones."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sidecar.domain.examination import (
    CLOCK_SKEW,
    Check,
    ServerFacts,
    ShopFacts,
    StatusFacts,
    Verdict,
    judge_certificate,
    judge_clock,
    judge_disk,
    judge_exports,
    judge_server,
    judge_shop,
    judge_statuses,
)
from sidecar.domain.special_cases import Term, judge_terms

SOUND = ServerFacts(
    {
        "auto_increment_increment": "1",
        "binlog_format": "ROW",
        "innodb_flush_log_at_trx_commit": "1",
        "log_bin": "ON",
        "max_allowed_packet": "67108864",
        "read_only": "OFF",
        "super_read_only": "OFF",
        "sync_binlog": "1",
    },
    replica_threads=0,
)
GALERA = {"wsrep_on": "ON", "wsrep_provider": "/usr/lib/galera/libgalera_smm.so", "wsrep_node_name": "db1"}
READY = {"wsrep_cluster_size": "3", "wsrep_cluster_status": "Primary", "wsrep_ready": "ON"}
SHOP = ShopFacts(1007, timedelta(minutes=5), newest_order_has_event=True, event_versions=[("OrderPlaced", 1)])


def with_variables(**variables: str) -> ServerFacts:
    return replace(SOUND, variables={**SOUND.variables, **variables})


def one(checks: list[Check], name: str) -> Check:
    (found,) = [check for check in checks if check.check == name]
    return found


def test_a_sound_server_is_sound_in_every_line() -> None:
    assert {check.state for check in judge_server(SOUND)} == {Verdict.OK}


@pytest.mark.parametrize(
    ("facts", "name", "state", "words"),
    [
        (with_variables(read_only="ON"), "replication role", Verdict.FAIL, "this is a replica"),
        (with_variables(super_read_only="ON"), "replication role", Verdict.FAIL, "this is a replica"),
        (with_variables(innodb_read_only="ON"), "replication role", Verdict.FAIL, "this is a replica"),
        (replace(SOUND, replica_threads=2), "replication role", Verdict.WARN, "replicates from another server"),
        (replace(SOUND, replica_threads=None), "replication role", Verdict.UNKNOWN, "cannot be seen"),
        (with_variables(auto_increment_increment="3"), "auto_increment", Verdict.WARN, "leaves 2 gaps"),
        (replace(SOUND, writers=2), "auto_increment", Verdict.FAIL, "2 writers"),
        (with_variables(innodb_flush_log_at_trx_commit="2"), "durability", Verdict.WARN, "power cut"),
        (with_variables(sync_binlog="0"), "durability of the binlog", Verdict.WARN, "sync_binlog is 0"),
        (with_variables(binlog_format="STATEMENT"), "binlog", Verdict.FAIL, "STATEMENT"),
        (with_variables(max_allowed_packet="1048576"), "packets", Verdict.WARN, "1048576"),
        (replace(SOUND, largest_payload=67_108_864), "packets", Verdict.FAIL, "67108864 bytes"),
        (with_variables(group_replication_group_name="aaaa"), "cluster", Verdict.FAIL, "several primaries"),
    ],
)
def test_each_thing_that_is_wrong_is_told_with_what_to_type(
    facts: ServerFacts, name: str, state: Verdict, words: str
) -> None:
    check = one(judge_server(facts), name)

    assert (check.state, words in check.found) == (state, True)
    assert check.do


def test_group_replication_with_one_primary_is_fine() -> None:
    facts = with_variables(group_replication_group_name="aaaa", group_replication_single_primary_mode="ON")

    assert one(judge_server(facts), "cluster").state is Verdict.OK


@pytest.mark.parametrize(
    ("status", "writers", "state"),
    [
        (READY, 1, Verdict.WARN),
        (READY, 2, Verdict.FAIL),
        ({**READY, "wsrep_ready": "OFF"}, 1, Verdict.FAIL),
        ({**READY, "wsrep_cluster_status": "non-Primary"}, 1, Verdict.FAIL),
        ({}, 1, Verdict.FAIL),
    ],
)
def test_a_galera_node_is_named_and_refused_where_several_nodes_write(
    status: dict[str, str], writers: int, state: Verdict
) -> None:
    facts = replace(with_variables(**GALERA), cluster=status, writers=writers)

    check = one(judge_server(facts), "cluster")

    assert check.state is state
    assert "node db1" in check.found
    assert check.do


def test_a_galera_library_that_is_not_in_use_is_no_cluster() -> None:
    assert one(judge_server(with_variables(wsrep_on="OFF", wsrep_provider="none")), "cluster").found == "none"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (SHOP, Verdict.OK),
        (replace(SHOP, newest_order_has_event=False), Verdict.FAIL),
        (replace(SHOP, newest_order_has_event=False, newest_order_age=timedelta(seconds=5)), Verdict.UNKNOWN),
        (replace(SHOP, newest_order_has_event=False, newest_order_age=timedelta(days=3)), Verdict.UNKNOWN),
        (replace(SHOP, newest_order=None, newest_order_has_event=False), Verdict.UNKNOWN),
    ],
)
def test_an_order_without_its_event_shows_that_the_module_is_off(facts: ShopFacts, state: Verdict) -> None:
    assert one(judge_shop(facts), "module").state is state


@pytest.mark.parametrize(
    ("versions", "state"),
    [
        ([("OrderPlaced", 1), ("SomethingElse", 9)], Verdict.OK),
        ([("OrderPlaced", 2)], Verdict.FAIL),
        ([], Verdict.UNKNOWN),
    ],
)
def test_a_newer_module_is_known_by_its_events(versions: list[tuple[str, int]], state: Verdict) -> None:
    assert one(judge_shop(replace(SHOP, event_versions=versions)), "module's version").state is state


@pytest.mark.parametrize(
    ("skew", "state"),
    [
        (timedelta(seconds=-1), Verdict.OK),
        (timedelta(seconds=-3), Verdict.WARN),
        (timedelta(hours=1), Verdict.WARN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_a_clock_that_is_wrong_or_silent_is_told(skew: timedelta | None, state: Verdict) -> None:
    assert judge_clock("the database", skew, CLOCK_SKEW).state is state


@pytest.mark.parametrize(
    ("free", "state"), [(1 << 30, Verdict.OK), (1 << 20, Verdict.WARN), (0, Verdict.FAIL), (None, Verdict.UNKNOWN)]
)
def test_a_full_state_directory_is_told(free: int | None, state: Verdict) -> None:
    assert judge_disk("/var/lib/erp-sidecar", free).state is state


STATUSES = StatusFacts(
    {
        ("new", "pending"): True,
        ("new", "erp_accepted"): True,
        ("review", "waits"): False,
        ("review", "erp_posted"): False,
    },
    {"new": "pending", "review": "waits"},
)


def test_a_status_that_magento_does_not_know_is_told_with_the_command_that_creates_it() -> None:
    wanted = [("processing", "erp_partly_delivered"), ("new", "erp_accepted"), ("new", "erp_partly_delivered")]

    assert judge_statuses(wanted, STATUSES) == [
        Check(
            "order statuses",
            Verdict.FAIL,
            "erp_partly_delivered does not belong to new, processing in Magento",
            'bin/magento erp-sidecar:statuses:create erp_partly_delivered "ERP: partly delivered" new processing',
        )
    ]


def test_statuses_that_magento_knows_are_well() -> None:
    assert [check.state for check in judge_statuses([("new", "erp_accepted")], STATUSES)] == [Verdict.OK]


def test_a_hidden_status_would_take_orders_out_of_their_customers_accounts() -> None:
    hidden = replace(STATUSES, visible={**STATUSES.visible, ("new", "erp_accepted"): False})

    (check,) = judge_statuses([("new", "erp_accepted")], hidden)

    assert check.state is Verdict.WARN
    assert "vanish from their customers' accounts" in check.found


def test_a_status_may_be_hidden_where_the_states_default_is() -> None:
    assert [check.state for check in judge_statuses([("review", "erp_posted")], STATUSES)] == [Verdict.OK]


def test_a_blueprint_that_shows_nothing_asks_for_no_status() -> None:
    assert judge_statuses([], STATUSES) == []


def test_a_shop_that_exports_more_than_the_blueprint_names_is_told_what_to_type() -> None:
    assert judge_exports(["sku", "price"], frozenset({"price", "cost"})) == [
        Check(
            "exported attributes",
            Verdict.WARN,
            "the shop tells of cost, which exports.products does not name",
            "bin/magento config:set erp_sidecar_outbox/catalog/attributes sku,price",
        )
    ]


@pytest.mark.parametrize(
    ("named", "told", "states"),
    [
        (["sku", "price"], frozenset({"price"}), [Verdict.OK]),
        (["sku", "price"], None, [Verdict.UNKNOWN]),
        ([], frozenset({"price"}), []),
    ],
)
def test_what_the_newest_product_events_tell_of_is_held_against_the_blueprint(
    named: list[str], told: frozenset[str] | None, states: list[Verdict]
) -> None:
    assert [check.state for check in judge_exports(named, told)] == states


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (date(2026, 12, 10), "none of 1 ends within 14 days"),
        (date(2026, 12, 9), "hazmat ends in 13 days"),
        (date(2026, 11, 26), "hazmat ends today"),
        (date(2026, 11, 25), "hazmat ended 1 day ago; only documents of before still go by it"),
    ],
)
def test_a_special_case_is_pointed_out_two_weeks_before_its_end_and_until_it_is_taken_out(
    until: date, said: str
) -> None:
    (check,) = judge_terms([Term("erp", "hazmat", "logistics", until)], date(2026, 11, 26))

    assert check.found == said
    assert (check.state is Verdict.WARN) == ("logistics" in check.do)


def test_nobody_is_told_of_special_cases_where_there_are_none() -> None:
    assert judge_terms([], date(2026, 11, 26)) == []


@pytest.mark.parametrize(("left", "state"), [(90, Verdict.OK), (15, Verdict.OK), (13, Verdict.WARN), (0, Verdict.FAIL)])
def test_a_certificate_is_told_two_weeks_before_it_ends(left: int, state: Verdict) -> None:
    check = judge_certificate("destination erp", "our client certificate", timedelta(days=left))

    assert check.state is state
    assert bool(check.do) is (state is not Verdict.OK)
