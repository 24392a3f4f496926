"""Stock deltas: folded exactly, each counted once, refused when they cannot be counted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import OutboxId
from sidecar.domain.stock import Delta, delta_of, fold

WAREHOUSES = {"west": "W1", "east": "E1", "hub": "E1"}
PAYLOAD = {"sku": "TEE-S", "source_code": "west", "quantity": "-2.5000", "reason": "shipment"}

deltas = st.lists(
    st.builds(
        Delta,
        id=st.integers(1, 1000).map(OutboxId),
        sku=st.sampled_from(["a", "b", "c"]),
        warehouse=st.sampled_from(["W1", "E1"]),
        quantity=st.decimals(-100, 100, places=4),
        reason=st.just("shipment"),
    )
)


@given(deltas)
def test_a_fold_keeps_every_quantity_and_counts_every_delta(taken: list[Delta]) -> None:
    folded = fold(taken)

    assert sum(line.deltas for lines in folded.values() for line in lines) == len(taken)
    for warehouse, lines in folded.items():
        for line in lines:
            mine = [d.quantity for d in taken if (d.warehouse, d.sku) == (warehouse, line.sku)]
            assert line.quantity == sum(mine)


@given(deltas, st.randoms())
def test_the_order_of_deltas_does_not_matter(taken: list[Delta], random: object) -> None:
    shuffled = list(taken)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert fold(shuffled) == fold(taken)


def test_deltas_that_cancel_out_stay_as_a_line_of_zero() -> None:
    there = Delta(OutboxId(1), "a", "W1", Decimal(3), "manual")
    back = Delta(OutboxId(2), "a", "W1", Decimal(-3), "manual")

    (line,) = fold([there, back])["W1"]

    assert (line.quantity, line.deltas) == (Decimal(0), 2)


def test_several_sources_may_be_one_warehouse() -> None:
    east = delta_of(OutboxId(1), PAYLOAD | {"source_code": "east"}, WAREHOUSES)
    hub = delta_of(OutboxId(2), PAYLOAD | {"source_code": "hub"}, WAREHOUSES)

    assert list(fold([east, hub])) == ["E1"]


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
