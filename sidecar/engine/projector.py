"""The projector: carries what the ERP tells and refuses into Magento's own tables, one order per transaction.

It runs under a lease of its own, holds no row of ours while it touches Magento's, and never waits for a row that
a checkout or a refund's gateway call holds: such an order is simply tried again at the next turn. What a page of
orders needs is read before its first write, and what became of them is recorded after its last: both may be done
again after a crash, because an order is written only while it looks as it was read, and a comment once for its change.

An order in Magento carries one ERP number, so one destination acknowledges: the blueprint names it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sidecar.domain.acknowledgement import Mark, Projection, Shown, Statuses, Trace, Truth, Written
from sidecar.domain.errors import ConfigurationError, SchemaError, SidecarError, StorageError, StorageUnavailable
from sidecar.domain.events import DestinationName
from sidecar.domain.lifecycle import Lifecycle
from sidecar.domain.numbers import NumberRule
from sidecar.domain.projection import project
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.ports import Clock, Observer, OrderProjections, ProjectionStore

PAGE: Final = 200
WRITERS: Final = 4
"""Orders that are written at once, each in a transaction and on a connection of its own."""

MOST_REPAIRS: Final = 6
"""Repairs of one order in an hour; who overwrites it more often than that wants something else, and is asked."""

MOST_REMEMBERED: Final = 10_000
"""Orders whose repairs are remembered before those of more than an hour ago are forgotten."""

HOUR: Final = 3600.0
SOURCE: Final = "projector"
GRANT_OF_HOLDS: Final = "let a DBA run what erp-sidecar schema grants holds prints"


class Projector:
    """Writes acknowledgements back. Turned by one thread, which has a few others write."""

    def __init__(
        self,
        destination: DestinationName,
        lifecycle: Lifecycle,
        number: NumberRule,
        documents: ProjectionStore,
        magento: OrderProjections,
        clock: Clock,
        observer: Observer,
        trusted: Callable[[], bool],
    ) -> None:
        """`lifecycle` says what the destination's statuses mean, `number` how its numbers are shown, `trusted`
        whether the lease still holds.
        """
        self._destination, self._lifecycle, self._number = destination, lifecycle, number
        self._documents, self._magento = documents, magento
        self._clock, self._observer, self._trusted = clock, observer, trusted
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="projector")
        self._refusals: dict[int, str] = {}
        self._repairs: dict[int, Sequence[float]] = {}
        self._left_alone: dict[int, float] = {}

    def turn(self) -> bool:
        """Project what is due while the lease is trusted; tells whether anything was written."""
        self._documents.note_rejections()
        due = self._documents.due(PAGE)
        if not due:
            return False
        truths = {entity_id: self._allowed(truth) for entity_id, truth in self._documents.truths(due).items()}
        shown = self._magento.shown(list(truths.values()))
        projections = self._judged(self._numbered(truths), shown)
        marks, became = self._written(projections)
        marks += [_gone(truth) for entity_id, truth in truths.items() if entity_id not in shown]
        self._documents.mark(marks)
        self._tell(became)
        return bool(marks)

    def rest(self, seconds: float) -> None:
        """Sleep."""
        self._clock.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Every turn ends what it began."""

    def close(self) -> None:
        """Give the writers' threads back."""
        self._writers.shutdown()

    def _allowed(self, truth: Truth) -> Truth:
        """What the ERP told; after a step that its map does not have, Magento goes on showing the status before it."""
        told = truth.told
        if told is None:
            return truth
        before = told.projected_status or ""
        refusal = self._lifecycle.refusal(before, told.erp_status)
        if not refusal:
            return truth
        hint = "correct the map, and the ERP's next change is shown; or the order, in the ERP"
        self._refuse(
            truth.entity_id,
            ConfigurationError(refusal, hint=hint),
            FindingKind.FORBIDDEN_TRANSITION,
            f"status {before} to {told.erp_status}",
        )
        return replace(truth, told=replace(told, erp_status=before))

    def _numbered(self, truths: Mapping[int, Truth]) -> list[Truth]:
        """The orders whose number can be shown; no two numbers are ever made equal."""
        shortened: dict[str, dict[int, str | None]] = {}
        numbered = []
        for truth in truths.values():
            try:
                number = None if truth.told is None else self._number.shown(truth.told.erp_number)
            except ConfigurationError as error:
                self._refuse(truth.entity_id, error)
                continue
            numbered.append(replace(truth, number=number))
            if truth.told is not None and number is not None and number != truth.told.erp_number:
                shortened.setdefault(number, {})[truth.entity_id] = truth.told.erp_number
        if not shortened:
            return numbered
        holders = self._magento.holders(self._destination, list(shortened))
        return [truth for truth in numbered if self._is_alone(truth, shortened, holders)]

    def _is_alone(
        self,
        truth: Truth,
        shortened: Mapping[str, Mapping[int, str | None]],
        holders: Mapping[str, Mapping[int, str | None]],
    ) -> bool:
        if truth.told is None or truth.number is None or truth.number not in shortened:
            return True
        others = {**shortened[truth.number], **holders.get(truth.number, {})}
        for other, whole in sorted(others.items()):
            if other != truth.entity_id and whole != truth.told.erp_number:
                message = (
                    f"{truth.told.erp_number} would be shown as {truth.number}, as {whole or 'that of another'} is"
                )
                hint = f"choose a rule for the number in the blueprint that keeps it apart from that of order {other}"
                self._refuse(truth.entity_id, ConfigurationError(message, hint=hint))
                return False
        return True

    def _judged(self, truths: Sequence[Truth], shown: Mapping[int, Shown]) -> list[tuple[Truth, Projection, str]]:
        """What each order needs; where something was overwritten, with who did it."""
        statuses = self._magento.statuses()
        first = []
        for truth in truths:
            if truth.entity_id in shown:
                projection = self._judge(truth, shown[truth.entity_id], statuses, None)
                if projection is not None and not (projection.overwritten and self._is_left_alone(truth.entity_id)):
                    first.append((truth, projection))
        traces = self._magento.traces(
            {
                truth.entity_id: None if truth.told is None else truth.told.projected_at
                for truth, projection in first
                if projection.overwritten
            }
        )
        judged = []
        for truth, projection in first:
            trace = traces.get(truth.entity_id)
            again: Projection | None = projection
            if trace is not None and trace.by_a_person:
                again = self._judge(truth, shown[truth.entity_id], statuses, trace)
            if again is not None and not self._is_contested(truth, again, trace):
                judged.append((truth, again, trace.words if trace else "a save that left no event"))
        return judged

    def _judge(self, truth: Truth, shown: Shown, statuses: Statuses, trace: Trace | None) -> Projection | None:
        try:
            return project(truth, shown, statuses, self._lifecycle, by_a_person=trace is not None and trace.by_a_person)
        except ConfigurationError as error:
            self._refuse(truth.entity_id, error)
            return None

    def _is_contested(self, truth: Truth, projection: Projection, trace: Trace | None) -> bool:
        """Tell whether an order is overwritten again and again: then a person is asked, and nothing is fought over."""
        repairs = self._lately(truth.entity_id)
        if not projection.overwritten or len(repairs) < MOST_REPAIRS:
            return False
        self._left_alone[truth.entity_id] = repairs[0] + HOUR
        what = ", ".join(projection.overwritten)
        who = trace.words if trace else "a save that left no event"
        self._refuse(
            truth.entity_id,
            ConfigurationError(
                f"{what} of this order was overwritten {MOST_REPAIRS} times in an hour, last by {who}",
                hint="find the code that saves an order which it has loaded long before; it is repaired in an hour",
            ),
            FindingKind.CONTESTED,
        )
        return True

    def _is_left_alone(self, entity_id: int) -> bool:
        return self._clock.monotonic() < self._left_alone.get(entity_id, 0.0)

    def _lately(self, entity_id: int) -> Sequence[float]:
        """When this order was repaired within the last hour."""
        since = self._clock.monotonic() - HOUR
        return [at for at in self._repairs.get(entity_id, ()) if at > since]

    def _remember_repair(self, entity_id: int) -> None:
        self._repairs[entity_id] = [*self._lately(entity_id), self._clock.monotonic()]
        if len(self._repairs) > MOST_REMEMBERED:
            self._repairs = {one: lately for one in self._repairs if (lately := self._lately(one))}

    def _written(self, judged: Sequence[tuple[Truth, Projection, str]]) -> tuple[list[Mark], Counter[Written]]:
        """Write a few orders at a time, so that their commits share the disk's time."""
        marks: list[Mark] = []
        became: Counter[Written] = Counter()
        attempts = self._writers.map(lambda one: self._attempt(one[0], one[1]), judged)
        for (truth, projection, overwriter), result in zip(judged, attempts, strict=True):
            match result:
                case None:
                    continue
                case SidecarError():
                    self._refuse(truth.entity_id, result)
                    continue
            became[result] += 1
            if result in (Written.DONE, Written.GONE):
                marks.append(Mark(truth, projection, overwriter if projection.overwritten else ""))
                self._note(truth, projection, overwriter)
        return marks, became

    def _attempt(self, truth: Truth, projection: Projection) -> Written | SidecarError | None:
        """Write one order; an error that is this order's alone is returned, and it is tried again in its turn."""
        if not self._trusted():
            return None
        if projection.is_empty:
            return Written.DONE
        try:
            self._documents.begin(truth, projection)
            return self._magento.write(self._destination, projection)
        except StorageUnavailable:
            raise
        except SchemaError as error:
            if not projection.changes_hold:
                raise
            return ConfigurationError(str(error), hint=GRANT_OF_HOLDS)
        except StorageError as error:
            return error

    def _note(self, truth: Truth, projection: Projection, overwriter: str) -> None:
        self._refusals.pop(truth.entity_id, None)
        if projection.is_empty:
            return
        facts: dict[str, object] = {
            "destination": self._destination,
            "order": truth.entity_id,
            "document": projection.after.number,
        }
        if projection.overwritten:
            self._remember_repair(truth.entity_id)
            what = ", ".join(projection.overwritten)
            self._observer.note("order.acknowledged_again", **facts, overwritten=what, by=overwriter)
        elif truth.refused is not None and truth.refused.is_news:
            facts["id"] = truth.refused.outbox_id
            if truth.refused.is_open:
                self._observer.note("order.rejected", **facts)
            else:
                self._observer.note("order.rejection_over", **facts)
        else:
            self._observer.note("order.acknowledged", **facts)

    def _refuse(
        self, entity_id: int, error: SidecarError, kind: FindingKind = FindingKind.NOT_ACKNOWLEDGED, path: str = ""
    ) -> None:
        """Say once what keeps an order from showing the truth, and to whom it falls."""
        if self._refusals.get(entity_id) == str(error):
            return
        self._refusals[entity_id] = str(error)
        facts = {"destination": self._destination, "order": entity_id}
        self._observer.note("order.acknowledgement_refused", **facts, error=str(error), hint=error.hint)
        words = f"{error}. {error.hint}" if error.hint else str(error)
        self._documents.report([Finding(self._destination, kind, f"order:{entity_id}", path, words, "", SOURCE)])

    def _tell(self, became: Counter[Written]) -> None:
        later = {result.value: count for result, count in became.items() if result in (Written.BUSY, Written.MOVED)}
        if later:
            self._observer.note("projector.put_off", destination=self._destination, **later)


def _gone(truth: Truth) -> Mark:
    """An order that is not there any more needs nothing."""
    nothing = Shown(truth.entity_id, "", None, None)
    change = None if truth.told is None else truth.told.change
    return Mark(truth, Projection(nothing, nothing, change))
