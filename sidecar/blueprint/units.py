"""Units in the blueprint: which SKUs an ERP counts in a unit of its own, and how many of Magento's one of them holds.

unit: PCE                                     # the ERP's word for what Magento counts one by one
units:
  - {skus: {prefix: CASE-}, unit: BOX, holds: 12}
  - {skus: {prefix: CABLE-}, unit: KM, holds: 1000, places: 3}
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from sidecar.blueprint.ground import Part, Text
from sidecar.blueprint.mapping import SKUS_FORM, SkuCondition
from sidecar.configuration import Problem, invalid, shown
from sidecar.domain.units import MOST_PLACES, UnitRule, Units

_HOLDS: Final = re.compile(r"[0-9]{1,8}(\.[0-9]{1,4})?", re.ASCII)
UNITS_FORM: Final = "a list of units with skus, unit, holds and places"
_HOLDS_FORM: Final = "a number above 0 with up to four places, such as 12 or 0.5"


def _holds(value: object) -> Decimal:
    text = str(value)
    if _HOLDS.fullmatch(text) is None or not Decimal(text):
        raise invalid(shown(value), _HOLDS_FORM)
    return Decimal(text)


UnitName = Annotated[Text, Field(max_length=16)]


class UnitPart(Part):
    """A unit of the ERP, and how many of Magento's one of it holds."""

    skus: SkuCondition = Field(description=SKUS_FORM)
    unit: UnitName = Field(description="the ERP's word for the unit, up to 16 characters, such as BOX")
    holds: Annotated[Decimal, BeforeValidator(_holds)] = Field(description=_HOLDS_FORM)
    places: Annotated[int, Field(strict=True, ge=0, le=MOST_PLACES)] = Field(
        default=0, description="how many decimal places the ERP takes of it, 0 to 4"
    )


def units_of(unit: str, parts: tuple[UnitPart, ...]) -> Units:
    """The same in the words of the domain."""
    return Units(unit, tuple(UnitRule(part.skus, part.unit, part.holds, part.places) for part in parts))


def units_problems(at: str, parts: Sequence[UnitPart]) -> Iterator[Problem]:
    """SKUs that two units claim: the first would win, and nobody would see that the second does not."""
    for index, part in enumerate(parts):
        for before in range(index):
            if part.skus.overlap(parts[before].skus):
                allowed = f"SKUs that {at}[{before}] ({parts[before].unit}) does not have"
                yield Problem(f"{at}[{index}].skus", f"SKUs that two units have ({part.unit})", allowed)
