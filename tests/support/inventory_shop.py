"""The stock of a shop with the second module installed, and its tables as a DBA sees them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ops.embedded.programs import PROJECT
from tests.support.declared_schema import declared_table
from tests.support.magento_shop import CREATE_TABLE, MAGENTO_TABLES
from tests.support.obedient_shop import ObedientShop
from tests.support.servers import Database

SCRIPT = PROJECT / "magento_module_stub" / "framework_standin" / "inventory_shop.php"
NEEDED_TABLES = ("inventory_source", "inventory_source_item", "inventory_reservation")

Stock = dict[tuple[str, str], Decimal]
"""Quantity by source and SKU."""


class InventoryShop(ObedientShop):
    """One PHP process that writes stock; its methods are those of Magento's writers."""

    def __init__(
        self,
        database: Database,
        *,
        table_prefix: str = "",
        config: Mapping[str, str] | None = None,
        is_plain: bool = False,
        sales: Database | None = None,
    ) -> None:
        """`is_plain` is a shop without the module; `sales` is where the sales tables are, if split."""
        more: dict[str, Any] = {"sales_dbname": sales.name} if sales else {}
        super().__init__(database, table_prefix=table_prefix, config=config, script=SCRIPT, is_plain=is_plain, **more)

    def call(self, writer: str, *arguments: object) -> Any:  # noqa: ANN401 -- as `do`
        """Call one of the writers."""
        return self.do(writer, **{"with": list(arguments)})

    def save(self, *items: Sequence[object], is_later: bool = False) -> None:
        """Set source items, each as source, SKU, quantity and status."""
        self.call("save", [list(item) for item in items], is_later)

    def apply(self, *changes: Mapping[str, object], is_later: bool = False) -> list[dict[str, Any]]:
        """Ask the third module's service, as a caller of the web API does."""
        answers: list[dict[str, Any]] = self.call("apply", list(changes), is_later)
        return answers

    def deduct(self, source: str, items: Iterable[Sequence[object]], event: str, order_id: str) -> None:
        """Take SKUs and quantities from a source for an order's document."""
        self.call("deduct", source, [list(item) for item in items], event, order_id)


class InventoryTables:
    """The tables of the stock, with two sources."""

    def __init__(self, database: Database, *, prefix: str = "") -> None:
        self.database = database
        self.prefix = prefix
        tables = MAGENTO_TABLES.read_text(encoding="utf-8").replace("{prefix}", prefix)
        needed = tuple(f"CREATE TABLE {prefix}{table} (" for table in NEEDED_TABLES)
        for statement in CREATE_TABLE.findall(tables):
            if statement.startswith(needed):
                self.run(statement)
        self.run(declared_table("erp_outbox", prefix=prefix))
        for source in ("west", "east"):
            self.run(
                f"INSERT INTO {prefix}inventory_source (source_code, name, country_id, postcode)"  # noqa: S608 -- ours
                " VALUES (%s, %s, 'DE', '1')",
                [source, source],
            )

    def run(self, statement: str, bind: Sequence[object] = ()) -> None:
        """Run a statement on a connection of its own."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement, bind or None)

    def rows(self, query: str, bind: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query sees from outside of all open transactions."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query.format(prefix=self.prefix), bind)
            return list(cursor.fetchall())

    def put(self, source: str, sku: str, quantity: int | str, status: int = 1) -> None:
        """A source item that was there before the module came."""
        self.run(
            f"INSERT INTO {self.prefix}inventory_source_item (source_code, sku, quantity, status)"  # noqa: S608 -- ours
            " VALUES (%s, %s, %s, %s)",
            [source, sku, quantity, status],
        )

    def stock(self) -> Stock:
        """What each source holds of each SKU."""
        found = self.rows("SELECT source_code, sku, quantity FROM {prefix}inventory_source_item")
        return {(source, sku): quantity for source, sku, quantity in found}

    def payloads(self, kind: str = "InventoryAdjusted") -> list[dict[str, Any]]:
        """The decoded payload of each committed event of the type, by id."""
        found = self.rows("SELECT payload FROM {prefix}erp_outbox WHERE type = %s ORDER BY id", [kind])
        return [json.loads(text) for (text,) in found]

    def changes(self) -> list[tuple[str, str, str, str | None, str | None]]:
        """Source, SKU, delta, quantity before and after of each event, by id."""
        keys = ("source_code", "sku", "quantity", "old_quantity", "new_quantity")
        return [tuple(payload[key] for key in keys) for payload in self.payloads()]

    def deltas(self) -> Stock:
        """The sum of all deltas, by source and SKU."""
        sums: Stock = defaultdict(Decimal)
        for payload in self.payloads():
            sums[payload["source_code"], payload["sku"]] += Decimal(payload["quantity"])
        return sums


def difference(after: Stock, before: Stock) -> Stock:
    """What each source holds more than before, without those that hold the same."""
    keys = after.keys() | before.keys()
    moved = {key: after.get(key, Decimal(0)) - before.get(key, Decimal(0)) for key in keys}
    return {key: quantity for key, quantity in moved.items() if quantity}
