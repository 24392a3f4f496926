"""The stock watch: looks, some time after stock was written, whether the shop sells it.

The shop's index lags by nature: schedule mode works off changes once a minute, consumers when they run. So a difference
is a finding only when it is met twice, with the watch's patience in between, and the index has not moved meanwhile: one
that moves is late and not stuck. What was found is looked at again with every look, and closes by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Final

from sidecar.domain.errors import SchemaError
from sidecar.domain.events import DestinationName
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.salable import Salable, differences, subject_of
from sidecar.ports.stock import SalableStock
from sidecar.ports.surroundings import Clock, Observer

PATIENCE: Final = timedelta(minutes=10)
PAGE: Final = 500
"""SKUs that are looked at together."""

MOST_DOUBTFUL: Final = 10_000

_PAUSE: Final = 60.0
"""Seconds between two looks, however often the watch is asked; less where its patience is."""


class StockWatch:
    """Watches the SKUs that one destination's feed writes; one thread, memory of what was written and not looked at."""

    def __init__(
        self,
        destination: DestinationName,
        sources: Sequence[str],
        stock: SalableStock,
        clock: Clock,
        observer: Observer,
        *,
        backorders: bool = False,
        patience: timedelta = PATIENCE,
    ) -> None:
        """Nothing is read yet; `backorders` is whether the shop's settings let more be sold than there is."""
        self._destination, self._sources, self._stock = destination, tuple(sources), stock
        self._clock, self._observer = clock, observer
        self._backorders, self._patience = backorders, patience.total_seconds()
        self._next_look, self._trouble = 0.0, ""
        self._due: dict[str, float] = {}
        self._suspects: dict[str, dict[int, Salable]] = {}

    def wrote(self, skus: Iterable[str]) -> None:
        """Look at these SKUs once the shop has had its time."""
        due = self._clock.monotonic() + self._patience
        for sku in skus:
            self._due[sku] = due
            self._suspects.pop(sku, None)

    def look(self, proceed: Callable[[], bool] = lambda: True) -> int:
        """Look at what is due and at what was found before, at most once a minute; says how many findings are new.

        Where the shop's tables may not be read, what is due stays due, and the log says why.
        """
        now = self._clock.monotonic()
        if now < self._next_look:
            return 0
        self._next_look = now + min(_PAUSE, self._patience)
        doubtful = set(self._stock.doubtful(self._destination, MOST_DOUBTFUL))
        todo = [sku for sku, due in self._due.items() if due <= now and sku not in doubtful]
        new = 0
        try:
            for skus in _pages([*sorted(doubtful), *todo]):
                if not proceed():
                    break
                new += self._examine(skus, doubtful)
            self._trouble = ""
        except SchemaError as error:
            if str(error) == self._trouble:
                return new
            self._trouble = str(error)
            self._observer.note("stock.unwatched", destination=self._destination, error=str(error), hint=error.hint)
        return new

    def _examine(self, skus: Sequence[str], doubtful: set[str]) -> int:
        findings: list[Finding] = []
        suspects: dict[str, dict[int, Salable]] = defaultdict(dict)
        for one in self._stock.salable(self._sources, skus):
            found = differences(self._destination, one, backorders=self._backorders)
            before = self._suspects.get(one.sku, {}).get(one.stock_id)
            if one.sku in doubtful:
                findings += found
            elif before is not None:
                findings += [each for each in found if _is_stuck(each, before, one)]
            if found:
                suspects[one.sku][one.stock_id] = one
        settled = {finding.subject for finding in findings} | {subject_of(sku) for sku in doubtful}
        again = self._clock.monotonic() + self._patience
        for sku in skus:
            self._due.pop(sku, None)
            self._suspects.pop(sku, None)
            if sku in suspects and subject_of(sku) not in settled:
                self._due[sku], self._suspects[sku] = again, suspects[sku]
        new = self._stock.settle(self._destination, skus, findings)
        if findings:
            facts = {"skus": len(skus), "findings": len(findings), "new": new}
            self._observer.note("stock.not_as_written", destination=self._destination, **facts)
        return new


def _is_stuck(found: Finding, before: Salable, now: Salable) -> bool:
    """What is sold too often needs no index to be true; of anything else an index that moves will tell better later."""
    return before.same_index(now) or (found.kind is FindingKind.STOCK_OVERSOLD and before.quantity < 0)


def _pages(skus: Iterable[str]) -> Iterable[Sequence[str]]:
    rest = iter(skus)
    while page := list(islice(rest, PAGE)):
        yield page
