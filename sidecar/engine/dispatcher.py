"""The dispatcher: makes the calls, many lanes at once, and hands the answers back to the relay's one thread.

Nothing begins here that was not committed as an intent, and nothing begins outside the trust window. Calls that were
handed over and have not begun can be taken back.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, assert_never

from sidecar.domain.delivery import (
    DocumentKind,
    EntityType,
    ErpMessage,
    Found,
    Outcome,
    Presence,
    Result,
    Snapshot,
)
from sidecar.domain.errors import Retryable
from sidecar.engine.crew import Crew
from sidecar.engine.plan import Action, Call
from sidecar.ports import Clock, ErpAdapter

READ_BACK: Final = {DocumentKind.ORDER: EntityType.ORDER, DocumentKind.REFUND: EntityType.REFUND}
"""Documents with lines and totals that can be compared with what was sent; a refund is read by looking it up."""


@dataclass(slots=True)
class Answer:
    """What became of one call: a result, or what a look-up found, or the error with which the look-up itself failed.

    `failure` says in words why there is nothing; without an error the call never got as far as the ERP.
    """

    call: Call
    duration: timedelta = timedelta()
    result: Result | None = None
    found: Found | None = None
    snapshot: Snapshot | None = None
    failure: str = ""
    error: Retryable | None = None
    is_defect: bool = False


@dataclass(slots=True)
class _Worker:
    """One thread, and the call that it makes."""

    call: Call | None = None
    began_at: float = 0.0
    worked_before: float = 0.0


class Dispatcher:
    """Threads around one adapter: as many as are worth having, up to a limit."""

    def __init__(
        self,
        adapter: ErpAdapter,
        trusted: Callable[[], bool],
        clock: Clock,
        concurrency: int,
        deadline: timedelta,
    ) -> None:
        """Threads start with the first calls."""
        self._adapter, self._trusted, self._clock = adapter, trusted, clock
        self._deadline = deadline.total_seconds()
        self._crew, self._open, self._closed = Crew(concurrency, clock.monotonic()), 0, False
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="dispatch")
        self._calls: queue.SimpleQueue[tuple[Call, bool] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._wanted = 1
        self._enough = threading.Event()

    def begin(self, call: Call, *, read_back: bool) -> None:
        """Make the call on a thread of the pool; its answer comes out of `collect`, whatever happens."""
        self._open += 1
        self._calls.put((call, read_back))
        if self._crew.join(self._open):
            self._start(_Worker())

    def withdraw(self) -> list[Call]:
        """Take back the calls that have not begun; they never will."""
        taken = []
        while not self._calls.empty():
            try:
                entry = self._calls.get_nowait()
            except queue.Empty:
                break
            if entry is not None:
                taken.append(entry[0])
        self._open -= len(taken)
        return taken

    def wait(self, timeout: float, answers: int = 1) -> None:
        """Sleep until so many answers are there, at most `timeout` seconds."""
        self._wanted = answers
        if not self._calls.empty() and self._crew.is_wanting(self._clock.monotonic()):
            while self._crew.join(self._open):
                self._start(_Worker())
        if self._answers.qsize() < answers:
            self._enough.clear()
            if self._answers.qsize() < answers:
                self._enough.wait(timeout)

    @property
    def answers(self) -> int:
        """How many answers are there."""
        return self._answers.qsize()

    def collect(self) -> list[Answer]:
        """All answers that are there."""
        answers = []
        while not self._answers.empty():
            answers.append(self._answers.get_nowait())
        self._open -= len(answers)
        return answers

    def close(self) -> None:
        """Begin nothing more; what is in flight ends by its deadline and is forgotten."""
        self._closed = True
        self.withdraw()
        for _ in range(self._crew.size):
            self._calls.put(None)
        self._pool.shutdown(wait=False)

    def _start(self, worker: _Worker) -> None:
        self._pool.submit(self._serve, worker).add_done_callback(lambda ended: self._revive(worker, ended))

    def _serve(self, worker: _Worker) -> None:
        while not self._crew.leave() and (entry := self._calls.get()) is not None:
            worker.call, read_back = entry
            worker.began_at, worker.worked_before = self._clock.monotonic(), self._clock.worked()
            self._hand_in(worker, self._make(worker.call, read_back=read_back))

    def _revive(self, worker: _Worker, ended: "Future[None]") -> None:
        """A defect in an adapter leaves the outcome unknown; unheard, it would hold the lane for ever."""
        defect, call = ended.exception(), worker.call
        if defect is None or call is None:
            return
        failure = f"{type(defect).__name__} in the adapter"
        result = _said(Outcome.UNKNOWN, failure) if call.action is Action.SUBMIT else None
        if not self._closed:
            self._start(_Worker())
        self._hand_in(worker, Answer(call, result=result, failure=failure, is_defect=True))

    def _hand_in(self, worker: _Worker, answer: Answer) -> None:
        worker.call = None
        now = self._clock.monotonic()
        answer.duration = timedelta(seconds=now - worker.began_at)
        self._crew.answered(now, now - worker.began_at, self._clock.worked() - worker.worked_before)
        self._answers.put(answer)
        if self._answers.qsize() >= self._wanted:
            self._enough.set()

    def _make(self, call: Call, *, read_back: bool) -> Answer:
        ends_at = self._clock.monotonic() + self._deadline  # from before the lease is looked at: time frozen counts
        if not self._trusted():
            return _untrusted(call)
        match call.action:
            case Action.SUBMIT:
                result = self._adapter.submit(call.document, call.ref, ends_at - self._clock.monotonic())
                return Answer(call, result=result, snapshot=self._read_back(call, result, wanted=read_back))
            case Action.POLL:
                result = self._adapter.poll(call.delivery.handle or "", ends_at - self._clock.monotonic())
                return Answer(call, result=result, snapshot=self._read_back(call, result, wanted=read_back))
            case Action.FIND:
                try:
                    found = self._adapter.find([call.ref], self._deadline)
                except Retryable as error:
                    return Answer(call, failure=str(error), error=error)
                return Answer(call, found=found.get(call.ref.idempotency_key, Found(Presence.UNSEARCHABLE)))
            case _:
                assert_never(call.action)

    def _read_back(self, call: Call, result: Result, *, wanted: bool) -> Snapshot | None:
        if not wanted or result.outcome is not Outcome.CONFIRMED or result.erp_id is None:
            return None
        try:
            if call.ref.kind is DocumentKind.ORDER:
                return self._adapter.read_back(result.erp_id, self._deadline)
            found = self._adapter.find([call.ref], self._deadline).get(call.ref.idempotency_key)
        except Retryable:
            return None  # reconciliation compares it later
        return found.snapshots[0] if found is not None and found.presence is Presence.ONE and found.snapshots else None


def wants_read_back(kind: DocumentKind, confirmed: int, first: int, every: int) -> bool:
    """Tell whether a new document is to be read back: the first ones of a mapping, then a sample."""
    return kind in READ_BACK and (confirmed < first or (every > 0 and confirmed % every == 0))


def _untrusted(call: Call) -> Answer:
    why = "the lease is no longer trusted"
    return Answer(call, result=_said(Outcome.NOT_SENT, why) if call.action is Action.SUBMIT else None, failure=why)


def _said(outcome: Outcome, text: str) -> Result:
    return Result(outcome, messages=(ErpMessage("error", "SIDECAR", text),))
