"""Customers as an ERP needs them: who they are, how they are taxed, and where they live."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


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
    """A customer in one version; `source` is the payload as Magento wrote it, for mappings."""

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
