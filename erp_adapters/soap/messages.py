"""Arguments: what a template makes of a document, as zeep wants it."""

from collections.abc import Mapping

from erp_adapters.mapping import (
    CONSTANTS,
    CodeMaps,
    MappingError,
    Node,
    canonical_customer,
    canonical_order,
    canonical_refund,
    canonical_stock,
    render,
)
from erp_adapters.mapping.rules import Rules
from erp_adapters.soap.profile import Called
from sidecar.domain.delivery import Reference
from sidecar.domain.documents import (
    CustomerDocument,
    Document,
    EventDocument,
    OrderCancellation,
    OrderDocument,
    RefundDocument,
    StockCount,
    StockMovement,
)

Arguments = Mapping[str, object]


def arguments_of(called: Called, scope: object, codes: CodeMaps) -> tuple[Arguments, object]:
    """The arguments of an operation and its SOAP headers; raise MappingError naming the place."""
    made = _filled(called.arguments, scope, codes)
    headers = None if called.headers is None else _filled(called.headers, scope, codes)
    return made, headers


def canonical(document: Document, ref: Reference, rules: Rules) -> Mapping[str, object]:
    """What a template of an effect starts from; `target` is the ERP's key of the document that is changed."""
    match document:
        case OrderDocument(order):
            made = canonical_order(order, ref, rules.custom_fields, rules.fulfilment)
        case OrderCancellation(order):  # who cannot say how an order is served can cancel it all the same
            made = canonical_order(order, ref, rules.custom_fields)
        case StockMovement() | StockCount():
            made = canonical_stock(document, ref)
        case RefundDocument(refund):
            made = canonical_refund(refund, ref, rules.custom_fields)
        case CustomerDocument(customer):
            made = canonical_customer(customer, ref, rules.custom_fields)
        case EventDocument():
            raise MappingError("", "this ERP takes documents", hint="correct takes in the blueprint")
    return {**made, "target": ref.target, CONSTANTS: rules.constants}


def _filled(node: Node, scope: object, codes: CodeMaps) -> Arguments:
    made = _without_nothing(render(node, scope, codes))
    if not isinstance(made, Mapping):
        raise MappingError("", "the template makes no arguments", hint="correct the profile, then retry the event")
    return made


def _without_nothing(value: object) -> object:
    """What a list's instruction left out is no element of it."""
    match value:
        case Mapping():
            return {name: _without_nothing(one) for name, one in value.items()}
        case list():
            return [_without_nothing(one) for one in value if one is not None]
        case _:
            return value
