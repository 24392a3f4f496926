"""Magento's orders as they stand, and the documents that they have; read only, with the grants of `inbound`."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sidecar.domain.errors import Unfit
from sidecar.domain.inbound import Service
from sidecar.domain.money import decimal_of
from sidecar.domain.order_standing import MagentoDocument, OrderItem, OrderStanding
from sidecar.mysql.order_items import item_of
from sidecar.mysql.session import Row, Session, Work

PAID: Final = 2
_TABLES: Final = {
    Service.SHIP: "shipment",
    Service.ADD_TRACK: "shipment",
    Service.INVOICE: "invoice",
    Service.REFUND_ORDER: "creditmemo",
    Service.REFUND_INVOICE: "creditmemo",
}


class MagentoDocuments:
    """What is read before Magento's services are called, and after a call whose answer was lost."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("magento_documents")
        self._stock = session.statements("source_stock")

    def standing(self, entity_id: int) -> OrderStanding | None:
        """The order as it is now; None where Magento does not have it. Raises Unfit where it cannot be read."""
        with self._session.snapshot() as work:
            headers = work.rows(self._sql["order_header"], entity_id=entity_id)
            items = work.rows(self._sql["order_items"], entity_id=entity_id)
        if not headers:
            return None
        (header,) = headers
        return OrderStanding(
            entity_id=entity_id,
            increment_id=header["increment_id"] or str(entity_id),
            state=header["state"] or "",
            currency=header["order_currency_code"] or "",
            base_currency=header["base_currency_code"] or header["order_currency_code"] or "",
            payment_method=header["method"] or "",
            items={row["item_id"]: _item_of(row) for row in items},
            shipping_to_refund=decimal_of(header["shipping_to_refund"]),
        )

    def documents(self, entity_id: int, service: Service) -> Sequence[MagentoDocument]:
        """The order's documents of the kind that a service makes, oldest first; cancelled invoices are left out."""
        kind = _TABLES.get(service)
        if kind is None:
            return ()
        with self._session.snapshot() as work:
            headers = work.rows(self._sql[f"{kind}s"], entity_id=entity_id)
            parents = [header["entity_id"] for header in headers]
            lines: dict[int, dict[int, Decimal]] = defaultdict(dict)
            for row in work.rows(self._sql[f"{kind}_lines"], parents=parents):
                if row["order_item_id"] is not None and row["quantity"] is not None:
                    lines[row["parent_id"]][row["order_item_id"]] = decimal_of(row["quantity"])
            comments = self._texts(work, f"{kind}_comments", parents, "comment")
            tracks = self._texts(work, "shipment_tracks", parents, "track_number") if kind == "shipment" else {}
        return [_document_of(header, lines[header["entity_id"]], comments, tracks) for header in headers]

    def stock_of(self, source: str, skus: Sequence[str]) -> Mapping[str, Decimal]:
        """What a source holds of these SKUs; what it does not list is left out."""
        rows = self._session.rows(self._stock["quantities"], source=source, skus=list(skus))
        return {row["sku"]: decimal_of(row["quantity"]) for row in rows}

    def _texts(self, work: Work, name: str, parents: Sequence[int], column: str) -> Mapping[int, tuple[str, ...]]:
        texts: dict[int, tuple[str, ...]] = defaultdict(tuple)
        for row in work.rows(self._sql[name], parents=parents):
            texts[row["parent_id"]] += (str(row[column] or "").strip(),)
        return texts


def _document_of(
    header: Row,
    lines: Mapping[int, Decimal],
    comments: Mapping[int, tuple[str, ...]],
    tracks: Mapping[int, tuple[str, ...]],
) -> MagentoDocument:
    key, total = header["entity_id"], header.get("grand_total")
    return MagentoDocument(
        entity_id=key,
        increment_id=header["increment_id"] or str(key),
        age=timedelta(microseconds=header["age_us"]),
        lines=lines,
        comments=comments.get(key, ()),
        grand_total=None if total is None else decimal_of(total),
        is_paid=header.get("state") == PAID,
        has_transaction=bool(header.get("transaction_id")),
        tracks=frozenset(tracks.get(key, ())),
    )


def _item_of(row: Row) -> OrderItem:
    item = item_of(row, _options(row))
    return replace(item, amount=decimal_of(row["amount"]), is_decimal=bool(row["is_qty_decimal"]))


def _options(row: Row) -> Mapping[str, object]:
    """A bundle's options decide what ships and what is charged; other rows' are of no interest."""
    if row["product_type"] != "bundle":
        return {}
    try:
        options = json.loads(row["product_options"] or "{}")
    except (RecursionError, ValueError):
        message = f"the options of bundle {row['sku']} (item {row['item_id']}) are no JSON"
        raise Unfit(
            message, hint="do it in Magento by hand, then: erp-sidecar inbound skip {id} --reason '...'"
        ) from None
    return options if isinstance(options, dict) else {}
