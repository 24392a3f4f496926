"""A document of an ERP's, read in our words by what its profile says; what does not suit is refused unquoted."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from erp_adapters.mapping import Expression
from erp_adapters.profiled.readings import Header, LineReading, Reading
from sidecar.domain.delivery import ErpId, Snapshot, SnapshotLine
from sidecar.domain.money import decimal_of

_MOST_DIGITS = 24
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def snapshot_of(reading: Header, document: object) -> Snapshot:
    """Read a document of theirs; raise ValueError where it does not suit the profile."""
    number = text(reading.number, document)
    erp_id = text(reading.id, document)
    if not number or not erp_id:
        raise ValueError("a document has no number")
    revision = None if reading.revision is None else reading.revision.search(document)
    if revision is not None and (not isinstance(revision, int) or isinstance(revision, bool)):
        raise ValueError(f"document {number}: the revision is not a whole number")
    at = f"document {number}: "
    return Snapshot(
        erp_id=ErpId(erp_id),
        erp_number=number,
        external_ref=text(reading.reference, document),
        revision=revision,
        status=text(reading.status, document),
        currency=text(reading.currency, document),
        lines=tuple(_lines(reading.lines, document, at)) if isinstance(reading, Reading) else (),
        totals={name: decimal(path, document, at) for name, path in reading.totals.items()}
        if isinstance(reading, Reading)
        else {},
        event_id=text(reading.event_id, document) or None,
        custom_fields=_custom_fields(reading, document),
    )


def _custom_fields(reading: Header, document: object) -> Mapping[str, str] | None:
    """Custom fields, where the profile says where they are; an ERP that has none of a document may leave them out."""
    if not isinstance(reading, Reading) or reading.custom_fields is None:
        return None
    held = found(reading.custom_fields, document)
    return {name: str(value) for name, value in held.items()} if isinstance(held, Mapping) else {}


def _lines(lines: LineReading, document: object, at: str) -> Iterator[SnapshotLine]:
    return (_line(lines, line, at) for line in elements(lines.each, document))


def _line(lines: LineReading, line: object, at: str) -> SnapshotLine:
    return SnapshotLine(
        line_ref=text(lines.line_ref, line),
        sku=text(lines.sku, line),
        quantity=decimal(lines.quantity, line, at),
        total=None if lines.total is None else decimal(lines.total, line, at),
        rejected=text(lines.rejected, line),
        confirmed=told(lines.confirmed, line, at),
        erp_line=text(lines.erp_line, line),
    )


def decimal(path: Expression, scope: object, at: str) -> Decimal:
    """What the expression finds as a decimal; raise ValueError, quoting none of it, for anything else."""
    match found(path, scope):
        case Decimal() as value if _is_of_this_world(value):
            return value
        case int(value) if not isinstance(value, bool) and _is_of_this_world(Decimal(value)):
            return Decimal(value)
        case value:
            try:
                return decimal_of(value)
            except ValueError:
                raise ValueError(f"{at}{path.text} is not a decimal") from None


def _is_of_this_world(value: Decimal) -> bool:
    """Tell whether a number could be an amount or a quantity: no sum or text grows out of bounds with it."""
    return value.is_finite() and value.adjusted() < _MOST_DIGITS and int(value.as_tuple().exponent) >= -_MOST_DIGITS


def told(path: Expression | None, scope: object, at: str) -> Decimal | None:
    """The same where the ERP says it; None where it does not."""
    return None if path is None or found(path, scope) is None else decimal(path, scope, at)


def found(path: Expression | None, scope: object) -> object:
    """What the expression finds; nothing where the answer does not suit it."""
    if path is None:
        return None
    try:
        return path.search(scope)
    except ValueError:
        return None


def text(path: Expression | None, scope: object) -> str:
    """What the expression finds as text; empty for nothing and for what is neither text nor a whole number.

    Half a character is no text either: JSON can write one, and no database can keep it.
    """
    value = found(path, scope)
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    words = str(value)
    return "" if _HALF_A_CHARACTER.search(words) else words


def elements(path: Expression | None, scope: object) -> list[object]:
    """What the expression finds as a list; empty for anything else."""
    value = found(path, scope)
    return value if isinstance(value, list) else []
