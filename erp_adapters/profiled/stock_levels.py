"""Stock levels: what an ERP holds of each SKU in each of its warehouses, read page by page."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from erp_adapters.profiled.documents import decimal, elements, found, text, told
from erp_adapters.profiled.following import Query
from erp_adapters.profiled.levels import LevelReading, StockList
from sidecar.domain.documents import StockLevel, StockPage, StockQuery

Get = Callable[[str, Query], object]
"""Asks for a path with a query, and gives the body of the answer."""


class UnusableStockError(ValueError):
    """A page of stock that cannot be read, or gone on from; the words quote none of it."""


def stock_page(listing: StockList, query: StockQuery, cursor: str | None, get: Get) -> StockPage:
    """The page at a cursor. Raises UnusableStockError for an answer that would leave something out."""
    parts = [query.skus[start : start + listing.batch] for start in range(0, len(query.skus), listing.batch)] or [()]
    part, place = _place(cursor)
    if part >= len(parts):
        return StockPage()
    asked = [(listing.sku, sku) for sku in parts[part]] + [(listing.warehouse, name) for name in query.warehouses]
    body = get(listing.path, (*asked, *(((listing.cursor, place),) if place else ())))
    after, more = text(listing.next, body), found(listing.more, body)
    if not isinstance(more, bool):
        raise UnusableStockError(f"{listing.more.text} is neither true nor false")
    if more and (not after or after == place):
        raise UnusableStockError("there is more, but the cursor does not move")
    following = (part, after) if more else (part + 1, "")
    return StockPage(
        levels=_levels(listing.levels, body),
        next_cursor=json.dumps(following) if following[0] < len(parts) else None,
        as_of=_instant(text(listing.as_of, body)),
    )


def _place(cursor: str | None) -> tuple[int, str]:
    if cursor is None:
        return 0, ""
    try:
        match json.loads(cursor):
            case [int(part), str(place)] if part >= 0:
                return part, place
    except ValueError:
        pass
    raise UnusableStockError("the cursor is none that this adapter has given")


def _levels(reading: LevelReading, body: object) -> tuple[StockLevel, ...]:
    rows = found(reading.each, body)
    if not isinstance(rows, list):
        raise UnusableStockError(f"{reading.each.text} is not a list")
    summed: dict[tuple[str, str, str], StockLevel] = {}
    for row in elements(reading.each, body):
        level = _level(reading, row)
        key = level.sku, level.warehouse, level.unit
        summed[key] = _sum([summed[key], level]) if key in summed else level
    return tuple(summed.values())


def _level(reading: LevelReading, row: object) -> StockLevel:
    sku, warehouse = text(reading.sku, row), text(reading.warehouse, row)
    if not sku or not warehouse:
        raise UnusableStockError("a row has no SKU, or no warehouse")
    try:
        return StockLevel(
            sku=sku,
            warehouse=warehouse,
            on_hand=decimal(reading.on_hand, row, "a row: "),
            reserved=told(reading.reserved, row, "a row: "),
            available=told(reading.available, row, "a row: "),
            unit=text(reading.unit, row),
        )
    except ValueError as error:
        raise UnusableStockError(str(error)) from error


def _sum(levels: Sequence[StockLevel]) -> StockLevel:
    def added(amounts: Sequence[Decimal | None]) -> Decimal | None:
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(amounts) else None

    return replace(
        levels[0],
        on_hand=sum((level.on_hand for level in levels), Decimal(0)),
        reserved=added([level.reserved for level in levels]),
        available=added([level.available for level in levels]),
    )


def _instant(written: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None
