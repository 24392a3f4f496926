"""Schedule mode of Magento's indexers, as the shop's database shows it: triggers that note changes, and a mode."""

from collections.abc import Sequence

from tests.support.stores import PREFIX, Tables

VIEWS = {
    "inventory": ("inventory_source_item", "source_item_id", ("source_code", "sku", "quantity", "status")),
    "cataloginventory_stock": ("cataloginventory_stock_item", "product_id", ("qty", "is_in_stock")),
}
"""View: the table that it watches, the column that its log keeps, columns whose change counts."""


def set_schedule(tables: Tables, *views: str) -> None:
    """Put these indexers on schedule, and all others on save: `bin/magento indexer:set-mode`."""
    for view, (table, column, watched) in VIEWS.items():
        for event in ("insert", "update", "delete"):
            tables.run(f"DROP TRIGGER IF EXISTS {_trigger(table, event)}")
            if view in views:
                tables.run(_definition(view, table, column, watched, event))
        tables.run("DELETE FROM {prefix}mview_state WHERE view_id = %s", view)
        mode = "enabled" if view in views else "disabled"
        tables.run("INSERT INTO {prefix}mview_state (view_id, mode) VALUES (%s, %s)", view, mode)


def _trigger(table: str, event: str) -> str:
    return f"trg_{PREFIX}{table}_after_{event}"


def _definition(view: str, table: str, column: str, watched: Sequence[str], event: str) -> str:
    row = "OLD" if event == "delete" else "NEW"
    note = f"INSERT IGNORE INTO {PREFIX}{view}_cl (entity_id) VALUES ({row}.{column})"  # noqa: S608 -- our own names
    if event == "update":
        differs = " OR ".join(f"NOT(NEW.{name} <=> OLD.{name})" for name in watched)
        note = f"BEGIN IF ({differs}) THEN {note}; END IF; END"
    trigger = f"CREATE TRIGGER {_trigger(table, event)} AFTER {event.upper()} ON {PREFIX}{table}"
    return f"{trigger} FOR EACH ROW {note}"
