"""Stock into Magento over REST: source items that are still as they were read are set, in batches.

The module's service (ErpSidecar_StockFeed) compares and sets in one transaction; Magento's own sets whatever a shipment
has taken meanwhile. A batch is written whole, or nothing of it is.

| the answer | what became of each change |
|---|---|
| 2xx, a word for each change | WRITTEN or MOVED, as it says |
| 4xx with Magento's words | the batch is cut in half until the change that Magento will not have is alone: REFUSED |
| nothing was sent; 404, 429, 503, the token, another address | LATER, for this batch and those behind it |
| 5xx, a broken connection, no answer in time, 2xx with anything else | UNKNOWN; those behind it are LATER |
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from time import monotonic
from typing import Final

from sidecar.domain.delivery import Outcome
from sidecar.domain.inbound import MagentoAnswer
from sidecar.domain.stock_feed import StockChange, Writing, Written
from sidecar.magento.answers import judged
from sidecar.magento.bodies import Json
from sidecar.magento.client import RestServices
from sidecar.transport import Answer, NoAnswer

BATCH: Final = 200
"""Changes in one call: what Magento's own service saves well within a second, and holds locks for."""

_FEWEST: Final = 20
"""Magento's own limit of a list, where somebody has switched it on and left it as it is."""

_PATH: Final = "/erp-sidecar/source-items"
_RESOURCE: Final = "Magento_InventoryApi::stock_source_item_assign"
_PROBE_SECONDS: Final = 10.0
_ABSENT: Final = f"Magento has no POST {_PATH}: install the module ErpSidecar_StockFeed, then clean config_webservice"
_NOT_ASKED: Final = "Magento was not asked, because of what it answered before"
_NO_TIME: Final = "the time was over before its turn came"


class RestStock:
    """Writes stock through one shop's REST services; thread-safe, remembers only how long a list Magento takes."""

    def __init__(self, services: RestServices, *, batch: int = BATCH) -> None:
        """Nothing is asked yet."""
        self._services = services
        self._batch = batch

    def write(self, changes: Sequence[StockChange], deadline: float) -> Sequence[Written]:
        """Set each row that still holds what was expected; one word for each change, in their order.

        `deadline` is in seconds, for all of it; what does not come to its turn is LATER. Never raises for what Magento
        did.
        """
        ends_at = monotonic() + deadline
        told: list[Written] = []
        ahead = _Ahead(changes)
        while batch := ahead.take(self._batch):
            left = ends_at - monotonic()
            if left <= 0:
                return [*told, *_all(Writing.LATER, [*batch, *ahead.rest], _NO_TIME)]
            outcome, words, results = self._call(batch, left)
            if outcome is Writing.WRITTEN:
                told += results
                ahead.accepted = max(ahead.accepted, len(batch))
            elif outcome is not Writing.REFUSED:
                return [*told, *_all(outcome, batch, words), *_all(Writing.LATER, ahead.rest, _NOT_ASKED)]
            elif len(batch) > 1:
                ahead.put_back_as_halves(batch)
            else:
                told += _all(Writing.REFUSED, batch, words)
        self._learn(ahead, told)
        return told

    def problems(self) -> list[str]:
        """What stands in the way, a sentence each: asked with an empty list, which changes nothing."""
        reply = self._services.ask(_PATH, {"changes": []}, _PROBE_SECONDS)
        answer = _judged(reply, done=isinstance(reply, Answer) and reply.json() == [])
        if answer.outcome is Outcome.CONFIRMED:
            return []
        if answer.status == HTTPStatus.NOT_FOUND:
            return [_ABSENT]
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return [f"the sidecar may not set source items: allow its integration {_RESOURCE}"]
        return [f"POST {_PATH} does not answer ({answer.words}): look at Magento's var/log/exception.log"]

    def _call(self, batch: Sequence[StockChange], deadline: float) -> tuple[Writing, str, Sequence[Written]]:
        """What became of a batch: WRITTEN stands for a word for each change."""
        reply = self._services.ask(_PATH, {"changes": [_body_of(change) for change in batch]}, deadline)
        results = None if isinstance(reply, NoAnswer) else _results_of(reply, batch)
        answer = _judged(reply, done=results is not None)
        if answer.status == HTTPStatus.NOT_FOUND:
            return Writing.LATER, _ABSENT, ()
        return _WRITINGS[answer.outcome], answer.words, results or ()

    def _learn(self, ahead: "_Ahead", told: Sequence[Written]) -> None:
        """A batch of which no change was refused alone was refused for its length."""
        if ahead.was_cut and not any(one.outcome is Writing.REFUSED for one in told):
            self._batch = max(_FEWEST, ahead.accepted)


class _Ahead:
    """Changes that are to be written yet, in their order; a batch that was refused comes again as two halves."""

    def __init__(self, changes: Sequence[StockChange]) -> None:
        self.rest: Sequence[StockChange] = list(changes)
        self.accepted = 0
        self.was_cut = False
        self._lengths: list[int] = []

    def take(self, limit: int) -> Sequence[StockChange]:
        length = self._lengths.pop() if self._lengths else limit
        batch, self.rest = self.rest[:length], self.rest[length:]
        return batch

    def put_back_as_halves(self, batch: Sequence[StockChange]) -> None:
        half = (len(batch) + 1) // 2
        self.rest = [*batch, *self.rest]
        self._lengths += [len(batch) - half, half]
        self.was_cut = True


_WRITINGS: Final = {
    Outcome.CONFIRMED: Writing.WRITTEN,
    Outcome.REJECTED_BUSINESS: Writing.REFUSED,
    Outcome.RETRY_LATER: Writing.LATER,
    Outcome.NOT_SENT: Writing.LATER,
    Outcome.UNKNOWN: Writing.UNKNOWN,
}


def _judged(reply: Answer | NoAnswer, *, done: bool) -> MagentoAnswer:
    return judged(reply, lambda _: 0 if done else None)


def _all(outcome: Writing, changes: Sequence[StockChange], words: str) -> Sequence[Written]:
    return [Written(change, outcome, words=words) for change in changes]


def _body_of(change: StockChange) -> Json:
    """Quantities as texts, exact to the last digit."""
    return {
        "source_code": change.source,
        "sku": change.sku,
        "expected_quantity": None if change.expected is None else f"{change.expected:f}",
        "quantity": f"{change.quantity:f}",
        "status": int(change.in_stock),
    }


def _results_of(reply: Answer, batch: Sequence[StockChange]) -> Sequence[Written] | None:
    """The service's words, one for each change and about that one; None where these are not its words."""
    body = reply.json()
    if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES or not isinstance(body, list):
        return None
    if len(body) != len(batch):
        return None
    told = [_result_of(result, change) for result, change in zip(body, batch, strict=True)]
    return [one for one in told if one is not None] if None not in told else None


def _result_of(result: object, change: StockChange) -> Written | None:
    match result:
        case {"source_code": change.source, "sku": change.sku, "outcome": "written"}:
            return Written(change, Writing.WRITTEN)
        case {"source_code": change.source, "sku": change.sku, "outcome": "moved", **rest}:
            return _moved(rest.get("found_quantity"), change)
        case _:
            return None


def _moved(found: object, change: StockChange) -> Written | None:
    """A row that is not there is told without what it holds."""
    if found is None:
        return Written(change, Writing.MOVED)
    try:
        return Written(change, Writing.MOVED, Decimal(str(found)))
    except InvalidOperation:
        return None
