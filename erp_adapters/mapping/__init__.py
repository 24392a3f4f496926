"""Mapping as data: a template says what an ERP's request looks like, the canonical document fills it."""

from erp_adapters.mapping.canonical import canonical_order, canonical_stock, custom_fields_of
from erp_adapters.mapping.expression import Expression, TemplateError
from erp_adapters.mapping.render import CodeMaps, MappingError, render
from erp_adapters.mapping.rules import RuleBook, Rules, Scope, scope_of
from erp_adapters.mapping.template import Node, parse_template

__all__ = [
    "CodeMaps",
    "Expression",
    "MappingError",
    "Node",
    "RuleBook",
    "Rules",
    "Scope",
    "TemplateError",
    "canonical_order",
    "canonical_stock",
    "custom_fields_of",
    "parse_template",
    "render",
    "scope_of",
]
