"""Rules: what the blueprint says about turning Magento's words into an ERP's, as it holds for one document."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from erp_adapters.mapping.expression import Expression
from erp_adapters.mapping.render import CodeMaps
from sidecar.domain.customer import Customer
from sidecar.domain.documents import (
    CustomerDocument,
    Document,
    OrderCancellation,
    OrderDocument,
    RefundDocument,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a document decides which rules hold for it; None: the document does not say."""

    store_id: int | None = None
    customer_group: str | None = None
    skus: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one document."""

    code_maps: CodeMaps = field(default_factory=dict)
    custom_fields: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule of a destination."""

    general: Rules = field(default_factory=Rules)

    def rules_for(self, scope: Scope) -> Rules:
        """The rules that hold in a scope."""
        del scope
        return self.general


def scope_of(document: Document) -> Scope:
    """What of a document decides about its rules."""
    match document:
        case OrderDocument(order) | OrderCancellation(order):
            group = order.source["order"].get("customer_group_id")
            skus = frozenset(line.sku for line in order.lines)
            return Scope(order.store_id, None if group is None else str(group), skus)
        case RefundDocument(refund):
            group = refund.source["order"].get("customer_group_id")
            skus = frozenset(line.sku for line in refund.lines)
            return Scope(refund.store_id, None if group is None else str(group), skus)
        case CustomerDocument(Customer(store_id=store_id, group=group)):
            return Scope(store_id, group)
        case _:
            return Scope()
