"""Reading the documents that follow an order. One that cannot be read is told as such, and holds no other up."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from erp_adapters.mapping import CodeMaps, Expression
from erp_adapters.profiled.documents import decimal, found, text, told
from erp_adapters.profiled.listings import DocumentReading, DocumentTracks
from sidecar.domain.delivery import ErpId
from sidecar.domain.inbound import InboundDocument, InboundKind, InboundLine, InboundTrack

LONGEST_NAME: Final = 128
LONGEST_VERSION: Final = 64


def inbound_document(kind: InboundKind, reading: DocumentReading, entry: object, codes: CodeMaps) -> InboundDocument:
    """Read an entry of a listing; where it does not suit the profile, `unreadable` says what, and quotes none of it."""
    version = text(reading.version, entry)
    key, number = text(reading.id, entry), text(reading.number, entry)
    try:
        return InboundDocument(
            kind=kind,
            erp_id=ErpId(_name(key, "the key")),
            erp_number=_name(number, "the number"),
            version=_version(version, entry) if version or reading.version is None else _missing("the version"),
            order_ref=_name(text(reading.order_ref, entry), "our reference of the order"),
            lines=tuple(_lines(reading, entry)),
            tracks=() if reading.tracks is None else tuple(_tracks(reading.tracks, entry, codes)),
            warehouse=text(reading.warehouse, entry),
            currency=text(reading.currency, entry),
            amounts=dict(_amounts(reading, entry)),
            final=_flag(reading.final, entry),
            reversed=_flag(reading.reversed, entry),
        )
    except ValueError as error:
        return unreadable(kind, key, number, entry, str(error))


def unreadable(kind: InboundKind, key: str, number: str, entry: object, why: str) -> InboundDocument:
    """An entry that cannot be read, under its own key, or one made of its content.

    The content is its version: one that was mended there is told anew, whatever the ERP counts.
    """
    digest = _digest(entry)
    known = key if _is_a_name(key) else f"unreadable-{digest[:16]}"
    shown = number if _is_a_name(number) else known
    return InboundDocument(kind, ErpId(known), shown, f"unreadable-{digest[:32]}", "", unreadable=why)


def _lines(reading: DocumentReading, entry: object) -> Iterator[InboundLine]:
    lines = reading.lines
    each = found(lines.each, entry)
    if not isinstance(each, list):
        raise ValueError("the lines are no list")  # noqa: TRY004 -- every misfit of an entry is a ValueError
    for place, line in enumerate(each):
        line_ref = text(lines.line_ref, line)
        if not line_ref:
            raise ValueError(f"line {place + 1} has no reference of ours")
        at = f"line {place + 1}: "
        yield InboundLine(
            line_ref=line_ref,
            sku=text(lines.sku, line),
            quantity=decimal(lines.quantity, line, at),
            ordered=told(lines.ordered, line, at),
            received=told(lines.received, line, at) or Decimal(0),
            reason=text(lines.reason, line),
        )


def _tracks(tracks: DocumentTracks, entry: object, codes: CodeMaps) -> Iterator[InboundTrack]:
    each = found(tracks.each, entry)
    if each is None:
        return
    if not isinstance(each, list):
        raise ValueError("the parcels are no list")  # noqa: TRY004 -- as above
    carriers = codes.get(tracks.map or "", {})
    for place, track in enumerate(each):
        number = text(tracks.number, track)
        if not number:
            raise ValueError(f"parcel {place + 1} has no number")
        reported = text(tracks.carrier, track)
        ours = next((magento for magento, erp in carriers.items() if erp == reported), reported)
        yield InboundTrack(ours, text(tracks.title, track) or reported, number)


def _amounts(reading: DocumentReading, entry: object) -> Iterator[tuple[str, Decimal]]:
    for name, path in reading.amounts.items():
        amount = told(path, entry, "")
        if amount is not None:
            yield name, amount


def _flag(path: Expression | None, entry: object) -> bool:
    value = found(path, entry)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{'' if path is None else path.text} is neither true nor false")
    return value is True


def _name(value: str, what: str) -> str:
    if not value:
        return _missing(what)
    if not _is_a_name(value):
        raise ValueError(f"{what} is longer than {LONGEST_NAME} characters, or has some that cannot be printed")
    return value


def _missing(what: str) -> str:
    raise ValueError(f"{what} is missing")


def _is_a_name(value: str) -> bool:
    return 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _version(version: str, entry: object) -> str:
    return version if 0 < len(version) <= LONGEST_VERSION else _digest(entry)


def _digest(entry: object) -> str:
    content = entry if isinstance(entry, Mapping | list) else str(entry)
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
