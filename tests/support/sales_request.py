"""Saves orders, documents and their parts as one Magento request does: models in memory, rows, and hooks in order."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from tests.support.obedient_shop import ObedientShop

Columns = Mapping[str, object]
RELATIONS = {"invoice": (), "shipment": ("track",), "creditmemo": ()}
PREFIXES = {
    "track": "sales_order_shipment_track",
    "transaction": "sales_order_payment_transaction",
    "address": "sales_order_address",
    "payment": "sales_order_payment",
    "history": "sales_order_status_history",
}
TABLES = {
    "track": "sales_shipment_track",
    "transaction": "sales_payment_transaction",
    "address": "sales_order_address",
    "payment": "sales_order_payment",
    "history": "sales_order_status_history",
}


class SalesRequest:
    """What one request holds in memory; every method is a part of what Magento does in a transaction."""

    def __init__(self, shop: ObedientShop) -> None:
        self.shop = shop
        self._names = (f"model {number}" for number in count(1))

    def load_order(self, order_id: int, *, state: str = "new") -> str:
        """An order as a repository loads it."""
        orig = {"entity_id": str(order_id), "state": state}
        name = self.make("order", {"entity_id": str(order_id)}, orig=orig)
        self.shop.do("refresh", name=name)
        return name

    def make(self, kind: str, data: Columns, *, orig: Columns | None = None, order: str | None = None) -> str:
        """A model under a name; without `orig` it was never loaded."""
        name = next(self._names)
        self.shop.do("make", name=name, kind=kind, data=data, orig=orig, order=order)
        return name

    def make_requested_creditmemo(self, order: str, return_to_stock: Sequence[int], data: Columns) -> str:
        """The credit memo of a web API request that wants these order items back in stock."""
        name = next(self._names)
        self.shop.do("make_requested_creditmemo", name=name, order=order, return_to_stock=return_to_stock)
        self.set(name, **data)
        return name

    def set(self, name: str, **data: object) -> None:
        """Put values on a model, as setters do."""
        self.shop.do("set", name=name, data=data)

    def hook(self, event: str, name: str, **more: object) -> None:
        """Let Magento dispatch an event."""
        self.begin_hook(event, name, **more)()

    def begin_hook(self, event: str, name: str, **more: object) -> Callable[[], Any]:
        """The same, for a hook that may have to wait for a lock."""
        return self.shop.begin_step("dispatch", event=event, name=name, more=more)

    def write_document(
        self, kind: str, name: str, header: Columns, items: Sequence[Columns], parts: Mapping[str, Sequence[Columns]]
    ) -> int:
        """What Magento writes of a new document after its save_before: its rows, and the hooks of its parts."""
        document_id = self.insert(f"sales_{kind}", header)
        self.set(name, entity_id=document_id)
        for item in items:
            self.insert(f"sales_{kind}_item", {**item, "parent_id": document_id})
        for part in RELATIONS[kind]:
            for row in parts.get(part, ()):
                self.save_part(part, {**row, "parent_id": document_id})
        for comment in parts.get("comment", ()):
            self.insert(f"sales_{kind}_comment", {**comment, "parent_id": document_id})
        self.shop.do("refresh", name=name)
        return document_id

    def create_document(
        self,
        kind: str,
        order: str,
        header: Columns,
        items: Sequence[Columns],
        *,
        more: Columns | None = None,
        **parts: Sequence[Columns],
    ) -> str:
        """A new document with its hooks, inside the transaction that is open."""
        name = self.make(kind, {**header, **(more or {})}, order=order)
        self.hook(f"sales_order_{kind}_save_before", name)
        self.write_document(kind, name, header, items, parts)
        self.hook(f"sales_order_{kind}_process_relation", name)
        return name

    def save_part(self, kind: str, row: Columns, *, order: str | None = None, more: Columns | None = None) -> str:
        """A new track, transaction, address or line of history, in a transaction inside of the one that is open."""
        name = self.make(kind, {**row, **(more or {})}, order=order)
        self.shop.do("begin")
        self.hook(f"{PREFIXES[kind]}_save_before", name)
        part_id = self.insert(TABLES[kind], row)
        self.set(name, **{"transaction_id" if kind == "transaction" else "entity_id": part_id})
        self.hook(f"{PREFIXES[kind]}_save_after", name)
        self.shop.do("commit")
        return name

    def change_part(self, kind: str, part_id: int, row: Columns, changes: Columns) -> str:
        """A part that is there already, changed and saved, with its hooks."""
        key = "transaction_id" if kind == "transaction" else "entity_id"
        held = {**row, key: part_id}
        name = self.make(kind, {**held, **changes}, orig=held)
        self.shop.do("begin")
        self.hook(f"{PREFIXES[kind]}_save_before", name)
        assignments = ", ".join(f"{column} = ?" for column in changes)
        self.shop.sql(f"UPDATE {TABLES[kind]} SET {assignments} WHERE {key} = ?", [*changes.values(), part_id])  # noqa: S608 -- our own names
        self.hook(f"{PREFIXES[kind]}_save_after", name)
        self.shop.do("commit")
        return name

    def save_order(self, name: str, order_id: int, **changes: object) -> None:
        """An order of which columns changed, with its hooks."""
        self.set(name, **changes)
        self.hook("sales_order_save_before", name)
        assignments = ", ".join(f"{column} = ?" for column in changes)
        self.shop.sql(f"UPDATE sales_order SET {assignments} WHERE entity_id = ?", [*changes.values(), order_id])  # noqa: S608 -- our own names
        self.hook("sales_order_process_relation", name)

    def insert(self, table: str, row: Columns) -> int:
        """Insert one row and give its id."""
        marks = ", ".join("?" for _ in row)
        self.shop.sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608 -- our own names
        return int(self.shop.do("insert_id"))
