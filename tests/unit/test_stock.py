"""Stock deltas are folded exactly, each is counted once."""

from collections.abc import Iterable
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.events import OutboxId
from sidecar.domain.stock import Delta, Fold, FrozenFold, WindowKind, WindowState

deltas = st.lists(
    st.builds(
        Delta,
        id=st.integers(1, 2**64 - 1).map(OutboxId),
        sku=st.sampled_from(["a", "b", "c"]),
        warehouse=st.sampled_from(["W1", "E1"]),
        quantity=st.decimals(-100, 100, places=4),
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
    there = Delta(OutboxId(1), "a", "W1", Decimal(3))
    back = Delta(OutboxId(2), "a", "W1", Decimal(-3))

    (one,) = fold([there, back])

    assert one.state is WindowState.NET_ZERO
    assert [(line.quantity, list(line.members)) for line in one.lines] == [(Decimal(0), [1, 2])]


def test_a_sum_keeps_more_digits_than_any_of_its_deltas_has() -> None:
    much = Delta(OutboxId(1), "a", "W1", Decimal("9999999999999999.000000000001"))

    (one,) = fold(much._replace(id=OutboxId(number)) for number in range(1, 1001))

    assert one.lines[0].quantity == Decimal("9999999999999999000.000000001000")


def test_what_is_more_than_an_erp_takes_at_once_is_cut_in_sku_order_and_zeros_do_not_count() -> None:
    there_and_back = [Delta(OutboxId(9), "c", "W1", Decimal(1)), Delta(OutboxId(10), "c", "W1", Decimal(-1))]
    deltas = [Delta(OutboxId(number), sku, "W1", Decimal(-1)) for number, sku in enumerate("ebdaf", start=1)]
    added = Fold()
    for delta in (*deltas, *there_and_back):
        added.add(delta)

    assert [[line.sku for line in one.lines] for one in added.windows(2)] == [["a", "b", "c"], ["d", "e"], ["f"]]
    assert [[line.sku for line in one.lines] for one in added.windows()] == [["a", "b", "c", "d", "e", "f"]]
