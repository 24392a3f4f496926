"""Payloads of events beside an order's own: the smallest that the contract allows."""

from typing import Any, Final

EVENT_ID: Final = "0193a1b4-0000-7000-8000-000000000000"


def creditmemo_payload(entity_id: int, order_id: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """A credit memo over one unit of each line of `order_payload`; `memo` changes columns of its header."""
    header = changes.pop("memo", {})
    order_items = [
        {
            "item_id": order_id * 10 + number,
            "product_type": "simple",
            "sku": f"sku-{number}",
            "name": "Thing",
            "role": "both",
            "qty_ordered": "2.0000",
        }
        for number in (1, 2)
    ]
    items = [
        {
            "entity_id": entity_id * 10 + number,
            "order_item_id": order_id * 10 + number,
            "sku": f"sku-{number}",
            "qty": "1.0000",
            "price": f"{5 * number}.0000",
            "row_total": f"{5 * number}.0000",
            "role": "both",
            "back_to_stock": number == 1,
        }
        for number in (1, 2)
    ]
    subtotal = "15.0000" if "items" not in changes else "20.0000"
    return {
        "event_id": EVENT_ID,
        "type": "CreditmemoCreated",
        "schema_version": 1,
        "occurred_at": "2026-11-24T11:00:00.000000Z",
        "origin": "test",
        "actor": {"type": "admin", "id": 1},
        "store": None,
        "order": {
            "entity_id": order_id,
            "increment_id": f"{order_id:09d}",
            "store_id": 1,
            "order_currency_code": "EUR",
        },
        "creditmemo": {
            "entity_id": entity_id,
            "increment_id": f"9{entity_id:08d}",
            "order_id": order_id,
            "state": 2,
            "order_currency_code": "EUR",
            "created_at": "2026-11-24 11:00:00",
            "subtotal": subtotal,
            "grand_total": subtotal,
        }
        | header,
        "items": items,
        "order_items": order_items,
        "comments": [],
        "payment": {"entity_id": 3, "method": "checkmo", "additional_information": {}},
        "extra": {"creditmemo": {}, "items": {}},
    } | changes


def customer_payload(entity_id: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """An account with one address; `customer` changes columns of its own row."""
    row = changes.pop("customer", {})
    address = {
        "entity_id": entity_id * 10 + 1,
        "parent_id": entity_id,
        "firstname": "Zoë",
        "lastname": "Müller",
        "street": ["1 Road", "Back door"],
        "city": "Köln",
        "postcode": "50667",
        "country_id": "DE",
        "telephone": "1",
        "vat_id": "DE123456789",
    }
    return {
        "event_id": EVENT_ID,
        "type": "CustomerSaved",
        "schema_version": 1,
        "occurred_at": "2026-11-24T11:00:00.000000Z",
        "origin": "test",
        "actor": {"type": "user", "id": entity_id},
        "store": None,
        "website_code": "eu",
        "customer": {
            "entity_id": entity_id,
            "store_id": 1,
            "group_id": 1,
            "is_active": 1,
            "email": "zoe@example.com",
            "firstname": "Zoë",
            "lastname": "Müller",
            "taxvat": "DE123456789",
            "default_billing": entity_id * 10 + 1,
            "default_shipping": entity_id * 10 + 1,
            "updated_at": "2026-11-24 11:00:00",
        }
        | row,
        "group": {"customer_group_id": 1, "customer_group_code": "General"},
        "addresses": [address],
        "newsletter": [],
        "custom_attributes": {},
    } | changes
