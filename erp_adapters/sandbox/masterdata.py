"""What the ERP knows about the world: items it lacks, customers it blocks, periods it closed."""

import json
from dataclasses import dataclass

from erp_adapters.sandbox.answers import Detail, JsonObject, RefusedError
from erp_adapters.sandbox.ledger import Reading

ALL_PERIODS_OPEN = "0001-01-01"


@dataclass(frozen=True)
class MasterData:
    """The part of the master data that makes the ERP refuse something."""

    unknown_items: tuple[str, ...]
    blocked_customers: tuple[str, ...]
    closed_until: str

    def as_json(self) -> JsonObject:
        """Show it in the words of the interface."""
        return {
            "unknownItems": list(self.unknown_items),
            "blockedCustomers": list(self.blocked_customers),
            "closedUntil": self.closed_until,
        }

    def refuse_order(self, order: JsonObject) -> None:
        """Raise the refusal (422) that this order meets, if any."""
        unknown = [
            Detail(f"lines[{place}].sku", f"Item {line['sku']} is unknown.")
            for place, line in enumerate(order["lines"])
            if line["sku"] in self.unknown_items
        ]
        if unknown:
            raise RefusedError(422, "UNKNOWN_ITEM", unknown[0].message, unknown)
        customer = order["customer"]
        if {customer.get("number"), customer["email"]} & set(self.blocked_customers):
            raise RefusedError(422, "CREDIT_BLOCKED", "The customer is blocked for new orders.")
        self.refuse_date(order["orderDate"])

    def refuse_date(self, date: str) -> None:
        """Raise the refusal (422) of a day, or an instant, in a closed period."""
        if date[: len("YYYY-MM-DD")] <= self.closed_until:
            message = f"Periods up to {self.closed_until} are closed."
            raise RefusedError(422, "PERIOD_CLOSED", message)


def read_master_data(ledger: Reading) -> MasterData:
    """Read the master data as it stands in this transaction."""
    known = {row["name"]: json.loads(row["value"]) for row in ledger.all("master_data")}
    return MasterData(
        unknown_items=tuple(known.get("unknownItems", ())),
        blocked_customers=tuple(known.get("blockedCustomers", ())),
        closed_until=known.get("closedUntil", ALL_PERIODS_OPEN),
    )
