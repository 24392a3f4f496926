"""Customers as an ERP needs them: who they are, how they are taxed, and where they live."""

from dataclasses import dataclass, field
from typing import Final

from sidecar.domain.fields import Reader, Row, hash_of, integer_in, malformed, rows_without, without, words_in

_NOT_CONTENT: Final = frozenset({"event_id", "type", "occurred_at", "origin", "actor"})
_NOT_ROW_CONTENT: Final = frozenset({"updated_at", "change_status_at"})
_NAME: Final = ("prefix", "firstname", "middlename", "lastname", "suffix")


@dataclass(frozen=True, slots=True)
class CustomerAddress:
    """One address of the book; `street` is its lines."""

    address_ref: str
    name: str = field(repr=False)
    company: str
    street: tuple[str, ...] = field(repr=False)
    city: str
    region: str
    postcode: str
    country: str
    telephone: str = field(repr=False)
    vat_number: str
    is_billing: bool
    is_shipping: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer in one version; `source` is the payload as Magento wrote it, for mappings.

    `group` is the customer group's id, as an order names it; `website` its code, empty where Magento has none.
    """

    entity_id: int
    email: str = field(repr=False)
    name: str = field(repr=False)
    store_id: int
    website: str
    group: str
    vat_number: str
    addresses: tuple[CustomerAddress, ...]
    content_sha256: str
    source: Row = field(repr=False)


def customer_of(payload: Row) -> Customer:
    """Read a customer's payload (schema version 1); raise MalformedEvent naming the first field that is wrong."""
    reader = Reader(payload)
    row = reader.row("customer")
    addresses = reader.rows("addresses", at_least=0)
    return Customer(
        entity_id=reader.integer("customer", "entity_id"),
        email=reader.text("customer", "email"),
        name=_name_in(row, "customer"),
        store_id=integer_in(row, "store_id", "customer"),
        website=words_in(payload, "website_code", "payload"),
        group=str(integer_in(row, "group_id", "customer")),
        vat_number=words_in(row, "taxvat", "customer"),
        addresses=tuple(_address(row, address, f"addresses[{index}]") for index, address in enumerate(addresses)),
        content_sha256=_content_hash(payload),
        source=payload,
    )


def _address(customer: Row, row: Row, path: str) -> CustomerAddress:
    address_id = integer_in(row, "entity_id", path)
    street = row.get("street")
    if not isinstance(street, list) or not all(isinstance(line, str) for line in street):
        raise malformed(f"{path}.street", street, "a list of lines")
    return CustomerAddress(
        address_ref=str(address_id),
        name=_name_in(row, path),
        company=words_in(row, "company", path),
        street=tuple(street),
        city=words_in(row, "city", path),
        region=words_in(row, "region", path),
        postcode=words_in(row, "postcode", path),
        country=words_in(row, "country_id", path),
        telephone=words_in(row, "telephone", path),
        vat_number=words_in(row, "vat_id", path),
        is_billing=address_id == integer_in(customer, "default_billing", "customer"),
        is_shipping=address_id == integer_in(customer, "default_shipping", "customer"),
    )


def _name_in(row: Row, path: str) -> str:
    return " ".join(filter(None, (words_in(row, part, path).strip() for part in _NAME)))


def _content_hash(payload: Row) -> str:
    """Hash what an ERP could see, without what every save of Magento's changes."""
    content = {name: value for name, value in payload.items() if name not in _NOT_CONTENT}
    content["customer"] = without(payload.get("customer"), _NOT_ROW_CONTENT)
    for name in ("addresses", "newsletter"):
        content[name] = rows_without(payload.get(name), _NOT_ROW_CONTENT)
    return hash_of(content)
