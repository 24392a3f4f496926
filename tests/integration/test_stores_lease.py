"""A lease is judged by the database's clock alone, and each acquisition outdates every token before it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest

from sidecar.domain.errors import LeaseLost
from sidecar.domain.events import OutboxId
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.step import Cursor, Step
from sidecar.domain.stock import Membership
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.stock_store import StockStore
from tests.support.stores import ERP, OTHER, Tables, session_at

NOON = Decimal("1763899200.250000")
TERMS = LeaseTerms(ttl=timedelta(seconds=10))


@contextmanager
def clocks(tables: Tables, *seconds: str) -> Iterator[list[LeaseStore]]:
    """Lease stores that see the database's clock stand at NOON plus so many seconds."""
    with ExitStack() as stack:
        yield [LeaseStore(stack.enter_context(session_at(tables.database, NOON + Decimal(later)))) for later in seconds]


def test_a_lease_belongs_to_one_owner_until_it_expires_by_the_clock_of_the_database(tables: Tables) -> None:
    with clocks(tables, "0", "9.999999", "10") as (noon, almost, expired):
        first = noon.acquire("relay", ERP, "a", TERMS)

        assert first is not None
        assert almost.acquire("relay", ERP, "b", TERMS) is None
        second = expired.acquire("relay", ERP, "b", TERMS)
        assert second is not None
        assert second > first


def test_a_lease_that_is_renewed_lives_on_from_the_moment_of_renewal(tables: Tables) -> None:
    with clocks(tables, "0", "9", "18.9", "19") as (noon, renewal, almost, expired):
        token = noon.acquire("relay", ERP, "a", TERMS)
        assert token is not None

        assert renewal.renew("relay", ERP, "a", token, TERMS)

        assert almost.acquire("relay", ERP, "b", TERMS) is None
        assert expired.acquire("relay", ERP, "b", TERMS) is not None


def test_a_lease_that_was_taken_over_cannot_be_renewed_or_given_up_by_its_old_owner(tables: Tables) -> None:
    with clocks(tables, "0", "10", "11") as (noon, expired, later):
        old = noon.acquire("relay", ERP, "a", TERMS)
        new = expired.acquire("relay", ERP, "b", TERMS)
        assert old is not None
        assert new is not None

        later.release("relay", ERP, "a", old)

        assert not later.renew("relay", ERP, "a", old, TERMS)
        assert later.renew("relay", ERP, "b", new, TERMS)


def test_a_lease_that_was_given_up_is_free_at_once(tables: Tables) -> None:
    with clocks(tables, "0") as (noon,):
        token = noon.acquire("relay", ERP, "a", TERMS)
        assert token is not None

        noon.release("relay", ERP, "a", token)

        assert noon.acquire("relay", ERP, "b", TERMS) is not None


def test_an_owner_that_comes_back_gets_its_lease_at_once_under_a_new_token(tables: Tables) -> None:
    with clocks(tables, "0", "1") as (noon, later):
        first = noon.acquire("relay", ERP, "a", TERMS)
        second = later.acquire("relay", ERP, "a", TERMS)

        assert first is not None
        assert second is not None
        assert second > first


def test_leases_of_other_roles_and_destinations_do_not_meet(tables: Tables) -> None:
    with clocks(tables, "0") as (noon,):
        assert noon.acquire("relay", ERP, "a", TERMS) is not None

        assert noon.acquire("relay", OTHER, "b", TERMS) is not None
        assert noon.acquire("stock", ERP, "b", TERMS) is not None
        assert noon.acquire("projector", "", "b", TERMS) is not None


def test_taking_over_the_documents_stops_the_former_relay_and_leaves_the_stock_alone(tables: Tables) -> None:
    leases = LeaseStore(tables.session)
    relay, stock = leases.acquire("relay", ERP, "a", TERMS), leases.acquire("stock", ERP, "a", TERMS)
    assert relay is not None
    assert stock is not None

    taken = leases.acquire("relay", ERP, "a", TERMS)

    assert taken is not None
    with pytest.raises(LeaseLost):
        ReceiptStore(tables.session).commit_step(ERP, relay, Step(Cursor(OutboxId(5))))
    ReceiptStore(tables.session).commit_step(ERP, taken, Step(Cursor(OutboxId(6))))
    membership = Membership(OutboxId(0), OutboxId(7))
    StockStore(tables.session).freeze_windows(ERP, stock, Cursor(OutboxId(7)), membership, [], "v1", [])
    assert tables.rows("SELECT stream, accounted_to FROM {prefix}erp_cursor ORDER BY stream") == [
        ("documents", 6),
        ("stock", 7),
    ]


def test_tokens_grow_even_when_the_leases_were_lost(tables: Tables) -> None:
    leases = LeaseStore(tables.session)
    before = max(leases.acquire("relay", ERP, "a", TERMS) or 0 for _ in range(3))
    tables.run("DELETE FROM {prefix}erp_lease")

    after = leases.acquire("relay", ERP, "b", TERMS)

    assert after is not None
    assert after > before
    assert leases.renew("relay", ERP, "b", after, TERMS)
