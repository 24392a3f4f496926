"""What a blueprint says about how orders are served: lines that no warehouse has, and who chooses the warehouse."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field, model_validator

from sidecar.blueprint.ground import Part, Text
from sidecar.blueprint.mapping import SKUS_FORM, ItemExpression, SkuCondition, StoreId
from sidecar.configuration import Problem, invalid, listed
from sidecar.domain.delivery import Vocabulary
from sidecar.domain.intents import Allocation, AllocationOwner, Intent
from sidecar.domain.special_cases import Skus

Warehouse = Annotated[Text, Field(max_length=40)]
_ITEM_FORM: Final = "a JMESPath expression over a row of items, such as product_options.info_buyRequest.preorder"


class IntentPart(Part):
    """Which lines have an intent; both conditions have to hold where both are named."""

    skus: SkuCondition | None = Field(default=None, description=SKUS_FORM)
    item: ItemExpression | None = Field(default=None, description=_ITEM_FORM)

    @model_validator(mode="after")
    def _is_narrow(self) -> "IntentPart":
        if self.skus is None and self.item is None:
            raise invalid("an intent of every line", "at least one of skus and item")
        return self


class IntentsPart(Part):
    """The intents that Magento does not tell by itself."""

    drop_ship: IntentPart | None = Field(default=None, description="a table with skus, item")
    pre_order: IntentPart | None = Field(default=None, description="a table with skus, item")

    def rules(self) -> Mapping[Intent, IntentPart]:
        """By intent, the one that decides first standing first."""
        named = ((Intent.DROP_SHIP, self.drop_ship), (Intent.PRE_ORDER, self.pre_order))
        return {intent: part for intent, part in named if part is not None}

    @property
    def drop_shipped(self) -> Skus | None:
        """SKUs that no warehouse has whatever the order says; None where the SKU alone does not tell."""
        return _of_skus_alone(self.drop_ship)


class AllocationPart(Part):
    """Who chooses the warehouse, and which one the shop would choose."""

    owner: AllocationOwner = Field(description="erp, magento")
    websites: dict[Text, Warehouse] = Field(default_factory=dict, description="tables {code of a website: warehouse}")
    stores: dict[StoreId, Warehouse] = Field(
        default_factory=dict, description="tables {number of a store view: warehouse}"
    )
    pickup: dict[Text, Warehouse] = Field(
        default_factory=dict, description="tables {source where customers collect: warehouse}"
    )

    def allocation(self, warehouses: Mapping[str, object]) -> Allocation:
        """The same in the words of the domain; `warehouses` of sources stand where no pickup location is named."""
        known = {source: name for source, name in warehouses.items() if isinstance(name, str)}
        return Allocation(self.owner, self.websites, self.stores, {**known, **self.pickup})


def intent_problems(
    at: str, intents: IntentsPart, allocation: AllocationPart | None, *, takes_orders: bool
) -> Iterator[Problem]:
    """What nobody would read, or what says two things of one SKU."""
    if not takes_orders:
        for name, is_there in ("intents", bool(intents.rules())), ("allocation", allocation is not None):
            if is_there:
                yield Problem(f"{at}.{name}", "a table that is never used", "none, as the destination takes no orders")
    drop_shipped, pre_ordered = (_of_skus_alone(part) for part in (intents.drop_ship, intents.pre_order))
    if drop_shipped is not None and pre_ordered is not None and drop_shipped.overlap(pre_ordered):
        found = "SKUs that intents.drop_ship has too"
        yield Problem(f"{at}.intents.pre_order.skus", found, "one intent for each SKU")
    if allocation is not None and not (allocation.websites or allocation.stores):
        if allocation.owner is AllocationOwner.MAGENTO:
            found = "no warehouse, although the ERP shall be bound by one"
            yield Problem(f"{at}.allocation", found, "websites or stores with their warehouses")
        elif not allocation.pickup:
            yield Problem(f"{at}.allocation", "nothing that the ERP would be told", "websites, stores or pickup")


def _of_skus_alone(part: IntentPart | None) -> Skus | None:
    return None if part is None or part.item is not None else part.skus


def untold_intents(
    at: str, intents: IntentsPart, allocation: Allocation | None, vocabulary: Vocabulary
) -> Iterator[Problem]:
    """What the destination's adapter would not tell the ERP."""
    if intents.rules() and not vocabulary.intents:
        found = f"{listed(intents.rules())}, which this ERP's mapping does not tell"
        yield Problem(f"{at}.intents", found, "none; or a profile whose lines read intent")
    if allocation is not None and allocation.is_binding and not vocabulary.binding_warehouse:
        found = "magento, although this ERP's mapping does not tell it that it is bound"
        yield Problem(f"{at}.allocation.owner", found, "erp; or a profile whose lines read warehouse_is_binding")
