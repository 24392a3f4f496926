"""Adapters: one ERP each, behind one port."""
