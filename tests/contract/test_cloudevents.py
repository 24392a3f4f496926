"""Events on the wire: what CloudEvents 1.0 asks for, and what each answer means."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from erp_adapters.registry import AdapterConfiguration, build, build_feed
from sidecar.domain.delivery import DocumentKind, Outcome, Presence, Reference
from sidecar.domain.documents import EventDocument
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.ports import BatchSink, ErpAdapter
from tests.support.receiver import Receiver, receiving

PAYLOAD = '{"grand_total": "35.0000", "name": "M\\u00fcller"}'


def event(number: int = 7, payload: str = PAYLOAD, lane: str = "order:42") -> Event:
    return Event(
        OutboxId(number),
        f"018f-{number}",
        "OrderPlaced",
        1,
        Lane(lane),
        "42",
        1,
        1_700_000_000_000_000,
        "00-trace-01",
        "magento",
        "order",
        payload,
    )


def reference(of: Event) -> Reference:
    return Reference(DocumentKind.EVENT, of.event_id, of.id, "", of.event_id)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def adapter(receiver: Receiver) -> Iterator[ErpAdapter]:
    made = build(configuration("cloudevents", receiver), SecretStr("a-token"), "M1")
    yield made
    made.close()


@pytest.fixture
def feed(receiver: Receiver) -> Iterator[BatchSink]:
    made = build_feed(configuration("cloudevents_batch", receiver), SecretStr("a-token"), "M1")
    yield made
    made.close()


def configuration(kind: str, receiver: Receiver) -> AdapterConfiguration:
    return AdapterConfiguration("events", kind, "", receiver.url, Path())


def test_an_event_goes_with_its_payload_untouched_and_its_attributes_beside_it(
    adapter: ErpAdapter, receiver: Receiver
) -> None:
    sent = event()

    result = adapter.submit(EventDocument(sent, PAYLOAD), reference(sent), 5)

    (request,) = receiver.requests
    assert result.outcome is Outcome.CONFIRMED
    assert request["content"].endswith(f', "data": {PAYLOAD}}}'.encode())
    assert json.loads(request["content"]) == {
        "specversion": "1.0",
        "id": "018f-7",
        "source": "/magento/M1",
        "type": "OrderPlaced",
        "subject": "order/42",
        "time": "2023-11-14T22:13:20+00:00",
        "datacontenttype": "application/json",
        "schemaversion": "1",
        "partitionkey": "order:42",
        "sequence": "00000000000000000007",
        "origin": "magento",
        "traceparent": "00-trace-01",
        "data": json.loads(PAYLOAD),
    }
    assert request["headers"]["content-type"] == "application/cloudevents+json"
    assert request["headers"]["idempotency-key"] == "018f-7"
    assert request["headers"]["authorization"] == "Bearer a-token"


def test_a_payload_that_is_no_json_goes_as_text_and_breaks_nothing(adapter: ErpAdapter, receiver: Receiver) -> None:
    sent = event()

    adapter.submit(EventDocument(sent, '{"a": 1}, "id": "x"'), reference(sent), 5)

    assert receiver.events["018f-7"]["data"] == '{"a": 1}, "id": "x"'


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.CONFIRMED),
        (204, Outcome.CONFIRMED),
        (301, Outcome.NOT_SENT),
        (400, Outcome.REJECTED_INVALID),
        (401, Outcome.NOT_SENT),
        (404, Outcome.NOT_SENT),
        (413, Outcome.REJECTED_INVALID),
        (422, Outcome.REJECTED_INVALID),
        (429, Outcome.RETRY_LATER),
        (500, Outcome.RETRY_LATER),
        (503, Outcome.RETRY_LATER),
        (0, Outcome.UNKNOWN),
    ],
)
def test_each_answer_says_what_happens_next(
    adapter: ErpAdapter, receiver: Receiver, status: int, outcome: Outcome
) -> None:
    receiver.answers = [status]
    sent = event()

    assert adapter.submit(EventDocument(sent, PAYLOAD), reference(sent), 5).outcome is outcome


def test_a_receiver_of_events_cannot_be_searched_and_promises_to_know_its_keys(adapter: ErpAdapter) -> None:
    ref = reference(event())

    assert adapter.find([ref], 1)[ref.idempotency_key].presence is Presence.UNSEARCHABLE
    assert adapter.capabilities().native_dedupe == "idempotency_key"
    assert adapter.capabilities().takes_events


def test_a_batch_is_one_array_in_the_order_of_the_outbox(feed: BatchSink, receiver: Receiver) -> None:
    events = [event(1), event(2, "not JSON"), event(3, "[1, 2.50]")]

    result = feed.accept(events, 5)

    (request,) = receiver.requests
    batch = json.loads(request["content"])
    assert result.outcome is Outcome.CONFIRMED
    assert request["headers"]["content-type"] == "application/cloudevents-batch+json"
    assert [one["id"] for one in batch] == ["018f-1", "018f-2", "018f-3"]
    assert [one["data"] for one in batch] == [json.loads(PAYLOAD), "not JSON", [1, 2.5]]


def test_a_receiver_that_listens_is_healthy_and_one_that_is_gone_is_not(
    adapter: ErpAdapter, feed: BatchSink, receiver: Receiver
) -> None:
    assert adapter.probe().problems == ()
    assert feed.probe().problems == ()
    assert receiver.requests == []
