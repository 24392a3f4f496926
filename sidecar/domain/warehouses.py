"""Which of the ERP's warehouses a change belongs to: by Magento's source alone, or by reason and SKU too.

Several sources may be one warehouse, and one source several: then its rules are asked in their order, and the first one
that holds decides.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecar.domain.special_cases import Skus


@dataclass(frozen=True, slots=True)
class WarehouseRule:
    """The warehouse of a source's changes that have one of these reasons and SKUs; what is empty is not asked."""

    warehouse: str
    reasons: frozenset[str] = frozenset()
    skus: Skus | None = None

    @property
    def is_for_all(self) -> bool:
        """Tell whether it holds for every change."""
        return not self.reasons and self.skus is None

    def holds(self, sku: str, reason: str) -> bool:
        """Tell whether a change is meant."""
        return (not self.reasons or reason in self.reasons) and (self.skus is None or self.skus.have(sku))


Warehouses = Mapping[str, str | Sequence[WarehouseRule]]
"""For each source its warehouse, or rules of which the last one holds for all."""


def warehouse_of(warehouses: Warehouses, source: str, sku: str, reason: str) -> str:
    """The warehouse of one change; raises KeyError for a source that is not there."""
    said = warehouses[source]
    if isinstance(said, str):
        return said
    return next(rule.warehouse for rule in said if rule.holds(sku, reason))


def sources_of(warehouses: Warehouses) -> Mapping[str, Sequence[str]]:
    """The same backwards: for each warehouse the sources whose changes it may get."""
    sources: dict[str, list[str]] = defaultdict(list)
    for source, said in warehouses.items():
        for warehouse in [said] if isinstance(said, str) else dict.fromkeys(rule.warehouse for rule in said):
            sources[warehouse].append(source)
    return sources
