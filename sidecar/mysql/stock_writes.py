"""Stock into Magento by SQL: compared and set under the rows' locks, only where the shop's indexers notice.

Magento's PHP is not asked, so nothing reindexes what is written here but schedule mode, whose triggers note each
changed row in a change log. Whether they do is not concluded from names and settings: every transaction looks for its
own rows in the log before it commits, and undoes itself where one is missing. Nor does anything tell an
InventoryAdjusted.

Nobody is waited for: rows that a checkout, a shipment or an indexer holds are passed over and told as MOVED. Locks are
taken as Magento takes them, source items by primary key, then the stock items from before there were sources.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import Final

from sidecar.domain.errors import ConfigurationError, SchemaError, StorageError, TransactionConflict
from sidecar.domain.money import decimal_of
from sidecar.domain.stock_feed import StockChange, Writing, Written
from sidecar.mysql.session import Row, Session, Work

BATCH: Final = 100
"""Changes in one transaction: rows are held for some milliseconds."""

DEFAULT_SOURCE: Final = "default"
"""The source whose stock Magento keeps in the tables from before there were sources, too."""

SET_MODE: Final = "bin/magento indexer:set-mode schedule inventory cataloginventory_stock"
_LOCK_WAIT: Final = timedelta(seconds=1)
_LONGEST_SKU: Final = 64
_LARGEST: Final = Decimal(10) ** 8
_PLACES: Final = 4
_HELD: Final = "somebody else is changing the row at this moment"
_NO_TIME: Final = "the time was over before its turn came"
_NOT_TRIED: Final = "nothing was tried, because of what became of those before it"

Key = tuple[str, str]


class SqlStock:
    """Writes stock into one shop's tables; needs the grants of `stock_writes`."""

    def __init__(self, session: Session, sources: Sequence[str]) -> None:
        """Write through connections of its own that give up a lock after a second; `sources` are all it writes to."""
        self._session = session.apart(lock_wait=_LOCK_WAIT)
        self._sql = session.statements("stock_writes")
        self._sources = tuple(sources)

    def close(self) -> None:
        """Give connections back."""
        self._session.close()

    def problems(self) -> Sequence[str]:
        """What stands in the way of every write, a sentence each: an indexer that is not on schedule, a log that is not
        there, a right that is missing, a source that Magento does not have.
        """
        try:
            with self._session.reading() as work:
                modes = {row["view_id"]: row["mode"] for row in work.rows(self._sql["modes"])}
                work.rows(self._sql["noted_until"])
                work.rows(self._sql["legacy_noted_until"])
                known = {row["source_code"] for row in work.rows(self._sql["known_sources"], sources=self._sources)}
        except SchemaError as error:
            grants = "erp-sidecar schema grants stock_writes \"'user'@'host'\" prints the statements for your DBA"
            return [f"stock cannot be written by SQL ({error}): {SET_MODE}, then {grants}"]
        needed = ["inventory", *(["cataloginventory_stock"] if DEFAULT_SOURCE in self._sources else [])]
        late = [view for view in needed if modes.get(view) != "enabled"]
        problems = [
            f"Magento has no source {source}: correct stock_feed" for source in self._sources if source not in known
        ]
        if late:
            problems.append(
                f"nothing would index what is written by SQL, {' and '.join(late)} not on schedule: {SET_MODE}"
            )
        return problems

    def write(self, changes: Sequence[StockChange], deadline: float) -> Sequence[Written]:
        """Set each row that still holds what was expected, some in a transaction; one word for each, in their order.

        `deadline` is in seconds; what does not come to its turn is LATER. UNKNOWN where the database was lost: its last
        transaction may be committed. Never raises for what the database did.
        """
        ends_at = monotonic() + deadline
        told: list[Written] = []
        for start in range(0, len(changes), BATCH):
            batch = changes[start : start + BATCH]
            if monotonic() >= ends_at:
                return [*told, *_all(Writing.LATER, changes[start:], _NO_TIME)]
            try:
                told += self._session.transaction(partial(self._write, batch=batch), attempts=1)
            except TransactionConflict as error:
                told += _all(Writing.MOVED, batch, str(error))
            except (ConfigurationError, SchemaError) as error:
                words = f"{error}: {error.hint}" if error.hint else str(error)
                return [*told, *_all(Writing.LATER, changes[start:], words)]
            except StorageError as error:
                rest = _all(Writing.LATER, changes[start + BATCH :], _NOT_TRIED)
                return [*told, *_all(Writing.UNKNOWN, batch, str(error)), *rest]
        return told

    def _write(self, work: Work, batch: Sequence[StockChange]) -> Sequence[Written]:
        rows, held = self._locked(work, batch)
        known = {row["source_code"] for row in work.rows(self._sql["known_sources"], sources=_sources_of(batch))}
        due: list[tuple[StockChange, Row | None]] = []
        told: dict[Key, Written] = {}
        for change in batch:
            row = rows.get(_key(change))
            word = _standing(change, row, is_held=_key(change) in held, has_source=change.source in known)
            if word is None:
                due.append((change, row))
            else:
                told[_key(change)] = word
        legacy = self._legacy(work, [change for change, _ in due if change.source == DEFAULT_SOURCE])
        before = self._last(work, "noted_until"), self._last(work, "legacy_noted_until")
        items: list[int] = []
        products: list[int] = []
        for change, row in due:
            if change.source == DEFAULT_SOURCE and legacy.is_held(change.sku):
                told[_key(change)] = Written(change, Writing.MOVED, words=_HELD)
                continue
            item_id = self._set(work, change, row)
            if not item_id:
                told[_key(change)] = Written(change, Writing.MOVED, words="somebody else has just added it")
                continue
            items.append(item_id)
            if change.source == DEFAULT_SOURCE and (item := legacy.row_of(change.sku)) is not None:
                products += self._set_legacy(work, change, item)
            told[_key(change)] = Written(change, Writing.WRITTEN)
        self._must_be_noted(work, "noted", before[0], items)
        self._must_be_noted(work, "legacy_noted", before[1], products)
        return [told[_key(change)] for change in batch]

    def _locked(self, work: Work, batch: Sequence[StockChange]) -> tuple[Mapping[Key, Row], frozenset[Key]]:
        """The rows that are locked now, and the keys of those that somebody else holds."""
        skus = sorted({change.sku for change in batch})
        asked = {_key(change) for change in batch}
        there = work.rows(self._sql["find_items"], sources=_sources_of(batch), skus=skus)
        ids = {row["source_item_id"]: key for row in there if (key := _key_of(row)) in asked}
        locked = {_key_of(row): row for row in work.rows(self._sql["lock_items"], ids=sorted(ids))}
        return locked, frozenset(ids.values()) - locked.keys()

    def _legacy(self, work: Work, changes: Sequence[StockChange]) -> "_Legacy":
        """The default source's rows in the tables from before there were sources, as far as nobody holds them."""
        if not changes:
            return _Legacy({}, {})
        found = work.rows(self._sql["legacy_items"], skus=sorted({change.sku for change in changes}))
        ids = {row["sku"]: row["item_id"] for row in found}
        rows = {row["item_id"]: row for row in work.rows(self._sql["lock_legacy_items"], ids=sorted(ids.values()))}
        return _Legacy(ids, rows)

    def _set(self, work: Work, change: StockChange, row: Row | None) -> int:
        """Write one source item; gives its id, 0 where somebody else has added it meanwhile."""
        binds = {"quantity": change.quantity, "status": int(change.in_stock)}
        if row is None:
            return work.insert(self._sql["add_item"], source=change.source, sku=change.sku, **binds)
        work.run(self._sql["set_item"], id=row["source_item_id"], **binds)
        return int(row["source_item_id"])

    def _set_legacy(self, work: Work, change: StockChange, item: Row) -> Sequence[int]:
        """Keep the tables from before there were sources alike; gives the product whose stock item has changed."""
        in_stock = int(change.in_stock and _is_sold(item, change.quantity))
        binds = {"quantity": change.quantity, "in_stock": in_stock}
        work.run(self._sql["set_legacy_item"], id=item["item_id"], **binds)
        work.run(self._sql["set_legacy_status"], product_id=item["product_id"], **binds)
        is_same = decimal_of(item["qty"] or "0") == change.quantity and int(item["is_in_stock"]) == in_stock
        return [] if is_same else [int(item["product_id"])]

    def _last(self, work: Work, name: str) -> int:
        (row,) = work.rows(self._sql[name])
        return int(row["version_id"])

    def _must_be_noted(self, work: Work, name: str, after: int, entity_ids: Sequence[int]) -> None:
        """Raise ConfigurationError, which undoes the transaction, where a trigger has not noted one of them."""
        noted = {row["entity_id"] for row in work.rows(self._sql[name], after=after, ids=list(entity_ids))}
        if not noted.issuperset(entity_ids):
            view = "inventory" if name == "noted" else "cataloginventory_stock"
            message = f"no trigger has noted the change for the indexer {view}; it was undone"
            raise ConfigurationError(message, hint=SET_MODE)


