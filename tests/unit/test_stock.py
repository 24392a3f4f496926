"""Stock deltas: folded exactly, each counted once, refused when they cannot be counted."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import OutboxId
from sidecar.domain.stock import Delta, Fold, FrozenFold, WindowKind, WindowState, delta_of

WAREHOUSES = {"west": "W1", "east": "E1", "hub": "E1"}
PAYLOAD = {"sku": "TEE-S", "source_code": "west", "quantity": "-2.5000", "reason": "shipment"}

deltas = st.lists(
    st.builds(
        Delta,
        id=st.integers(1, 2**64 - 1).map(OutboxId),
        sku=st.sampled_from(["a", "b", "c"]),
        warehouse=st.sampled_from(["W1", "E1"]),
        quantity=st.decimals(-100, 100, places=4),
        reason=st.just("shipment"),
        kind=st.sampled_from(WindowKind),
    ),
    unique_by=lambda delta: delta.id,
)


def fold(taken: Iterable[Delta]) -> list[FrozenFold]:
    added = Fold()
    for delta in taken:
        added.add(delta)
    return added.windows()


def plainly(folds: Iterable[FrozenFold]) -> list[object]:
    return [
        (one.warehouse, one.kind, [(line.sku, line.quantity, list(line.members)) for line in one.lines])
        for one in folds
    ]


@given(deltas)
def test_each_delta_is_in_one_line_and_each_line_is_the_sum_of_its_deltas(taken: list[Delta]) -> None:
    quantities = {delta.id: delta.quantity for delta in taken}
    lines = [(one, line) for one in fold(taken) for line in one.lines]

    assert sorted(member for _, line in lines for member in line.members) == sorted(quantities)
    for one, line in lines:
        mine = [d.id for d in taken if (d.warehouse, d.kind, d.sku) == (one.warehouse, one.kind, line.sku)]
        assert list(line.members) == sorted(mine)
        assert line.quantity == sum(quantities[OutboxId(member)] for member in line.members)


@given(deltas, st.randoms())
def test_the_order_of_deltas_does_not_matter(taken: list[Delta], random: object) -> None:
    shuffled = list(taken)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert plainly(fold(shuffled)) == plainly(fold(taken))


def test_deltas_that_cancel_out_stay_as_a_line_of_zero() -> None:
    there = Delta(OutboxId(1), "a", "W1", Decimal(3), "manual")
    back = Delta(OutboxId(2), "a", "W1", Decimal(-3), "manual")

    (one,) = fold([there, back])

    assert one.state is WindowState.NET_ZERO
    assert [(line.quantity, list(line.members)) for line in one.lines] == [(Decimal(0), [1, 2])]


def test_a_sum_keeps_more_digits_than_any_of_its_deltas_has() -> None:
    much = Delta(OutboxId(1), "a", "W1", Decimal("9999999999999999.000000000001"), "manual")

    (one,) = fold(replace(much, id=OutboxId(number)) for number in range(1, 1001))

    assert one.lines[0].quantity == Decimal("9999999999999999000.000000001000")


def test_several_sources_may_be_one_warehouse() -> None:
    east = delta_of(OutboxId(1), PAYLOAD | {"source_code": "east"}, WAREHOUSES)
    hub = delta_of(OutboxId(2), PAYLOAD | {"source_code": "hub"}, WAREHOUSES)

    assert [one.warehouse for one in fold([east, hub])] == ["E1"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"quantity": -2.5}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"sku": ""}, "sku"),
        ({"sku": "x" * 65}, "65"),
        ({"source_code": "moon"}, "moon"),
    ],
)
def test_a_delta_that_cannot_be_counted_says_which_field_is_wrong(change: dict[str, object], word: str) -> None:
    with pytest.raises(MalformedEvent, match=word) as caught:
        delta_of(OutboxId(1), PAYLOAD | change, WAREHOUSES)
    assert caught.value.hint


def test_a_missing_field_is_named() -> None:
    with pytest.raises(MalformedEvent, match="reason"):
        delta_of(OutboxId(1), {key: value for key, value in PAYLOAD.items() if key != "reason"}, WAREHOUSES)


@pytest.mark.parametrize("field", ["sku", "source_code"])
def test_half_a_character_is_refused_by_the_name_of_its_field(field: str) -> None:
    with pytest.raises(MalformedEvent, match=f"payload field {field} is .* not valid Unicode"):
        delta_of(OutboxId(1), PAYLOAD | {field: "\ud800"}, WAREHOUSES | {"\ud800": "W1"})
