"""The mapping changes while nobody knows whether the ERP has an order: it is never told two things under one key."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sidecar.domain.events import OutboxId
from sidecar.engine.remapping import REMAPPED
from tests.support.profiles import Promise, options_for, profile_with
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

LOST = {"operation": "order.create", "nth": 1, "count": 1, "kind": "lose_response_after_commit"}
OTHER_CODES = {"payment_methods": {"checkmo": "CHEQUE"}, "shipping_methods": {"*": "STD"}}


@contextmanager
def erp_that(promise: Promise, folder: Path, *, remembers_keys: bool = False) -> Iterator[tuple[Sandbox, str]]:
    """An ERP that promises this much, and the path of its profile."""
    path = Path(profile_with(promise, folder))
    if remembers_keys:
        profile = yaml.safe_load(path.read_text(encoding="utf-8"))
        profile["promises"]["native_dedupe"] = "idempotency_key"
        path.write_text(yaml.safe_dump(profile), encoding="utf-8")
    with sandbox(folder, *options_for(promise)) as erp:
        yield erp, str(path)


def lost(rig: Rig) -> OutboxId:
    """An order that the ERP has, and of which the answer was lost; the relay that sent it is gone."""
    rig.erp.plan(LOST)
    event = OutboxId(rig.shop.place(42))
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "unknown"})
    relay.close()
    return event


@contextmanager
def remapped(rig: Rig, monkeypatch: pytest.MonkeyPatch, mapping: str = "second") -> Iterator[Rig]:
    """The next process, whose blueprint maps otherwise."""
    monkeypatch.setattr("tests.support.rig.CODES", OTHER_CODES)
    again = Rig(rig.shop, rig.erp, replace(rig.policy, mapping=mapping), rig.wrap, rig.profile)
    try:
        yield again
    finally:
        again.close()


@pytest.mark.parametrize("promise", ["exact", "key"])
def test_an_order_that_the_erp_has_in_yesterday_s_words_is_recognised(
    database: Database, tmp_path: Path, promise: Promise, monkeypatch: pytest.MonkeyPatch
) -> None:
    with erp_that(promise, tmp_path) as (erp, profile), rig_on(database, erp, POLICY, profile=profile) as rig:
        event = lost(rig)
        with remapped(rig, monkeypatch) as again:
            turn_until(again.relay(), lambda: again.receipts_by_event() == {event: "already_there"})

        assert again.shop.rows("SELECT COUNT(*) FROM erp_finding") == [(0,)]
        assert len(rig.accepted(42)) == 1


def test_an_erp_that_remembers_keys_is_not_told_other_words_under_one(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(POLICY, mapping="first")
    with (
        erp_that("key", tmp_path, remembers_keys=True) as (erp, profile),
        rig_on(database, erp, policy, profile=profile) as rig,
    ):
        event = lost(rig)
        assert rig.shop.rows("SELECT mapping FROM erp_delivery") == [("first",)]
        with remapped(rig, monkeypatch) as again:
            relay = again.relay()
            asked = "SELECT reason, attempts, next_attempt_at FROM erp_delivery WHERE state = 'unknown'"
            turn_until(relay, lambda: again.shop.rows(asked) == [(REMAPPED, 1, None)])
            before = len(again.accepted(42))

            assert again.insights.retry_event(ERP, event, "ada", "the ERP has nothing of it")
            turn_until(relay, lambda: again.receipts_by_event() == {event: "already_there"})

        assert before == len(rig.accepted(42)) == 1


def test_an_erp_that_remembers_keys_is_told_the_same_once_more(database: Database, tmp_path: Path) -> None:
    policy = replace(POLICY, mapping="first")
    with (
        erp_that("key", tmp_path, remembers_keys=True) as (erp, profile),
        rig_on(database, erp, policy, profile=profile) as rig,
    ):
        event = lost(rig)

        turn_until(rig.relay(), lambda: rig.receipts_by_event() == {event: "already_there"})

        assert len(rig.accepted(42)) == 1


def test_a_call_that_was_lost_with_its_process_keeps_the_mapping_that_it_was_made_with(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(POLICY, mapping="first")
    with (
        erp_that("key", tmp_path, remembers_keys=True) as (erp, profile),
        rig_on(database, erp, policy, profile=profile) as rig,
    ):
        rig.erp.plan(
            {"operation": "order.create", "nth": 1, "count": 1, "kind": "delay", "seconds": 3, "when": "after"}
        )
        rig.shop.place(42)
        relay = rig.relay()
        turn_until(relay, lambda: bool(rig.accepted(42)))
        relay.close()

        with remapped(rig, monkeypatch) as again:
            turn_until(again.relay(), lambda: again.shop.rows("SELECT reason FROM erp_delivery") == [(REMAPPED,)])

        assert len(rig.accepted(42)) == 1
