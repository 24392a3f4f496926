"""Stock: what lies where, what transfers move, and what people open and correct.

Measured on Odoo 19, and played here: a transfer whose moves are loaded with a quantity is ready, has reserved what it
takes, and has moved nothing; `button_validate` moves it, does nothing to one that is done, and refuses one that was
cancelled or lacks the lots of its products. What is reserved of nothing has no quantity at all: its sum is false.
Quantities are rounded to the unit's step without a word. What goes out
beyond what is there is negative afterwards.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erp_adapters.sandbox.odoo.ledger import Record, Transaction
from erp_adapters.sandbox.odoo.reading import exact
from erp_adapters.sandbox.odoo.refusals import user_error

INTERNAL, INVENTORY, CUSTOMER = "internal", "inventory", "customer"
_OPEN = ("draft", "assigned", "confirmed")
_EMPTY = (
    "Transfer trouble alert! Validating a zero quantity transfer? You're not moving invisible goods around are you?\n"
    "Set some quantities and let's get moving!"
)


def in_steps(work: Transaction, product: int, quantity: float) -> float:
    """The quantity as Odoo keeps it: rounded to the step of the product's unit, halves away from zero."""
    step = exact(work.get("uom.uom", work.get("product.product", product)["uom_id"])["rounding"])
    return float((exact(quantity) / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def open_warehouse(work: Transaction, warehouse: int) -> None:
    """Give a new warehouse its place and its types of transfers."""
    code = work.get("stock.warehouse", warehouse)["code"]
    place = {"name": "Stock", "usage": INTERNAL, "warehouse_id": warehouse}
    stock = work.create("stock.location", {**place, "complete_name": f"{code}/Stock"})
    kinds = {}
    for field, kind, name in (
        ("int_type_id", "internal", "Internal Transfers"),
        ("in_type_id", "incoming", "Receipts"),
        ("", "outgoing", "Delivery Orders"),
    ):
        made = work.create("stock.picking.type", {"name": name, "warehouse_id": warehouse, "code": kind})
        if field:
            kinds[field] = made
    work.write("stock.warehouse", warehouse, {"lot_stock_id": stock, **kinds})


def born(work: Transaction, move: int) -> None:
    """What a move that was loaded into a transfer is: ready, with what it takes reserved."""
    record = work.get("stock.move", move)
    quantities = {name: in_steps(work, record["product_id"], record[name]) for name in ("quantity", "product_uom_qty")}
    work.write("stock.move", move, {**quantities, "state": "assigned"})
    _reserve(work, record["product_id"], record["location_id"], exact(quantities["quantity"]))


def name_transfer(work: Transaction, picking: int) -> None:
    """Number a transfer by its type, and let it be ready."""
    record = work.get("stock.picking", picking)
    kind = work.get("stock.picking.type", record["picking_type_id"])
    code = work.get("stock.warehouse", kind["warehouse_id"])["code"]
    way = {"internal": "INT", "outgoing": "OUT", "incoming": "IN"}[kind["code"]]
    made = {"name": f"{code}/{way}/{picking:05}", "state": "assigned", "picking_type_code": kind["code"]}
    work.write("stock.picking", picking, made)


def validate(work: Transaction, picking: int) -> None:
    """Move what a transfer has; what is done stays as it is."""
    if work.get("stock.picking", picking)["state"] == "done":
        return
    moves = [move for move in work.all("stock.move") if move["picking_id"] == picking and move["state"] in _OPEN]
    if not any(move["quantity"] for move in moves):
        raise user_error(_EMPTY)
    for move in moves:
        product = work.get("product.product", move["product_id"])
        if product["tracking"] != "none":
            name = f"[{product['default_code']}] {product['name']}"
            raise user_error(f"You need to supply a Lot/Serial number for products {name}.")
    for move in moves:
        _reserve(work, move["product_id"], move["location_id"], -exact(move["quantity"]))
        moved(work, move["product_id"], move["location_id"], move["location_dest_id"], move["quantity"])
        work.write("stock.move", move["id"], {"state": "done", "picked": True})
    work.write("stock.picking", picking, {"state": "done"})


def cancel(work: Transaction, picking: int) -> None:
    """Give up a transfer that is not done, and what it has reserved."""
    record = work.get("stock.picking", picking)
    if record["state"] == "done":
        raise user_error("You cannot cancel a stock move that has been set to 'Done'.")
    for move in [move for move in work.all("stock.move") if move["picking_id"] == picking]:
        if move["state"] in _OPEN and move["location_id"]:
            _reserve(work, move["product_id"], move["location_id"], -exact(move["quantity"]))
        work.write("stock.move", move["id"], {"state": "cancel", "quantity": 0.0})
    work.write("stock.picking", picking, {"state": "cancel"})


def moved(work: Transaction, product: int, source: int, target: int, quantity: float) -> None:
    """Let goods lie somewhere else; of what is not storable Odoo keeps no quantity."""
    if not work.get("product.product", product)["is_storable"]:
        return
    for place, sign in ((source, -1), (target, 1)):
        quant = _quant(work, product, place)
        held = exact(quant["quantity"] or 0) + sign * exact(quantity)
        work.write("stock.quant", quant["id"], {"quantity": float(held)})


def put(work: Transaction, product: int, place: int, quantity: float | None) -> int:
    """People lay goods somewhere, as a lot of their own."""
    held = {"product_id": product, "location_id": place, "quantity": quantity, "reserved_quantity": 0.0}
    return work.create("stock.quant", held)


def grouped(quants: list[Record], names: dict[str, dict[int, str]]) -> list[dict[str, Any]]:
    """Quants by product and place, summed up, as `formatted_read_group` tells them."""
    sums: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
    known: dict[tuple[int, int], bool] = {}
    for quant in quants:
        key = quant["product_id"], quant["location_id"]
        held, reserved = sums.get(key, (Decimal(0), Decimal(0)))
        known[key] = known.get(key, False) or quant["quantity"] is not None
        sums[key] = held + exact(quant["quantity"] or 0), reserved + exact(quant["reserved_quantity"])
    return [
        {
            "product_id": [product, names["product.product"][product]],
            "location_id": [place, names["stock.location"][place]],
            "__extra_domain": ["&", ["product_id", "=", product], ["location_id", "=", place]],
            "quantity:sum": float(held) if known[product, place] else False,
            "reserved_quantity:sum": float(reserved),
        }
        for (product, place), (held, reserved) in sums.items()
    ]


def _reserve(work: Transaction, product: int, place: int, quantity: Decimal) -> None:
    """Only what lies inside can be reserved; what is given back may be less than was taken."""
    if not work.get("product.product", product)["is_storable"]:
        return
    if work.get("stock.location", place)["usage"] != INTERNAL:
        return
    quant = _quant(work, product, place)
    reserved = max(exact(quant["reserved_quantity"]) + quantity, Decimal(0))
    work.write("stock.quant", quant["id"], {"reserved_quantity": float(reserved)})


def _quant(work: Transaction, product: int, place: int) -> Record:
    for quant in work.all("stock.quant"):
        if (quant["product_id"], quant["location_id"]) == (product, place):
            return quant
    return work.get("stock.quant", put(work, product, place, None))
