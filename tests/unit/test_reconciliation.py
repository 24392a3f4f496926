"""Comparing one order with what the ERP holds: every difference is found, and equal is equal."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sidecar.domain.delivery import ErpId, Snapshot, SnapshotLine
from sidecar.domain.order import OrderLine
from sidecar.domain.reconciliation import Finding, OrderFacts, compare

ONE, TWO = Decimal(1), Decimal(2)


def line(ref: str) -> OrderLine:
    return OrderLine(ref, "both", f"sku-{ref}", "Thing", TWO, TWO, Decimal(4), Decimal(0), Decimal(0), Decimal(0))


ORDER = OrderFacts(42, "000000042", "EUR", (line("1"), line("2")), {"grand_total": Decimal(8)})
SAME = Snapshot(
    ErpId("9"),
    "SO-9",
    "M1-42",
    1,
    "open",
    "EUR",
    tuple(SnapshotLine(ref, f"sku-{ref}", TWO, Decimal(4)) for ref in ("1", "2")),
    {"grand_total": Decimal(8)},
)


def kinds(*snapshots: Snapshot, tolerance: Decimal = Decimal(0)) -> list[str]:
    return [str(finding.kind) for finding in compare("erp", "test", ORDER, snapshots, tolerance)]


def test_equal_sides_have_no_findings() -> None:
    assert kinds(SAME) == []


def test_an_order_that_the_erp_shortened_by_a_line_is_found() -> None:
    assert kinds(replace(SAME, lines=SAME.lines[:1])) == ["line_missing"]


def test_what_an_erp_does_not_tell_is_no_difference() -> None:
    silent = replace(SAME, currency="", totals={}, lines=tuple(replace(line, total=None) for line in SAME.lines))

    assert kinds(silent) == []


def test_an_order_that_the_erp_does_not_have_is_found() -> None:
    assert kinds() == ["missing_in_erp"]


def test_a_second_document_under_one_reference_is_found() -> None:
    assert kinds(SAME, replace(SAME, erp_id=ErpId("10"), erp_number="SO-10")) == ["duplicate_in_erp"]


def test_a_custom_field_that_went_out_and_is_not_there_as_it_went_is_found_without_a_word_of_it() -> None:
    told = replace(ORDER, custom_fields={"note": "at the gate", "gift": "yes", "shop": "1"})
    shot = replace(SAME, custom_fields={"note": "at the", "shop": "1", "theirs": "x"})

    found = compare("erp", "test", told, [shot], Decimal(0))

    assert [(one.kind, one.path) for one in found] == [("custom_field", "note"), ("custom_field", "gift")]
    assert [one.erp for one in found] == ["another text of 6 characters", "absent"]
    assert "gate" not in repr(found)
    assert compare("erp", "test", told, [SAME], Decimal(0)) == []


def test_every_changed_field_is_found_under_its_own_name() -> None:
    changed = replace(SAME.lines[0], sku="other", quantity=ONE, total=ONE)
    foreign = SnapshotLine("77", "gift", ONE, ONE)
    shot = replace(SAME, currency="USD", lines=(changed, SAME.lines[1], foreign), totals={"grand_total": ONE})

    assert kinds(shot) == ["currency", "line_sku", "line_quantity", "line_total", "line_extra", "header_total"]


@pytest.mark.parametrize(
    ("state", "cancelled", "found"),
    [
        ("new", True, ["cancelled_on_one_side"]),
        ("canceled", False, ["cancelled_on_one_side"]),
        ("canceled", True, []),
        ("processing", False, []),
        ("closed", False, []),
        (None, True, []),
    ],
)
def test_a_cancellation_on_one_side_only_is_found(state: str | None, cancelled: bool, found: list[str]) -> None:  # noqa: FBT001 -- a column of the table above
    snapshot = replace(SAME, cancelled=cancelled, status="over" if cancelled else "open")

    findings = compare("erp", "test", replace(ORDER, state=state), [snapshot], Decimal(0))

    assert [str(finding.kind) for finding in findings] == found
    assert all((f.path, f.magento, f.erp) == ("state", state, snapshot.status) for f in findings)


def test_of_two_documents_the_one_that_stands_is_compared() -> None:
    cancelled = replace(SAME, erp_id=ErpId("1"), cancelled=True, lines=())

    found = compare("erp", "test", replace(ORDER, state="new"), [cancelled, SAME], Decimal(0))

    assert [str(finding.kind) for finding in found] == ["duplicate_in_erp"]


def test_an_order_that_cannot_be_read_is_one_finding_with_the_reason_and_its_lines_are_not_judged() -> None:
    unreadable = replace(ORDER, lines=(), totals={}, unreadable="no SKU")

    (found,) = compare("erp", "test", unreadable, [SAME], Decimal(0))

    assert (str(found.kind), found.magento, found.erp) == ("unreadable_in_magento", "no SKU", "SO-9")
    assert [str(f.kind) for f in compare("erp", "test", unreadable, [], Decimal(0))] == ["missing_in_erp"]


def test_amounts_within_the_tolerance_are_equal() -> None:
    rounded = replace(SAME, totals={"grand_total": Decimal("8.01")})

    assert kinds(rounded) == ["header_total"]
    assert kinds(rounded, tolerance=Decimal("0.01")) == []


def test_one_difference_has_one_fingerprint_however_often_and_by_whom_it_is_seen() -> None:
    shorter = replace(SAME, lines=SAME.lines[:1])
    (first,) = compare("erp", "read-back", ORDER, [shorter], Decimal(0))
    (second,) = compare("erp", "reconciliation", ORDER, [shorter], Decimal(0))
    (other,) = compare("other", "reconciliation", ORDER, [shorter], Decimal(0))

    assert isinstance(first, Finding)
    assert first.fingerprint == second.fingerprint
    assert first.fingerprint != other.fingerprint
