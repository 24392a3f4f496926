"""Stock told as levels: where an ERP takes no changes, each line says what it has and what it shall have instead.

The ERP compares and sets: a line whose level has moved meanwhile is refused, computed anew and told again. After an
answer that was lost, and after one that was not, the level itself is read: it says what was done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from sidecar.domain.documents import StockLevel
from sidecar.domain.money import ZERO, text_of
from sidecar.domain.stock import EXACT, WindowLine
from sidecar.domain.units import IndivisibleError, Units


@dataclass(frozen=True, slots=True)
class PreparedLine:
    """A line as it is about to be told; one with a `refusal` is parked, one that is `done` is booked, unsent."""

    line: WindowLine
    refusal: str = ""
    done: bool = False


class Reading(StrEnum):
    """What a level says of a line that was told: DONE, NOT_DONE, or that nobody can say."""

    DONE = "done"
    NOT_DONE = "not_done"
    DISPUTED = "disputed"


def as_they_are(lines: Iterable[WindowLine]) -> list[PreparedLine]:
    """Change nothing."""
    return [PreparedLine(line) for line in lines]


def in_units(lines: Iterable[WindowLine], units: Units) -> list[PreparedLine]:
    """Turn quantities of Magento's into the ERP's; what cannot be told exactly is refused with words."""
    prepared = []
    for line in lines:
        try:
            counted = units.to_erp(line.sku, line.quantity)
        except IndivisibleError as error:
            prepared.append(PreparedLine(line, str(error)))
        else:
            prepared.append(PreparedLine(replace(line, quantity=counted.quantity, unit=counted.unit)))
    return prepared


def counted(
    prepared: Iterable[PreparedLine], levels: Mapping[str, Sequence[StockLevel]], *, told_before: bool
) -> list[PreparedLine]:
    """Compute what the ERP shall have from what it has; an item that it does not list has none.

    `told_before`: the lines were told once and the answer was lost. One whose target is there is done: it is not added
    once more.
    """
    return [
        one if one.refusal else _counted(one.line, levels.get(one.line.sku, ()), told_before=told_before)
        for one in prepared
    ]


def _counted(line: WindowLine, levels: Sequence[StockLevel], *, told_before: bool) -> PreparedLine:
    level = level_of(line, levels)
    if isinstance(level, str):
        return PreparedLine(line, level)
    if told_before and level == line.target:
        return PreparedLine(line, done=True)
    return PreparedLine(replace(line, expected=level, target=EXACT.add(level, line.quantity)))


def level_of(line: WindowLine, levels: Sequence[StockLevel]) -> Decimal | str:
    """What the ERP has of a line, in the line's unit; or why that cannot be said."""
    units = {level.unit for level in levels if level.on_hand}
    others = sorted(unit for unit in units if unit and line.unit and unit != line.unit)
    if others or len(units) > 1:
        told = " and ".join(others or sorted(units))
        return f"the ERP counts {line.sku} in {told}, the blueprint in {line.unit or 'no unit'}"
    return sum((level.on_hand for level in levels), ZERO)


def reading_of(line: WindowLine, level: Decimal, *, confirmed: bool) -> Reading:
    """What a level says of a told line. One that the ERP has `confirmed`, and that stands elsewhere, somebody moved."""
    if level == line.target:
        return Reading.DONE
    if level == line.expected:
        return Reading.NOT_DONE
    return Reading.DONE if confirmed else Reading.DISPUTED


def dispute(line: WindowLine, level: Decimal) -> str:
    """The words for a line of which nobody can say whether it was done."""
    had, shall = (text_of(amount) if amount is not None else "?" for amount in (line.expected, line.target))
    return f"the ERP had {had} and was told to have {shall}; it has {text_of(level)}, and nobody can say who did that"
