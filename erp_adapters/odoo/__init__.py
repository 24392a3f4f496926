"""Odoo: sales orders by external identifiers, over JSON-2."""

from erp_adapters.odoo.adapter import OdooAdapter
from erp_adapters.odoo.terms import OdooTerms

__all__ = ["OdooAdapter", "OdooTerms"]
