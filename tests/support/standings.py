"""Orders as they stand in Magento, and documents of an ERP about them, made for tests of pure rules."""

from decimal import Decimal

from sidecar.domain.delivery import ErpId
from sidecar.domain.inbound import InboundDocument, InboundKind, InboundLine
from sidecar.domain.order_standing import OrderItem, OrderStanding

PEN = OrderItem(1, "PEN", Decimal(5), amount=Decimal(50))
SHIRT = OrderItem(10, "SHIRT-M", Decimal(3), product_type="configurable", amount=Decimal(90))
SHIRT_CHILD = OrderItem(11, "SHIRT-M", Decimal(3), parent_id=10)
SET = OrderItem(20, "SET", Decimal(2), product_type="bundle", amount=Decimal(80))
SET_CUP = OrderItem(21, "CUP", Decimal(4), parent_id=20)
SET_POT = OrderItem(22, "POT", Decimal(2), parent_id=20)
BOX = OrderItem(30, "BOX", Decimal(1), product_type="bundle", ships_separately=True, children_calculated=True)
BOX_LID = OrderItem(31, "LID", Decimal(1), parent_id=30, amount=Decimal(3))
BOX_BASE = OrderItem(32, "BASE", Decimal(2), parent_id=30, amount=Decimal(7))
EBOOK = OrderItem(40, "EBOOK", Decimal(1), product_type="downloadable", is_virtual=True, amount=Decimal(9))
ROPE = OrderItem(50, "ROPE", Decimal("2.5"), is_decimal=True, amount=Decimal(25))
EVERYTHING = (PEN, SHIRT, SHIRT_CHILD, SET, SET_CUP, SET_POT, BOX, BOX_LID, BOX_BASE, EBOOK, ROPE)


def order_of(
    *items: OrderItem, state: str = "processing", method: str = "checkmo", shipping: str = "0"
) -> OrderStanding:
    """An order of these rows."""
    return OrderStanding(
        entity_id=42,
        increment_id="000000042",
        state=state,
        currency="EUR",
        base_currency="EUR",
        payment_method=method,
        items={item.item_id: item for item in items or EVERYTHING},
        shipping_to_refund=Decimal(shipping),
    )


def line(item: OrderItem | str, quantity: str, received: str = "0", reason: str = "") -> InboundLine:
    """A line of an ERP's document about an order item."""
    ref, sku = (item, "?") if isinstance(item, str) else (str(item.item_id), item.sku)
    return InboundLine(ref, sku, Decimal(quantity), received=Decimal(received), reason=reason)


def document_of(kind: InboundKind, *lines: InboundLine, **more: object) -> InboundDocument:
    """An ERP's document of these lines."""
    told: dict[str, object] = {"erp_id": ErpId("8001"), "erp_number": "8001", "version": "1", "order_ref": "M1-42"}
    return InboundDocument(kind=kind, lines=lines, **{**told, **more})  # type: ignore[arg-type] # a test's own words
