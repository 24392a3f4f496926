"""What the adapter must be told about one Odoo."""

from dataclasses import dataclass
from typing import Final

TAXES: Final = "taxes"
PRICELISTS: Final = "pricelists"
PAYMENT_TERMS: Final = "payment_terms"
CARRIERS: Final = "carriers"
"""The code maps: a tax rate to a tax or to `none`; a currency to a pricelist; a payment method to a payment term
(left out where it has no entry); Magento's carrier to the name of a delivery method. Taxes, pricelists and payment
terms are named by their external identifiers.
"""

CODE_MAPS: Final = frozenset({TAXES, PRICELISTS, PAYMENT_TERMS, CARRIERS})
"""Every code map that is read: `blueprint check` refuses others."""

NO_TAX: Final = "none"


@dataclass(frozen=True, slots=True)
class OdooTerms:
    """One company of one database; products are named by their internal references.

    `confirm`: a quotation becomes a sales order at once. Else people in Odoo confirm, and may be sent changes before.
    """

    database: str
    company: int
    shipping_product: str
    discount_product: str
    confirm: bool = True
