"""The people of an order as Odoo's contacts: who ordered, and below them where goods and bills go.

A contact is made once, under its external identifier, and never written over: what people in Odoo correct stays, and
what an old order shows does not change when the customer moves. A changed address is another contact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from erp_adapters.mapping import MappingError
from erp_adapters.odoo.names import address_name, customer_name, guest_name
from sidecar.domain.order import Order

COLUMNS: Final = (
    "id", "name", "is_company", "type", "parent_id/id", "street", "street2", "city", "zip", "state_id/.id",
    "country_id/id", "email", "phone", "vat",
)  # fmt: skip
PLACE: Final = frozenset({"street", "street2", "city", "zip", "state_id/.id", "country_id/id"})
"""The columns of an address."""

_COUNTRIES: Final = {"GB": "base.uk"}
"""Odoo's external identifier of a country is its code in small letters; this one, of all that Odoo 19 has, is not."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """The rows for `res.partner`, and the columns of the order that name them."""

    rows: tuple[Mapping[str, str], ...]
    order_columns: Mapping[str, str]

    def table(self, states: Mapping[tuple[str, str], int]) -> list[list[str]]:
        """Rows for `load()`; a region that Odoo does not know stands in the second line of the street."""
        return [[cell(row, column, states) for column in COLUMNS] for row in self.rows]

    @property
    def regions(self) -> set[tuple[str, str]]:
        """Country and region of every address that has one."""
        return {(row["country"], row["region"]) for row in self.rows if row["region"]}


def contacts_of(order: Order, reference: str, instance: str) -> Contacts:
    """The contacts of an order; raise MappingError where it has no address to bill."""
    addresses = order.source.get("addresses")
    billing = addresses.get("billing") if isinstance(addresses, Mapping) else None
    if not isinstance(addresses, Mapping) or not isinstance(billing, Mapping):
        raise MappingError("addresses.billing", "the order has no billing address", hint="edit and replay the event")
    shipping = addresses.get("shipping")
    header = order.source["order"]
    customer_id = header.get("customer_id")
    owner = customer_name(instance, customer_id) if isinstance(customer_id, int) else guest_name(reference)
    email = _word(header, "customer_email")
    bill = address_row(owner, "invoice", billing, email)
    ship = address_row(owner, "delivery", shipping, email) if isinstance(shipping, Mapping) else bill
    rows = [_owner(owner, billing, email), bill, *([] if ship is bill else [ship])]
    columns = {"partner_id/id": owner, "partner_invoice_id/id": bill["id"], "partner_shipping_id/id": ship["id"]}
    return Contacts(tuple(rows), columns)


def _owner(name: str, address: Mapping[str, Any], email: str) -> dict[str, str]:
    company = _word(address, "company")
    known = {**place_of(address), "vat": _word(address, "vat_id"), "email": email, "phone": _word(address, "telephone")}
    return {"id": name, "name": company or _person(address), "is_company": "1" if company else "0", **known}


def address_row(owner: str, use: str, address: Mapping[str, Any], email: str) -> dict[str, str]:
    """An address of somebody, in a use that Odoo knows: invoice, delivery."""
    content = {
        "name": _person(address) or _word(address, "company"),
        "type": use,
        "is_company": "0",
        **place_of(address),
        "email": email,
        "phone": _word(address, "telephone"),
    }
    return {"id": address_name(owner, use, content), "parent_id/id": owner, **content}


def place_of(address: Mapping[str, Any]) -> dict[str, str]:
    """Where an address is; country and region in Magento's words as well."""
    street = address.get("street")
    lines = [line for line in street if isinstance(line, str) and line] if isinstance(street, list) else []
    country = _word(address, "country_id")
    return {
        "street": lines[0] if lines else "",
        "street2": ", ".join(lines[1:]),
        "city": _word(address, "city"),
        "zip": _word(address, "postcode"),
        "country_id/id": _COUNTRIES.get(country, f"base.{country.lower()}") if country else "",
        "country": country,
        "region": _word(address, "region"),
    }


def cell(row: Mapping[str, str], column: str, states: Mapping[tuple[str, str], int]) -> str:
    """What stands in a column of a row; a region that Odoo does not know stands in the second line of the street."""
    region = row["region"]
    state = states.get((row["country"], region))
    if column == "state_id/.id":
        return "" if state is None else str(state)
    if column == "street2" and region and state is None:
        return ", ".join(part for part in (row["street2"], region) if part)
    return row.get(column, "")


def _person(address: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_word(address, part) for part in ("firstname", "middlename", "lastname"))))


def _word(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""
