"""What becomes of orders: confirmed, cancelled, delivered, invoiced, credited."""

from collections.abc import Mapping
from decimal import Decimal

from erp_adapters.sandbox.odoo.ledger import Transaction
from erp_adapters.sandbox.odoo.reading import delivered, exact, invoiced, lines_of, read
from erp_adapters.sandbox.odoo.refusals import user_error
from erp_adapters.sandbox.odoo.stock import moved


def confirm(work: Transaction, order: int) -> None:
    """A quotation becomes a sales order, with a transfer of its goods."""
    if work.get("sale.order", order)["state"] not in ("draft", "sent"):
        raise user_error("Some orders are not in a state requiring confirmation.")
    work.write("sale.order", order, {"state": "sale"})
    _open_transfer(work, order)


def cancel(work: Transaction, order: int) -> None:
    """Cancel an order and the transfers that are still open; what is done stays done."""
    work.write("sale.order", order, {"state": "cancel"})
    for picking in list(work.all("stock.picking")):
        if picking["sale_id"] == order and picking["state"] != "done":
            work.write("stock.picking", picking["id"], {"state": "cancel"})


def unlink_line(work: Transaction, line: int) -> None:
    """Remove a line of a quotation."""
    order = work.get("sale.order.line", line)["order_id"]
    if work.get("sale.order", order)["state"] == "sale":
        raise user_error("Once a sales order is confirmed, you can't remove one of its lines.")
    work.unlink("sale.order.line", line)
    work.write("sale.order", order, {})


def deliver(work: Transaction, order: int, quantities: Mapping[str, float] | None) -> int:
    """Ship what is open, or so much of each SKU; the rest gets a transfer of its own."""
    picking = next(p for p in work.all("stock.picking") if p["sale_id"] == order and p["state"] == "assigned")
    for move in [move for move in work.all("stock.move") if move["picking_id"] == picking["id"]]:
        sku = work.get("product.product", move["product_id"])["default_code"]
        quantity = move["product_uom_qty"] if quantities is None else quantities.get(sku, 0.0)
        if quantity:
            work.write("stock.move", move["id"], {"quantity": float(quantity), "state": "done"})
            moved(work, move["product_id"], move["location_id"], move["location_dest_id"], float(quantity))
        else:
            work.unlink("stock.move", move["id"])
    work.write("stock.picking", picking["id"], {"state": "done"})
    work.write("sale.order", order, {})
    _open_transfer(work, order)
    return int(picking["id"])


def _open_transfer(work: Transaction, order: int) -> None:
    open_ones = []
    for line in lines_of(work, order):
        product = work.get("product.product", line["product_id"])
        left = float(exact(line["product_uom_qty"]) - exact(delivered(work, line["id"])))
        if product["type"] != "service" and left > 0:
            open_ones.append((line, left))
    if not open_ones:
        return
    values = {"state": "assigned", "sale_id": order, "picking_type_id": 1, "picking_type_code": "outgoing"}
    picking = work.create("stock.picking", values)
    work.write("stock.picking", picking, {"name": f"WH/OUT/{picking:05}"})
    for line, left in open_ones:
        move = {"picking_id": picking, "product_id": line["product_id"], "product_uom": line["product_uom_id"]}
        move |= {"location_id": 1, "location_dest_id": 3}
        work.create("stock.move", {**move, "product_uom_qty": left, "sale_line_id": line["id"], "state": "assigned"})


def invoice(work: Transaction, order: int) -> int:
    """Invoice what is open of every line, and post it."""
    lines = lines_of(work, order)
    left = [(line["id"], exact(line["product_uom_qty"]) - exact(invoiced(work, line["id"]))) for line in lines]
    return _post(work, "out_invoice", order, {key: quantity for key, quantity in left if quantity})


def credit(work: Transaction, move: int) -> int:
    """Give back all of an invoice, and post it."""
    lines = [line for line in work.all("account.move.line") if line["move_id"] == move]
    quantities = {line["sale_line_ids"][0]: exact(line["quantity"]) for line in lines}
    order = work.get("sale.order.line", next(iter(quantities)))["order_id"]
    return _post(work, "out_refund", order, quantities)


def post(work: Transaction, move: int) -> None:
    """Post a draft: it gets its number, and counts."""
    record = work.get("account.move", move)
    if record["state"] != "draft":
        raise user_error(f"The entry {record['name']} (id {move}) must be in draft.")
    prefix = "INV" if record["move_type"] == "out_invoice" else "RINV"
    posted = {"state": "posted", "posted_before": True, "name": record["name"] or f"{prefix}/2026/{move:05}"}
    work.write("account.move", move, posted)


def take_back(work: Transaction, move: int) -> None:
    """Reset a posted invoice or credit memo, and cancel it."""
    work.write("account.move", move, {"state": "cancel"})


def _post(work: Transaction, move_type: str, order: int, quantities: Mapping[int, Decimal]) -> int:
    header = read(work, "sale.order", work.get("sale.order", order), ["currency_id"])
    values = {"move_type": move_type, "state": "posted", "posted_before": True, "currency_id": header["currency_id"][0]}
    move = work.create("account.move", values)
    for key, quantity in quantities.items():
        line = work.get("sale.order.line", key)
        told = {"move_id": move, "product_id": line["product_id"], "quantity": float(quantity), "sale_line_ids": [key]}
        work.create("account.move.line", {**told, "price_unit": line["price_unit"], "tax_ids": line["tax_ids"]})
    prefix = "INV" if move_type == "out_invoice" else "RINV"
    work.write("account.move", move, {"name": f"{prefix}/2026/{move:05}"})
    work.write("sale.order", order, {})
    return move
