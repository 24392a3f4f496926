"""Names of refunds and customers: stable, apart from orders', and new after a restore."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.naming import Epoch, EpochKind, Names

RESTORED = Names("shop", (Epoch(2, EpochKind.RESTORED, 1000, 400, 5000),))
ids = st.integers(1, 2**32 - 1)


def test_a_refund_and_a_customer_are_named_by_their_own_ids() -> None:
    assert (RESTORED.refund(17, 900), RESTORED.customer(7, 900)) == ("shop-R-17", "shop-C-7")


def test_a_credit_memo_that_was_told_after_a_restore_never_takes_the_name_of_a_lost_one() -> None:
    assert (RESTORED.refund(17, 1001), RESTORED.customer(7, 1001)) == ("shop.2-R-17", "shop.2-C-7")


def test_a_name_stays_whatever_is_declared_later() -> None:
    later = Names("shop", (*RESTORED.epochs, Epoch(3, EpochKind.RESTORED, 2000, 900, 9000)))

    for event in (900, 1001):
        assert later.refund(17, event) == RESTORED.refund(17, event)
        assert later.customer(7, event) == RESTORED.customer(7, event)


@given(entity=ids, event=ids)
def test_no_refund_and_no_customer_is_taken_for_an_order(entity: int, event: int) -> None:
    names = [RESTORED.refund(entity, event), RESTORED.customer(entity, event)]

    assert [RESTORED.entity_of(name) for name in names] == [None, None]
    assert len({*names, RESTORED.order(entity)}) == 3
