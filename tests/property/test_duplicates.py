"""The rule of duplicates, for every purchase: one made twice is always met, what is meant never."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.duplicates import Purchase, PurchasedLine, twins_of

WINDOW = timedelta(minutes=10)
NOON = datetime(2026, 11, 26, 12)  # noqa: DTZ001 -- as the database's column is
AMOUNTS = st.decimals(0, 10_000, places=4, allow_nan=False)
IDS = st.none() | st.integers(1, 9)
LINES = st.lists(st.builds(PurchasedLine, st.sampled_from(["a", "b", "ü"]), AMOUNTS, AMOUNTS), max_size=5)
PURCHASES = st.builds(
    Purchase,
    entity_id=st.just(1),
    increment_id=st.just("000000001"),
    quote_id=st.integers(1, 9),
    customer_id=IDS,
    quote_address_id=IDS,
    customer_address_id=IDS,
    currency=st.sampled_from(["EUR", "USD"]),
    grand_total=AMOUNTS,
    lines=LINES.map(tuple),
    placed_at=st.just(NOON),
)
WITHIN = st.timedeltas(-WINDOW, WINDOW)


def again(purchase: Purchase, entity_id: int, apart: timedelta) -> Purchase:
    """The same purchase as another order; amounts may come with other zeros at their end."""
    lines = tuple(
        replace(line, quantity=line.quantity.normalize(), row_total=line.row_total + Decimal("0.000000"))
        for line in reversed(purchase.lines)
    )
    return replace(purchase, entity_id=entity_id, lines=lines, placed_at=purchase.placed_at + apart)


@given(PURCHASES, st.lists(WITHIN, min_size=1, max_size=4))
def test_one_purchase_is_met_as_often_as_it_was_made_and_by_each_of_its_orders(
    purchase: Purchase, apart: list[timedelta]
) -> None:
    others = [again(purchase, number, moment) for number, moment in enumerate(apart, 2)]

    assert twins_of(purchase, others, WINDOW) == others
    for other in others:
        assert purchase in twins_of(other, [purchase, *others], WINDOW)


@given(PURCHASES, st.lists(st.integers(1, 99), unique=True, min_size=2, max_size=6), WITHIN)
def test_siblings_of_a_checkout_to_several_addresses_are_never_met(
    purchase: Purchase, addresses: list[int], apart: timedelta
) -> None:
    orders = [again(purchase, number, apart) for number, _ in enumerate(addresses, 1)]
    of_the_quote = [replace(one, quote_address_id=to) for one, to in zip(orders, addresses, strict=True)]
    of_the_book = [replace(one, customer_address_id=to) for one, to in zip(orders, addresses, strict=True)]

    for siblings in (of_the_quote, of_the_book):
        assert [twins_of(sibling, siblings, WINDOW) for sibling in siblings] == [[]] * len(siblings)


@given(PURCHASES, WITHIN, st.sampled_from(["grand_total", "lines", "currency", "customer_id", "quote_id"]))
def test_what_differs_in_anything_that_was_bought_is_another_purchase(
    purchase: Purchase, apart: timedelta, what: str
) -> None:
    changed: dict[str, object] = {
        "grand_total": purchase.grand_total + Decimal("0.0001"),
        "lines": (*purchase.lines, PurchasedLine("a", Decimal(1), Decimal(0))),
        "currency": "GBP",
        "customer_id": 10,
        "quote_id": 10,
    }
    other = replace(again(purchase, 2, apart), **{what: changed[what]})  # type: ignore[arg-type]

    assert twins_of(purchase, [other], WINDOW) == []


@given(PURCHASES, st.timedeltas(WINDOW + timedelta(microseconds=1), timedelta(days=9)), st.sampled_from([-1, 1]))
def test_what_was_made_outside_the_window_is_not_looked_at(purchase: Purchase, apart: timedelta, sign: int) -> None:
    assert twins_of(purchase, [again(purchase, 2, apart * sign)], WINDOW) == []
