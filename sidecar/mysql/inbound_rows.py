"""Rows of erp_inbound_document and the domain's values, turned into one another."""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from sidecar.domain.delivery import ErpId
from sidecar.domain.inbound import (
    Ask,
    Decision,
    DocumentLine,
    DocumentRequest,
    InboundDocument,
    InboundEntry,
    InboundKind,
    InboundLine,
    InboundState,
    InboundTrack,
    Service,
)
from sidecar.mysql.rows import clip, compact
from sidecar.mysql.session import Row

KEY_LIMIT: Final = 255


def key_as_text(key: str) -> str:
    """A key or a version that fits its column; a longer one is told apart by its hash."""
    return key if len(key) <= KEY_LIMIT else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def document_row(destination: str, entity_id: int, document: InboundDocument) -> Row:
    """The columns that the ERP's document fills."""
    return {
        "destination": destination,
        "kind": document.kind,
        "erp_id": key_as_text(document.erp_id),
        "erp_number": clip(document.erp_number, KEY_LIMIT),
        "version": key_as_text(document.version),
        "entity_id": entity_id,
        "document": compact(_document_as_json(document)),
    }


def entry_of(row: Row) -> InboundEntry:
    """Read a row back."""
    return InboundEntry(
        id=row["id"],
        entity_id=row["entity_id"],
        document=document_in(row),
        state=InboundState(row["state"]),
        attempts=row["attempts"],
        waits=row["waits"],
        delay=_duration(row["due_in_us"]),
        reason=row["reason"],
        fault=row["fault"],
        hint=row["hint"],
        ask=None if row["ask"] is None else ask_of(row["ask"]),
        called_ago=_duration(row["called_us"]),
        resubmitted=bool(row["resubmitted"]),
        magento_id=row["magento_id"],
        decision=Decision(row["decision"]) if row["decision"] else None,
    )


def ask_as_json(ask: Ask) -> str:
    """Write down what Magento is asked for."""
    request = ask.request
    return compact(
        {
            "service": ask.service,
            "target": ask.target,
            "mark": request.mark,
            "lines": [[line.item_id, str(line.quantity), line.back_to_stock] for line in request.lines],
            "tracks": [[track.carrier, track.title, track.number] for track in request.tracks],
            "source": request.source,
            "capture": request.capture,
            "online": request.online,
            "notify": request.notify,
            "shipping": _text(request.shipping),
            "adjustment_positive": _text(request.adjustment_positive),
            "adjustment_negative": _text(request.adjustment_negative),
        }
    )


def ask_of(text: str) -> Ask:
    """Read it back."""
    said: dict[str, Any] = json.loads(text)
    request = DocumentRequest(
        mark=said["mark"],
        lines=tuple(DocumentLine(item, Decimal(count), back_to_stock=back) for item, count, back in said["lines"]),
        tracks=tuple(InboundTrack(*track) for track in said["tracks"]),
        source=said["source"],
        capture=said["capture"],
        online=said["online"],
        notify=said["notify"],
        shipping=_number(said["shipping"]),
        adjustment_positive=_number(said["adjustment_positive"]),
        adjustment_negative=_number(said["adjustment_negative"]),
    )
    return Ask(Service(said["service"]), request, said["target"])


def _document_as_json(document: InboundDocument) -> dict[str, object]:
    return {
        "order_ref": document.order_ref,
        "lines": [
            {
                "line_ref": line.line_ref,
                "sku": line.sku,
                "quantity": str(line.quantity),
                "ordered": _text(line.ordered),
                "received": str(line.received),
                "reason": line.reason,
            }
            for line in document.lines
        ],
        "tracks": [[track.carrier, track.title, track.number] for track in document.tracks],
        "warehouse": document.warehouse,
        "currency": document.currency,
        "amounts": {name: str(amount) for name, amount in document.amounts.items()},
        "final": document.final,
        "reversed": document.reversed,
        "unreadable": document.unreadable,
    }


def document_in(row: Row) -> InboundDocument:
    """The ERP's document that a row keeps."""
    said: dict[str, Any] = json.loads(row["document"])
    return InboundDocument(
        kind=InboundKind(row["kind"]),
        erp_id=ErpId(row["erp_id"]),
        erp_number=row["erp_number"],
        version=row["version"],
        order_ref=said["order_ref"],
        lines=tuple(
            InboundLine(
                line_ref=line["line_ref"],
                sku=line["sku"],
                quantity=Decimal(line["quantity"]),
                ordered=_number(line["ordered"]),
                received=Decimal(line["received"]),
                reason=line["reason"],
            )
            for line in said["lines"]
        ),
        tracks=tuple(InboundTrack(*track) for track in said["tracks"]),
        warehouse=said["warehouse"],
        currency=said["currency"],
        amounts={name: Decimal(amount) for name, amount in said["amounts"].items()},
        final=said["final"],
        reversed=said["reversed"],
        unreadable=said["unreadable"],
    )


def _duration(microseconds: int | None) -> timedelta | None:
    return None if microseconds is None else timedelta(microseconds=max(microseconds, 0))


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
