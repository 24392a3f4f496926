"""Odoo: orders, refunds, customers and stock by external identifiers, over JSON-2 or JSON-RPC."""

from erp_adapters.odoo.adapter import OdooAdapter
from erp_adapters.odoo.terms import OdooTerms

__all__ = ["OdooAdapter", "OdooTerms"]
