"""Stock: what Odoo holds, read by product and warehouse; and batches of changes, written as transfers.

Odoo's own quantities are set absolutely, so a change is a transfer instead, between the place of inventory differences
and the warehouse: one for what comes, one for what goes. Both are loaded under external identifiers in one transaction
and validated in another, and validating what is done does nothing: so a batch that is sent again is booked once.
A batch that was loaded and not validated has moved nothing, and counts as absent; sent again, it is validated.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from erp_adapters.odoo.answers import in_doubt, refused
from erp_adapters.odoo.books import BATCH, Books
from erp_adapters.odoo.names import move_name, reference_of, transfer_name
from erp_adapters.odoo.reading import DONE, Record, amount, key_of, shown, text
from erp_adapters.odoo.writing import Writing
from sidecar.domain.delivery import (
    ErpId,
    Evidence,
    Found,
    LineResult,
    Outcome,
    Presence,
    Reference,
    Result,
    Snapshot,
    SnapshotLine,
)
from sidecar.domain.documents import StockLevel, StockMovement, StockPage, StockQuery
from sidecar.domain.errors import Retryable
from sidecar.domain.money import ZERO, text_of
from sidecar.domain.stock import WindowLine

PICKINGS: Final = "stock.picking"
TRANSFER_FIELDS: Final = ("name", "origin", "state")
TRANSFER_MOVE_FIELDS: Final = ("picking_id", "product_id", "quantity", "picked", "state", "location_dest_id")
PRODUCT_FIELDS: Final = ("default_code", "is_storable", "tracking", "uom_id", "property_stock_inventory")
WAREHOUSE_FIELDS: Final = ("code", "lot_stock_id", "int_type_id")
STOCK_PAGE: Final = 200
"""Products in one page of levels."""

STOCK_LINES: Final = 200
"""Lines of one batch. A transfer is validated as a whole, in one transaction that holds the quants of all its products:
a bound keeps it within a call's deadline, and short for those who pick the same goods meanwhile.
"""

_MOST_NAMED: Final = 10
_WAREHOUSE: Final = "correct stock.warehouses in the destination's blueprint, or the warehouse's short name in Odoo"
_SETTLE: Final = "look at the transfer in Odoo with those who work there, then retry the window, or skip it"


@dataclass(frozen=True, slots=True)
class StockLevels:
    """Quantities in places of type internal, lots, packages and owners summed up. Raises Retryable."""

    books: Books
    company: int
    page: int = STOCK_PAGE

    def read(self, query: StockQuery, cursor: str | None, ends_at: float) -> StockPage:
        """A page of products, each in every warehouse that was asked for: of products that were asked for by name also
        where nothing of them lies.
        """
        warehouses = _warehouses(self.books, self.company, query.warehouses, ends_at)
        products, after, as_of = self._products(query, _after(cursor), ends_at)
        held = self._held([record["id"] for record in products], warehouses, ends_at) if products else {}
        nothing = (ZERO, ZERO) if query.skus else None
        lying = {product for product, _ in held}
        told = [product for product in products if query.skus or product["id"] in lying]
        self._must_be_single([text(product, "default_code") for product in told], ends_at)
        levels = []
        for product in told:
            sku, unit = text(product, "default_code"), shown(product["uom_id"])
            for warehouse, code in warehouses.items():
                lies = held.get((product["id"], warehouse), nothing)
                if lies is not None:
                    on_hand, reserved = lies
                    levels.append(StockLevel(sku, code, on_hand, reserved, on_hand - reserved, unit))
        return StockPage(tuple(levels), after, as_of)

    def _products(
        self, query: StockQuery, after: int, ends_at: float
    ) -> tuple[Sequence[Record], str | None, datetime | None]:
        wanted: list[object] = [["is_storable", "=", True], ["default_code", "!=", False], ["id", ">", after]]
        if query.skus:
            wanted.append(["default_code", "in", list(query.skus)])
        fields = ("default_code", "uom_id")
        arguments = {"domain": wanted, "fields": list(fields), "order": "id", "limit": self.page + 1}
        found, as_of = self.books.said("product.product", arguments, ends_at)
        more, found = len(found) > self.page, found[: self.page]
        return found, (json.dumps(found[-1]["id"]) if more else None), as_of

    def _must_be_single(self, references: Sequence[str], ends_at: float) -> None:
        """One internal reference on two products is neither's stock, and no sum of both."""
        if not references:
            return
        domain = [["default_code", "in", list(references)], ["is_storable", "=", True]]
        found = self.books.search("product.product", domain, ("default_code",), ends_at)
        counted: dict[str, int] = {}
        for record in found:
            counted[str(record["default_code"])] = counted.get(str(record["default_code"]), 0) + 1
        double = sorted(reference for reference, count in counted.items() if count > 1)
        if double:
            named = ", ".join(double[:_MOST_NAMED])
            message = f"Odoo has several products of internal reference {named}"
            raise Retryable(message, hint="give each product an internal reference of its own in Odoo")

    def _held(
        self, products: Sequence[int], warehouses: Mapping[int, str], ends_at: float
    ) -> dict[tuple[int, int], tuple[Decimal, Decimal]]:
        """What lies in each warehouse, and how much of it is reserved: one call, so of one instant."""
        places = self._places(warehouses, ends_at)
        domain = [["product_id", "in", list(products)], ["location_id", "in", sorted(places)]]
        sums: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
        try:
            for group in self.books.grouped_quants(domain, ends_at):
                key = key_of(group["product_id"]), places[key_of(group["location_id"])]
                on_hand, reserved = sums.get(key, (ZERO, ZERO))
                sums[key] = on_hand + _sum(group, "quantity:sum"), reserved + _sum(group, "reserved_quantity:sum")
        except (KeyError, ValueError) as error:
            raise Retryable(f"Odoo answered with quantities that cannot be read: {error}") from error
        return sums

    def _places(self, warehouses: Mapping[int, str], ends_at: float) -> dict[int, int]:
        domain = [["usage", "=", "internal"], ["warehouse_id", "in", sorted(warehouses)]]
        fields = ("warehouse_id",)
        found = self.books.search("stock.location", domain, fields, ends_at, context={"active_test": False})
        return {record["id"]: key_of(record["warehouse_id"]) for record in found}


