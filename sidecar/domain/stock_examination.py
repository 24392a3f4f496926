"""The doctor's examination of a shop's stock: whether what an ERP feeds can get in, and would be sold. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sidecar.domain.examination import Check, Verdict

CONSUMER: Final = "inventory.reservations.updateSalabilityStatus"
"""What tells the shop's pages, after each order, whether a SKU is sold out."""

_STANDS_STILL: Final = timedelta(minutes=15)
_OF_TODAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StockFacts:
    """What a shop's tables say: sources by whether they are enabled, those that a stock sells from, modes by view.

    Ages are by the database's clock, of the oldest message that the consumer has not begun and the newest that it has
    ended; None: there is none, and `sees_queue` False: they may not be read.
    """

    sources: Mapping[str, bool]
    linked: frozenset[str]
    modes: Mapping[str, str]
    oldest_waiting: timedelta | None = None
    newest_done: timedelta | None = None
    sees_queue: bool = True


def judge_stock(destination: str, sources: Sequence[str], facts: StockFacts) -> list[Check]:
    """Whether the sources that a blueprint feeds can be sold from, and whether the shop's pages will follow."""
    check = f"stock feed of {destination}"
    return [*_sources(check, sources, facts), _indexer(check, facts), _consumer(facts), *_settings()]


def _sources(check: str, sources: Sequence[str], facts: StockFacts) -> Iterator[Check]:
    sound = True
    for source in sources:
        if source not in facts.sources:
            sound = False
            yield Check(check, Verdict.FAIL, f"Magento has no source {source}", "correct warehouses under stock_feed")
        elif not facts.sources[source]:
            sound = False
            found = f"source {source} is disabled: nothing of it is sold"
            yield Check(check, Verdict.WARN, found, "Stores > Inventory > Sources")
        elif source not in facts.linked:
            sound = False
            found = f"no stock sells from source {source}"
            yield Check(check, Verdict.WARN, found, "Stores > Inventory > Stocks: assign the source to one")
    if sound:
        yield Check(check, Verdict.OK, f"its {len(sources)} sources are enabled, and a stock sells from each")


def _indexer(check: str, facts: StockFacts) -> Check:
    if "inventory" not in facts.modes:
        do = "bin/magento indexer:show-mode inventory cataloginventory_stock"
        return Check(check, Verdict.UNKNOWN, "Magento has not noted in which mode its indexers are", do)
    is_scheduled = facts.modes["inventory"] == "enabled"
    how = "on schedule: cron follows" if is_scheduled else "on save: Magento indexes with each write"
    return Check(check, Verdict.OK, f"the index of stock is {how}")


def _consumer(facts: StockFacts) -> Check:
    check, do = f"consumer {CONSUMER}", f"bin/magento queue:consumers:start {CONSUMER}, or look at its supervisor"
    if facts.oldest_waiting is not None and facts.oldest_waiting > _STANDS_STILL:
        found = (
            f"it has not begun with a message of {facts.oldest_waiting} ago: sold-out products stay buyable in lists"
        )
        return Check(check, Verdict.WARN, found, do)
    if facts.newest_done is not None and facts.newest_done < _OF_TODAY:
        return Check(check, Verdict.OK, f"it last ended a message {facts.newest_done} ago")
    found = "no message of it in the database" if facts.sees_queue else "its messages may not be read"
    return Check(check, Verdict.UNKNOWN, f"{found}: whether it runs cannot be told from here", do)


def _settings() -> Iterator[Check]:
    found = "backorders, least quantities and synchronize_with_catalog are the shop's settings, which are not read here"
    do = "bin/magento config:show cataloginventory"
    yield Check("stock settings", Verdict.UNKNOWN, found, do)
