"""A good blueprint to make mistakes in."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from sidecar.blueprint import load_blueprint
from sidecar.domain.errors import ConfigurationError

Values = dict[str, Any]
Change = Callable[[Values], object]

ORDERS: Values = {
    "creator": "magento",
    "modifiers": ["magento"],
    "authority": "magento",
    "direction": "magento_to_erp",
    "conflict_rule": "authority_wins",
    "risk_class": "high",
    "owners": {"engineering": "e", "operations": "o", "finance": "f", "erp": "x"},
    "escalation": "call",
}
LIFECYCLE: Values = {
    "first": ["accepted"],
    "statuses": {
        "accepted": {"means": "accepted", "shows": {"processing": "erp_accepted"}, "next": ["stopped", "done"]},
        "stopped": {"means": "credit_hold", "shows": {"processing": "erp_credit_hold"}, "next": ["accepted"]},
        "done": {"means": "closed", "shows": {"processing": "erp_closed"}, "irreversible": True},
    },
    "absent": [
        "awaiting_approval",
        "blocked",
        "posted",
        "partly_delivered",
        "invoiced",
        "rejected",
        "cancelled",
    ],
}
ERP: Values = {
    "kind": "legacy",
    "profile": "sandbox",
    "base_url": "https://erp.example.com/api",
    "takes": ["OrderPlaced", "InventoryAdjusted"],
    "start": "beginning",
    "echoes": "withheld",
    "release": [{"methods": ["checkmo"], "when": "placed"}, {"methods": ["*"], "when": "paid"}],
    "lifecycle": LIFECYCLE,
    "stock": {"reasons": ["shipment"], "warehouses": {"default": "W1"}},
}
BASE: Values = {
    "version": "1",
    "instance": "shop",
    "destinations": {"erp": ERP},
    "domains": {"orders": ORDERS, "stock": deepcopy(ORDERS)},
}


def problems_after(change: Change, folder: Path) -> list[str]:
    """Write the base blueprint with a change in it; the refusal's lines without the file's name."""
    values = deepcopy(BASE)
    change(values)
    path = folder / "blueprint.yaml"
    text = yaml.dump(values, Dumper=NoAliases, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    try:
        load_blueprint(path)
    except ConfigurationError as error:
        lines = str(error).splitlines()
        assert all(line.startswith(f"{path}: ") for line in lines)
        return [line.removeprefix(f"{path}: ") for line in lines]
    return []


class NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def erp(values: Values) -> Values:
    found: Values = values["destinations"]["erp"]
    return found


def statuses(values: Values) -> Values:
    found: Values = erp(values)["lifecycle"]["statuses"]
    return found


def orders(values: Values) -> Values:
    found: Values = values["domains"]["orders"]
    return found


def add_destination(values: Values, name: str, **changes: object) -> None:
    values["destinations"][name] = {key: value for key, value in (deepcopy(ERP) | changes).items() if value is not None}


def add_receiver(values: Values, name: str, takes: list[str], base_url: str = "https://hub.example.com") -> None:
    """A destination that takes events as they are."""
    receiver: Values = {"kind": "cloudevents", "base_url": base_url, "takes": takes, "start": "now"}
    values["destinations"][name] = receiver
