"""What the adapter must be told about one Odoo."""

from dataclasses import dataclass
from typing import Final

TAXES: Final = "taxes"
PRICELISTS: Final = "pricelists"
PAYMENT_TERMS: Final = "payment_terms"
CARRIERS: Final = "carriers"
LANGUAGES: Final = "languages"
"""The code maps: a tax rate to a tax or to `none`; a currency to a pricelist; a payment method to a payment term
(left out where it has no entry); Magento's carrier to the name of a delivery method; a store's key to the language of
its customers (left out where it has no entry). Taxes, pricelists and payment terms are named by their external
identifiers, languages by codes such as de_DE.
"""

CODE_MAPS: Final = frozenset({TAXES, PRICELISTS, PAYMENT_TERMS, CARRIERS, LANGUAGES})
"""Every code map that is read: `blueprint check` refuses others."""

NO_TAX: Final = "none"


@dataclass(frozen=True, slots=True)
class OdooTerms:
    """One company of one database; products are named by their internal references.

    `confirm`: a quotation becomes a sales order at once. Else people in Odoo confirm, and may be sent changes before.
    `post_refunds`: a credit memo is posted at once; else it is a draft that people post. `restock`: goods that a
    refund puts back on sale are taken in, where Odoo has delivered them. `customer_field`: the field of
    a contact that holds our reference and its revision, of text, and nobody else's. `login`: whose key it is, for
    JSON-RPC; without one JSON-2 is spoken.
    """

    database: str
    company: int
    shipping_product: str
    discount_product: str
    confirm: bool = True
    post_refunds: bool = True
    restock: bool = False
    customer_field: str = "ref"
    login: str | None = None