@dataclass(frozen=True, slots=True)
class StockMoves:
    """Batches of changes, each booked once."""

    writing: Writing
    company: int

    def submit(self, movement: StockMovement, ref: Reference, ends_at: float) -> Result:
        """Book what Odoo can book exactly, line by line; a line that it cannot is refused alone."""
        there = self.find([ref], ends_at)[ref.idempotency_key]
        if there.presence is Presence.ONE:
            return _booked(Outcome.ALREADY_EXISTS, movement, there.snapshots[0], {})
        books = self.writing.books
        warehouse = warehouse_of(books, self.company, movement.warehouse, ends_at)
        if warehouse is None:
            sentence = f"Odoo has no warehouse of short name {movement.warehouse!r}"
            return refused("NO_SUCH_WAREHOUSE", sentence, _WAREHOUSE)
        known, reasons = self._sorted(movement.lines, ends_at)
        lines = [line for line in movement.lines if line.sku in known]
        if not lines:
            words = "; ".join(f"{sku}: {reason}" for sku, reason in list(reasons.items())[:_MOST_NAMED])
            said = tuple(LineResult(sku, accepted=False, message=reason) for sku, reason in reasons.items())
            return replace(refused("NO_LINE", words or "there is no line to book", _SETTLE), lines=said)
        names, rows = _rows(ref.external_ref, lines, known, warehouse)
        keys = self.writing.load(PICKINGS, names, rows, ends_at, create_only=True)
        if isinstance(keys, Result):
            return keys
        failure = self.writing.act(PICKINGS, "button_validate", keys, ends_at, "stock_post")
        if failure is not None:
            return failure
        try:
            return self._told(movement, ref, keys, reasons, ends_at)
        except Retryable as error:
            return in_doubt(error)

    def _told(
        self, movement: StockMovement, ref: Reference, keys: Sequence[int], reasons: Mapping[str, str], ends_at: float
    ) -> Result:
        """What has been booked, line by line, as Odoo holds it now."""
        domain = [["id", "in", list(keys)]]
        records = self.writing.books.search(PICKINGS, domain, TRANSFER_FIELDS, ends_at)
        undone = [text(record, "name") for record in records if record["state"] != DONE]
        if undone or not records:
            sentence = f"{', '.join(undone) or 'the transfer'} is not done in Odoo after it was validated"
            return refused("NOT_BOOKED", sentence, _SETTLE)
        found = _found(ref, records, self._moves(keys, ends_at))
        return _booked(Outcome.CONFIRMED, movement, found.snapshots[0], reasons)

    def find(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """Batches that have been booked, by our reference; those that were only loaded have moved nothing."""
        done: dict[str, list[Record]] = {}
        references = list(dict.fromkeys(ref.external_ref for ref in refs))
        for start in range(0, len(references), BATCH):
            part = references[start : start + BATCH]
            domain = [["origin", "in", part], ["state", "=", DONE]]
            records = self.writing.books.search(PICKINGS, domain, TRANSFER_FIELDS, ends_at)
            names = self.writing.books.names(PICKINGS, [record["id"] for record in records], ends_at)
            for record in records:
                reference = reference_of(names.get(record["id"], []), "transfer")
                if reference in part:
                    done.setdefault(reference, []).append(record)
        moves = self._moves([record["id"] for records in done.values() for record in records], ends_at)
        return {ref.idempotency_key: _found(ref, done.get(ref.external_ref, []), moves) for ref in refs}

    def _moves(self, transfers: Sequence[int], ends_at: float) -> dict[int, list[tuple[str, Decimal]]]:
        """SKU and signed quantity of everything that was moved, by transfer."""
        if not transfers:
            return {}
        books = self.writing.books
        moved: dict[int, list[tuple[str, Decimal]]] = {}
        domain = [["picking_id", "in", list(transfers)], ["state", "=", DONE]]
        records = books.search("stock.move", domain, TRANSFER_MOVE_FIELDS, ends_at)
        skus = books.skus({key_of(record["product_id"]) for record in records}, ends_at)
        places = sorted({key_of(record["location_dest_id"]) for record in records})
        inside = books.search("stock.location", [["id", "in", places], ["usage", "=", "internal"]], ("usage",), ends_at)
        within = {record["id"] for record in inside}
        for record in records:
            sign = 1 if key_of(record["location_dest_id"]) in within else -1
            sku = skus.get(key_of(record["product_id"]), "")
            moved.setdefault(key_of(record["picking_id"]), []).append((sku, sign * amount(record, "quantity")))
        return moved

    def _sorted(self, lines: Sequence[WindowLine], ends_at: float) -> tuple[dict[str, Record], dict[str, str]]:
        """The products of lines that can be booked exactly, and why the others cannot."""
        domain = [["default_code", "in", [line.sku for line in lines]]]
        found: dict[str, list[Record]] = {}
        for record in self.writing.books.search("product.product", domain, PRODUCT_FIELDS, ends_at):
            found.setdefault(str(record["default_code"]), []).append(record)
        units = {key_of(record["uom_id"]) for records in found.values() for record in records}
        steps = self._steps(units, ends_at)
        reasons = {}
        for line in lines:
            reason = _obstacle(line, found.get(line.sku, []), steps)
            if reason:
                reasons[line.sku] = reason
        return {sku: records[0] for sku, records in found.items() if sku not in reasons}, reasons

    def _steps(self, units: Iterable[int], ends_at: float) -> dict[int, Decimal]:
        domain = [["id", "in", sorted(units)]]
        found = self.writing.books.search("uom.uom", domain, ("rounding",), ends_at)
        return {record["id"]: amount(record, "rounding") for record in found}


def _obstacle(line: WindowLine, products: Sequence[Record], steps: Mapping[int, Decimal]) -> str:
    if len(products) != 1:
        return f"Odoo has {len(products) or 'no'} products of this internal reference"
    (product,) = products
    if not product["is_storable"]:
        return "Odoo keeps no stock of this product"
    if product["tracking"] != "none":
        return "Odoo wants the lot or serial number of each unit of it, which Magento does not know"
    if line.unit and line.unit != shown(product["uom_id"]):
        return f"Odoo counts it in {shown(product['uom_id'])}, and the blueprint's stock.units in {line.unit}"
    step = steps.get(key_of(product["uom_id"]), ZERO)
    if step and line.quantity % step:  # Odoo would round it without a word
        return f"Odoo counts it in steps of {text_of(step)}, and {text_of(line.quantity)} is none of them"
    return ""


def _rows(
    reference: str, lines: Sequence[WindowLine], products: Mapping[str, Record], warehouse: Record
) -> tuple[list[str], list[list[str]]]:
    """Columns and rows for `load()`: a transfer of what comes, and one of what goes."""
    here = str(key_of(warehouse["lot_stock_id"]))
    rows, names = [], []
    for way, sign in (("in", 1), ("out", -1)):
        some = [line for line in lines if line.quantity * sign > 0]
        for number, line in enumerate(some):
            product = products[line.sku]
            there = str(key_of(product["property_stock_inventory"]))
            source, target = (there, here) if sign > 0 else (here, there)
            quantity = text_of(abs(line.quantity))
            head = {
                "id": transfer_name(reference, way),
                "origin": reference,
                "picking_type_id/.id": str(key_of(warehouse["int_type_id"])),
                "location_id/.id": source,
                "location_dest_id/.id": target,
                "move_type": "direct",
            }
            move = {
                "move_ids/id": move_name(reference, line.sku),
                "move_ids/product_id/.id": str(product["id"]),
                "move_ids/product_uom_qty": quantity,
                "move_ids/quantity": quantity,
                "move_ids/picked": "1",
                "move_ids/location_id/.id": source,
                "move_ids/location_dest_id/.id": target,
            }
            names = [*head, *move]
            rows.append([*([""] * len(head) if number else head.values()), *move.values()])
    return names, rows


def _booked(outcome: Outcome, movement: StockMovement, snapshot: Snapshot, reasons: Mapping[str, str]) -> Result:
    booked = {line.sku: line.quantity for line in snapshot.lines}
    lines = []
    for line in movement.lines:
        there = booked.get(line.sku)
        message = reasons.get(line.sku, "it is not in the transfer that Odoo has") if there is None else ""
        if there is not None and there != line.quantity:
            message = f"Odoo has booked {text_of(there)} of it"
        lines.append(LineResult(line.sku, not message, message))
    evidence = Evidence(200, bytes_sent=True)
    return Result(outcome, snapshot.erp_id, snapshot.erp_number, DONE, lines=tuple(lines), evidence=evidence)


def _found(ref: Reference, records: Sequence[Record], moves: Mapping[int, Sequence[tuple[str, Decimal]]]) -> Found:
    if not records:
        return Found(Presence.ABSENT)
    records = sorted(records, key=lambda record: int(record["id"]))
    lines = [SnapshotLine("", sku, quantity, None) for r in records for sku, quantity in moves.get(r["id"], ())]
    number = ", ".join(text(record, "name") for record in records)
    key = ErpId(f"{PICKINGS},{records[0]['id']}")
    return Found(Presence.ONE, (Snapshot(key, number, ref.external_ref, None, DONE, "", tuple(lines), {}),))


def warehouse_of(books: Books, company: int, code: str, ends_at: float) -> Record | None:
    """The company's warehouse of a short name; None where there is none."""
    domain = [["code", "=", code], ["company_id", "=", company]]
    found = books.search("stock.warehouse", domain, WAREHOUSE_FIELDS, ends_at)
    return found[0] if found else None


def _warehouses(books: Books, company: int, codes: Sequence[str], ends_at: float) -> dict[int, str]:
    domain: list[object] = [["company_id", "=", company]]
    if codes:
        domain.append(["code", "in", list(codes)])
    found = {
        record["id"]: text(record, "code") for record in books.search("stock.warehouse", domain, ("code",), ends_at)
    }
    unknown = sorted(set(codes) - set(found.values()))
    if unknown:
        raise Retryable(f"Odoo has no warehouse of short name {', '.join(unknown)}", hint=_WAREHOUSE)
    return found


def _sum(group: Record, name: str) -> Decimal:
    """A sum; false where something is reserved of what was never there."""
    return ZERO if group[name] is False else amount(group, name)


def _after(cursor: str | None) -> int:
    try:
        after = json.loads(cursor or "0")
    except ValueError:
        return 0
    return after if isinstance(after, int) else 0
