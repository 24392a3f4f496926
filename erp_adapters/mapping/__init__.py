"""Mapping as data: a template says what an ERP's request looks like, the canonical document fills it."""

from erp_adapters.mapping.canonical import (
    canonical_customer,
    canonical_order,
    canonical_refund,
    canonical_stock,
    custom_fields_of,
)
from erp_adapters.mapping.expression import CONSTANTS, Expression, TemplateError
from erp_adapters.mapping.fulfilment import Fulfilment, IntentRule, OrderFulfilment
from erp_adapters.mapping.render import CodeMaps, MappingError, render
from erp_adapters.mapping.rules import RuleBook, Rules, SpecialCase, scope_of
from erp_adapters.mapping.template import Node, parse_template
from erp_adapters.mapping.vocabulary import reads_name, vocabulary_of
from sidecar.domain.special_cases import Scope

__all__ = [
    "CONSTANTS",
    "CodeMaps",
    "Expression",
    "Fulfilment",
    "IntentRule",
    "MappingError",
    "Node",
    "OrderFulfilment",
    "RuleBook",
    "Rules",
    "Scope",
    "SpecialCase",
    "TemplateError",
    "canonical_customer",
    "canonical_order",
    "canonical_refund",
    "canonical_stock",
    "custom_fields_of",
    "parse_template",
    "reads_name",
    "render",
    "scope_of",
    "vocabulary_of",
]
