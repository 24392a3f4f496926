"""External identifiers: the names by which Odoo knows our records, each of them once.

Odoo keeps them in a table of its own with a unique index over module and name. `sale.order.client_order_ref` has none:
it is what people see and what a search goes by, and the external identifier is what proves whose order it is.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

MODULE: Final = "__erp_sidecar__"
"""Written like Odoo's own __export__ and __import__: no module of that name can ever be updated or removed."""


def order_name(reference: str) -> str:
    """An order, by our reference of it."""
    return _name("order", reference)


def line_name(reference: str, line_ref: str) -> str:
    """A line of an order, by our reference of it."""
    return _name("line", reference, line_ref)


def customer_name(instance: str, customer_id: int) -> str:
    """A customer with an account; the shop's own, so that two shops never share one."""
    return _name("customer", instance, str(customer_id))


def guest_name(reference: str) -> str:
    """Who ordered without an account: one contact per order, since nobody vouches that two guests are the same."""
    return _name("guest", reference)


def address_name(owner: str, use: str, content: Mapping[str, str]) -> str:
    """An address of somebody: the same content is the same contact, and what old orders show never changes."""
    written = json.dumps([owner, use, content], sort_keys=True)
    return _name("address", hashlib.sha256(written.encode()).hexdigest()[:32])


def transfer_name(reference: str, way: str) -> str:
    """The transfer of a batch of stock movements, in or out."""
    return _name("transfer", reference, way)


def move_name(reference: str, sku: str) -> str:
    """The movement of one SKU in a batch."""
    return _name("move", reference, sku)


def refund_name(reference: str) -> str:
    """A credit memo, by our reference of it."""
    return _name("refund", reference)


def refund_line_name(reference: str, line_ref: str) -> str:
    """A line of a credit memo."""
    return _name("refund_line", reference, line_ref)


def reference_of(names: list[str], kind: str) -> str | None:
    """What follows a kind in the external identifiers of a record; None where it has none of it that is ours."""
    return next((parts[1] for parts in map(_parts, names) if parts[0] == kind and len(parts) > 1), None)


def order_of(names: list[str]) -> str | None:
    """Our reference of an order among the external identifiers that a record has; None where it is not ours."""
    return next((parts[1] for parts in map(_parts, names) if parts[0] == "order" and len(parts) == 2), None)  # noqa: PLR2004 -- kind and reference


def line_of(names: list[str], kind: str = "line") -> tuple[str, str] | None:
    """Our references of an order, or another document, and of a line of it."""
    found = (parts for parts in map(_parts, names) if parts[0] == kind and len(parts) == 3)  # noqa: PLR2004 -- kind, document and line
    return next(((parts[1], parts[2]) for parts in found), None)


def _name(*parts: str) -> str:
    return ".".join((MODULE, *(_quoted(part) for part in parts)))


def _quoted(part: str) -> str:
    """Without spaces, which Odoo refuses, and without dots, which stand between the parts."""
    return quote(part, safe="-_").replace(".", "%2E")


def _parts(name: str) -> list[str]:
    module, *parts = name.split(".")
    return [unquote(part) for part in parts] if module == MODULE and parts else [""]
