"""The dispatcher: makes the calls, many lanes at once, and hands the answers back to the relay's one thread.

Nothing begins here that was not committed as an intent, and nothing begins outside the trust window.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from sidecar.domain.delivery import DocumentKind, ErpMessage, Found, Outcome, Presence, Result, Snapshot
from sidecar.domain.errors import ErpUnavailable, Retryable
from sidecar.engine.planner import Action, Call
from sidecar.ports import Clock, ErpAdapter


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call: a result, or what a look-up found, or neither when the look-up itself failed."""

    call: Call
    duration: timedelta = timedelta()
    result: Result | None = None
    found: Found | None = None
    snapshot: Snapshot | None = None
    failure: str = ""
    is_unreachable: bool = False
    is_defect: bool = False


class Dispatcher:
    """A pool of threads around one adapter."""

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
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="dispatch")
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._arrived = threading.Event()

    def begin(self, call: Call, *, read_back: bool) -> None:
        """Make the call on a thread of the pool; its answer comes out of `collect`, whatever happens."""
        started = self._clock.monotonic()
        future = self._pool.submit(self._make, call, read_back=read_back)
        future.add_done_callback(lambda done: self._take(call, done, started))

    def wait(self, timeout: float) -> None:
        """Sleep until an answer is there, at most `timeout` seconds."""
        self._arrived.wait(timeout)

    def collect(self) -> list[Answer]:
        """All answers that are there."""
        self._arrived.clear()
        answers = []
        while not self._answers.empty():
            answers.append(self._answers.get_nowait())
        return answers

    def close(self) -> None:
        """Begin nothing more; what is in flight ends by its deadline and is forgotten."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, call: Call, done: "Future[Answer]", started: float) -> None:
        if done.cancelled():
            return
        defect = done.exception()
        if defect is None:
            answer = done.result()
        else:
            # A defect in an adapter leaves the outcome unknown; unheard, it would hold the lane for ever.
            failure = f"{type(defect).__name__} in the adapter"
            submitted = call.action is Action.SUBMIT
            answer = Answer(
                call, result=_said(Outcome.UNKNOWN, failure) if submitted else None, failure=failure, is_defect=True
            )
        elapsed = timedelta(seconds=self._clock.monotonic() - started)
        self._answers.put(replace(answer, duration=elapsed))
        self._arrived.set()

    def _make(self, call: Call, *, read_back: bool) -> Answer:
        if not self._trusted():
            return _untrusted(call)
        match call.action:
            case Action.SUBMIT:
                result = self._adapter.submit(call.document, call.ref, self._deadline)
                return Answer(call, result=result, snapshot=self._read_back(result, wanted=read_back))
            case Action.POLL:
                return Answer(call, result=self._adapter.poll(call.delivery.handle or "", self._deadline))
            case Action.FIND:
                try:
                    found = self._adapter.find([call.ref], self._deadline)
                except Retryable as error:
                    return Answer(call, failure=str(error), is_unreachable=isinstance(error, ErpUnavailable))
                return Answer(call, found=found.get(call.ref.idempotency_key, Found(Presence.UNSEARCHABLE)))
            case _:
                assert_never(call.action)

    def _read_back(self, result: Result, *, wanted: bool) -> Snapshot | None:
        if not wanted or result.outcome is not Outcome.CONFIRMED or result.erp_id is None:
            return None
        try:
            return self._adapter.read_back(result.erp_id, self._deadline)
        except Retryable:
            return None  # reconciliation compares it later


def wants_read_back(kind: DocumentKind, confirmed: int, first: int, every: int) -> bool:
    """Tell whether a new document is to be read back: the first ones of a mapping, then a sample."""
    return kind is DocumentKind.ORDER and (confirmed < first or (every > 0 and confirmed % every == 0))


def _untrusted(call: Call) -> Answer:
    why = "the lease is no longer trusted"
    return Answer(call, result=_said(Outcome.NOT_SENT, why) if call.action is Action.SUBMIT else None, failure=why)


def _said(outcome: Outcome, text: str) -> Result:
    return Result(outcome, messages=(ErpMessage("error", "SIDECAR", text),))