@dataclass(frozen=True, slots=True)
class _Legacy:
    """Ids of stock items by SKU, and the rows of those that are locked."""

    ids: Mapping[str, int]
    rows: Mapping[int, Row]

    def is_held(self, sku: str) -> bool:
        return sku in self.ids and self.ids[sku] not in self.rows

    def row_of(self, sku: str) -> Row | None:
        return self.rows.get(self.ids.get(sku, 0))


def _standing(change: StockChange, row: Row | None, *, is_held: bool, has_source: bool) -> Written | None:
    """What can be said of a change before anything is written; None: it is to be written."""
    if is_held:
        return Written(change, Writing.MOVED, words=_HELD)
    if not has_source:
        return Written(change, Writing.REFUSED, words=f"Magento has no source {change.source}")
    if not _fits(change):
        return Written(change, Writing.REFUSED, words="its SKU or its quantity does not fit into Magento's columns")
    found = None if row is None else decimal_of(row["quantity"])
    if found != change.expected:
        return Written(change, Writing.MOVED, found)
    if row is not None and found == change.quantity and bool(row["status"]) is change.in_stock:
        return Written(change, Writing.WRITTEN)
    return None


def _fits(change: StockChange) -> bool:
    whole = change.quantity == round(change.quantity, _PLACES)
    return len(change.sku) <= _LONGEST_SKU and whole and 0 <= change.quantity < _LARGEST


def _is_sold(item: Row, quantity: Decimal) -> bool:
    """What Magento would make of it, as far as the item itself says; where the shop's settings decide, it is sold."""
    manages = item["use_config_manage_stock"] or item["manage_stock"]
    backorders = item["use_config_backorders"] or item["backorders"]
    least = Decimal(0) if item["use_config_min_qty"] else decimal_of(item["min_qty"])
    return not manages or bool(backorders) or quantity > least


def _sources_of(batch: Sequence[StockChange]) -> Sequence[str]:
    return sorted({change.source for change in batch})


def _key(change: StockChange) -> Key:
    return change.source, change.sku


def _key_of(row: Row) -> Key:
    return row["source_code"], row["sku"]


def _all(outcome: Writing, changes: Sequence[StockChange], words: str) -> Sequence[Written]:
    return [Written(change, outcome, words=words) for change in changes]
