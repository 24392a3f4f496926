"""Quantities of Magento's in an ERP's units, and back: exactly, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.special_cases import Skus
from sidecar.domain.units import Counted, IndivisibleError, UnitRule, Units, UnknownUnitError

BOX = UnitRule(Skus(prefix="CASE-"), "BOX", Decimal(12))
LONG = "123456789012345.6789 pieces are no number of KM with up to 3 places: one KM holds 1000"
KM = UnitRule(Skus(prefix="CABLE-"), "KM", Decimal(1000), places=3)
UNITS = Units("PCE", (BOX, KM))


def test_a_sku_without_a_rule_is_counted_as_magento_counts_it() -> None:
    assert UNITS.to_erp("TEE", Decimal("-2.5")) == Counted(Decimal("-2.5"), "PCE")
    assert Units().to_erp("TEE", Decimal(3)) == Counted(Decimal(3), "")


def test_pieces_that_fill_boxes_are_told_as_boxes() -> None:
    assert UNITS.to_erp("CASE-1", Decimal(-24)) == Counted(Decimal(-2), "BOX")
    assert UNITS.to_erp("CABLE-1", Decimal("-1250.0000")) == Counted(Decimal("-1.25"), "KM")


@pytest.mark.parametrize(
    ("sku", "quantity", "words"),
    [
        ("CASE-1", "18.0000", "18 pieces are no whole number of BOX: one BOX holds 12"),
        ("CASE-1", "-1", "-1 pieces are no whole number of BOX: one BOX holds 12"),
        ("CABLE-1", "0.5", "0.5 pieces are no number of KM with up to 3 places: one KM holds 1000"),
        ("CABLE-1", "123456789012345.6789", LONG),
    ],
)
def test_pieces_that_fill_no_unit_are_refused_with_words(sku: str, quantity: str, words: str) -> None:
    with pytest.raises(IndivisibleError) as refused:
        UNITS.to_erp(sku, Decimal(quantity))

    assert str(refused.value) == words


def test_a_level_is_read_in_the_unit_that_the_erp_tells() -> None:
    assert UNITS.to_magento("CASE-1", Decimal(3), "BOX") == Decimal(36)
    assert UNITS.to_magento("CASE-1", Decimal(5), "PCE") == Decimal(5)
    assert UNITS.to_magento("TEE", Decimal(5), "PCE") == Decimal(5)


def test_a_level_without_a_unit_is_taken_at_the_blueprints_word() -> None:
    assert UNITS.to_magento("CASE-1", Decimal(3), "") == Decimal(36)
    assert UNITS.to_magento("TEE", Decimal(3), "") == Decimal(3)


def test_a_unit_that_the_blueprint_does_not_know_is_an_error_and_no_guess() -> None:
    with pytest.raises(UnknownUnitError, match="TEE is counted in DOZEN, and the blueprint knows PCE for it"):
        UNITS.to_magento("TEE", Decimal(3), "DOZEN")
    with pytest.raises(UnknownUnitError, match="CASE-1 is counted in PAL, and the blueprint knows BOX or PCE for it"):
        UNITS.to_magento("CASE-1", Decimal(3), "PAL")
    with pytest.raises(UnknownUnitError, match="the blueprint knows none"):
        Units().to_magento("TEE", Decimal(3), "PCE")


def test_the_first_rule_that_has_a_sku_counts() -> None:
    units = Units("", (UnitRule(Skus(named=frozenset({"CASE-9"})), "PAL", Decimal(480)), BOX))

    assert units.to_erp("CASE-9", Decimal(480)) == Counted(Decimal(1), "PAL")
    assert units.to_erp("CASE-8", Decimal(480)) == Counted(Decimal(40), "BOX")


@given(
    st.decimals(-(10**20), 10**20, places=4),
    st.decimals("0.0001", 10**8, places=4),
    st.integers(0, 4),
)
def test_what_is_told_is_what_was_meant_to_the_last_place(quantity: Decimal, holds: Decimal, places: int) -> None:
    units = Units("", (UnitRule(Skus(prefix="A"), "U", holds, places),))

    try:
        told = units.to_erp("A", quantity)
    except IndivisibleError:
        return
    assert told.quantity * 10**places == int(told.quantity * 10**places)
    assert units.to_magento("A", told.quantity, "U") == quantity
