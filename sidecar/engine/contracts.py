"""The watch over ERPs' interfaces: asks one who it is, and keeps what our calls rest on.

It changes nothing about what is sent: whether a change matters, a person says. An ERP that does not answer, or tells
nothing of its interface, has not changed.
"""

from collections.abc import Callable
from typing import Final

from sidecar.domain.contract import CONTRACT_CHECK, Contract, Sighting
from sidecar.domain.documents import Health
from sidecar.domain.events import DestinationName
from sidecar.domain.examination import ERP_SKEW
from sidecar.domain.reconciliation import RunSummary
from sidecar.ports import ContractStore, Observer, ReconciliationStore

_MOST_PROBLEMS: Final = 5


class ContractWatch:
    """Looks at one destination."""

    def __init__(
        self,
        destination: DestinationName,
        probe: Callable[[], Health],
        store: ContractStore,
        runs: ReconciliationStore,
        observer: Observer,
    ) -> None:
        """Nothing is asked yet."""
        self._destination, self._probe = destination, probe
        self._store, self._runs, self._observer = store, runs, observer

    def look(self, proceed: Callable[[], bool]) -> RunSummary:
        """Ask once and keep what was told; incomplete where the ERP did not answer, or `proceed` says no."""
        health = self._probe() if proceed() else Health(reachable=False)
        problems = [*health.problems[:_MOST_PROBLEMS], *_skew(health)]
        if problems:
            self._observer.note("probe.problems", destination=self._destination, problems="; ".join(problems))
        sighting = None
        if health.terms:
            sighting = self._store.saw(self._destination, Contract(health.product, health.terms))
        if sighting is Sighting.CHANGED:
            self._observer.note("contract.changed", destination=self._destination, contract=health.contract[:12])
        changed = int(sighting is not None and self._store.is_open(self._destination))
        complete = health.reachable
        summary = RunSummary(CONTRACT_CHECK, self._destination, len(health.terms), 0, changed, complete)
        self._runs.record_run(summary)
        return summary


def _skew(health: Health) -> list[str]:
    if health.clock_skew is None or abs(health.clock_skew) <= ERP_SKEW:
        return []
    return [f"the ERP's clock is {health.clock_skew.total_seconds():+.0f} s from this host's"]
