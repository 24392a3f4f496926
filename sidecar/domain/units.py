"""Units: what an ERP counts in boxes, Magento counts in pieces; quantities are turned from one into the other exactly.

A blueprint says for which SKUs one unit of the ERP holds how many of Magento's. Nothing is rounded: a quantity that is
no number of units is refused with words, and may become one with the changes that follow.
"""

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from typing import Final

from sidecar.domain.money import text_of
from sidecar.domain.special_cases import Skus

ONE: Final = Decimal(1)
MOST_PLACES: Final = 4
"""How many places Magento keeps of a quantity, and so the most that are ever told."""

_EXACT: Final = Context(prec=60, traps=[Inexact])


class IndivisibleError(ValueError):
    """A quantity of Magento's is no number of the ERP's units; the words are for a person."""


class UnknownUnitError(ValueError):
    """An ERP told a quantity in a unit of which the blueprint says nothing."""


@dataclass(frozen=True, slots=True)
class UnitRule:
    """Of these SKUs one `unit` of the ERP holds so many of Magento's; the ERP takes up to `places` decimal places."""

    skus: Skus
    unit: str
    holds: Decimal
    places: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """A quantity in a unit of the ERP; '' where none is named."""

    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Units:
    """A destination's units; the first rule that has a SKU counts, `unit` is Magento's own for all others."""

    unit: str = ""
    rules: tuple[UnitRule, ...] = ()

    def rule_of(self, sku: str) -> UnitRule | None:
        """The rule for a SKU, if it is counted otherwise than Magento does."""
        return next((rule for rule in self.rules if rule.skus.have(sku)), None)

    def to_erp(self, sku: str, quantity: Decimal) -> Counted:
        """A quantity of Magento's in the ERP's unit; raise IndivisibleError where it is no number of them."""
        rule = self.rule_of(sku)
        if rule is None:
            return Counted(quantity, self.unit)
        try:
            counted = _EXACT.divide(quantity, rule.holds)
        except Inexact:
            raise IndivisibleError(_indivisible(quantity, rule)) from None
        if int(counted.normalize(_EXACT).as_tuple().exponent) < -rule.places:
            raise IndivisibleError(_indivisible(quantity, rule))
        return Counted(counted, rule.unit)

    def to_magento(self, sku: str, quantity: Decimal, unit: str) -> Decimal:
        """A quantity of the ERP's in Magento's unit; raise UnknownUnitError for one that the blueprint does not name.

        An ERP that tells no unit is taken at the blueprint's word for the SKU.
        """
        rule = self.rule_of(sku)
        if rule is not None and unit in ("", rule.unit):
            return _EXACT.multiply(quantity, rule.holds)
        if unit in ("", self.unit):
            return quantity
        known = " or ".join(name for name in (rule.unit if rule else "", self.unit) if name) or "none"
        message = f"{sku} is counted in {unit}, and the blueprint knows {known} for it"
        raise UnknownUnitError(message)


def _indivisible(quantity: Decimal, rule: UnitRule) -> str:
    pieces, holds = text_of(quantity.normalize(_EXACT)), text_of(rule.holds)
    number = f"number of {rule.unit} with up to {rule.places} places" if rule.places else f"whole number of {rule.unit}"
    return f"{pieces} pieces are no {number}: one {rule.unit} holds {holds}"
