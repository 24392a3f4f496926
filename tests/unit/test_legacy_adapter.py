"""The legacy adapter towards an ERP that says odd things."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from erp_adapters.conformance.documents import movement, movement_reference, order, order_reference
from erp_adapters.legacy import LegacyAdapter
from erp_adapters.legacy.profile import Profile, profile_of
from erp_adapters.mapping import RuleBook, Rules
from erp_adapters.registry import profile_path, read_profile
from sidecar.domain.delivery import DocumentKind, ErpId, Outcome, Presence
from sidecar.domain.documents import OrderCancellation, OrderDocument
from sidecar.domain.errors import ErpThrottled, ErpUnavailable, Retryable
from sidecar.transport import Credential, HttpTransport, TransportTerms
from tests.support.scripted_http import Listener, Script, http_answer, in_turn, read_request

SKUS = ("A", "B")
CODES = {"payment_methods": {"checkmo": "CHECK"}, "shipping_methods": {"flatrate_flatrate": "FLAT"}}
ORDER = order_reference("M1-1")


def sandbox_profile(without: str | None = None) -> Profile:
    data: Any = read_profile(profile_path("sandbox", Path()))
    if without is not None:
        del data["operations"][without]
        data["promises"]["find_by_ref"] = "none" if without == "find" else "exact"
    return profile_of(data)


@contextmanager
def adapter_for(script: Script, profile: Profile | None = None) -> Iterator[LegacyAdapter]:
    credential = Credential("X-Api-Key", SecretStr("s3cr3t"))
    with (
        closing(Listener(script)) as listener,
        closing(HttpTransport(f"http://{listener.address}", {}, TransportTerms(), credential=credential)) as transport,
    ):
        yield LegacyAdapter(profile or sandbox_profile(), transport, RuleBook(Rules(CODES)))


def saying(status: int, body: object, **headers: str) -> Script:
    return in_turn(http_answer(status, body if isinstance(body, str) else json.dumps(body), **headers))


def test_a_search_that_answers_what_was_not_asked_for_proves_no_absence() -> None:
    totals = {"subtotal": "1", "discount": "0", "shipping": "0", "tax": "0", "grandTotal": "1"}
    other = {"number": "SO-9", "reference": "M1-9", "sourceRevision": 1, "lines": [], "totals": totals}

    with (
        adapter_for(saying(200, {"orders": [other]})) as adapter,
        pytest.raises(Retryable, match="document SO-9 was not asked for"),
    ):
        adapter.find([ORDER], 5)


@pytest.mark.parametrize("body", ["<html></html>", "{}", '{"orders": null}', '{"orders": {}}', '{"orders": [{}]}'])
def test_a_search_that_cannot_be_read_proves_no_absence(body: str) -> None:
    with adapter_for(saying(200, body)) as adapter, pytest.raises(Retryable, match="what the profile does not expect"):
        adapter.find([ORDER], 5)


@pytest.mark.parametrize(
    ("status", "failure"), [(429, ErpThrottled), (503, ErpUnavailable), (500, ErpUnavailable), (404, Retryable)]
)
def test_a_search_that_fails_says_when_to_try_again(status: int, failure: type[Retryable]) -> None:
    with adapter_for(saying(status, "busy", Retry_After="7")) as adapter, pytest.raises(failure) as trouble:
        adapter.find([ORDER], 5)

    assert trouble.value.retry_after == timedelta(seconds=7) or status == 404
    assert f"answered GET /api/orders with {status}" in str(trouble.value)


@pytest.mark.parametrize("lines", [None, [{"sku": "A", "status": "booked"}]])
def test_a_stock_line_that_the_answer_leaves_out_is_not_booked(lines: object) -> None:
    batch = movement(("A", "1.0000"), ("B", "1.0000"))

    with adapter_for(saying(201, {"number": "MV-1", "lines": lines})) as adapter:
        result = adapter.submit(batch, movement_reference("W1"), 5)

    assert result.outcome is Outcome.CONFIRMED
    assert [line.accepted for line in result.lines] == [lines is not None, False]
    assert result.lines[1].message == "the ERP's answer leaves this line out"


def test_a_number_with_a_slash_stays_one_part_of_the_path() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, _: threading.Event) -> None:
        seen.append(read_request(connection))
        connection.sendall(http_answer(200, '{"number": "SO/1", "status": "cancelled"}'))

    ref = order_reference("M1-1", 2, DocumentKind.ORDER_CANCEL, ErpId("SO/1"))
    with adapter_for(script) as adapter:
        result = adapter.submit(OrderCancellation(order(SKUS)), ref, 5)

    assert result.outcome is Outcome.CONFIRMED
    assert seen[0].startswith(b"POST /api/orders/SO%2F1/cancel HTTP/1.1\r\n")


def test_a_change_without_a_target_is_refused_and_cannot_be_looked_up() -> None:
    ref = order_reference("M1-1", 2, DocumentKind.ORDER_CHANGE)

    with adapter_for(in_turn()) as adapter:
        assert adapter.submit(OrderDocument(order(SKUS)), ref, 5).outcome is Outcome.REJECTED_INVALID
        assert adapter.find([ref], 5)[ref.idempotency_key].presence is Presence.UNSEARCHABLE


def test_an_erp_without_a_search_is_unsearchable() -> None:
    with adapter_for(in_turn(), sandbox_profile(without="find")) as adapter:
        assert adapter.find([ORDER], 5)[ORDER.idempotency_key].presence is Presence.UNSEARCHABLE
        assert adapter.capabilities().find_by_ref == "none"


def test_only_what_the_profile_maps_tells_two_versions_apart() -> None:
    before = order(SKUS)

    with adapter_for(in_turn()) as adapter, adapter_for(in_turn(), sandbox_profile(without="change")) as unable:
        assert not adapter.tells_apart(before, order(SKUS, status="processing", total_paid="27.8700"))
        assert adapter.tells_apart(before, order(SKUS, quantity=3))
        assert adapter.tells_apart(before, order(SKUS, state="holded"))
        assert adapter.tells_apart(before, order(SKUS, shipping_method="unheard_of"))
        assert unable.tells_apart(before, before)


def test_an_effect_that_the_profile_does_not_name_is_refused() -> None:
    ref = order_reference("M1-1", 2, DocumentKind.ORDER_CANCEL, ErpId("SO-1"))

    with adapter_for(in_turn(), sandbox_profile(without="cancel")) as adapter:
        result = adapter.submit(OrderCancellation(order(SKUS)), ref, 5)

    assert result.outcome is Outcome.REJECTED_INVALID
    assert "has no operation cancel" in result.words()


def test_a_process_that_was_frozen_while_it_wrote_the_request_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it goes on, its lease may be somebody else's, who waits no longer than a call's deadline."""
    instants = iter((0.0, 60.0))
    monkeypatch.setattr("erp_adapters.legacy.adapter.monotonic", lambda: next(instants))

    with adapter_for(in_turn()) as adapter:
        result = adapter.submit(OrderDocument(order(SKUS)), ORDER, 5)

    assert result.outcome is Outcome.NOT_SENT


def test_what_a_profile_cannot_ask_for_is_unknown() -> None:
    with adapter_for(in_turn(), without_poll()) as adapter:
        assert adapter.poll("handle", 5).outcome is Outcome.UNKNOWN


def without_poll() -> Profile:
    data: Any = read_profile(profile_path("sandbox", Path()))
    del data["operations"]["poll"]
    for name in ("create", "change", "cancel"):
        answer = data["operations"][name]["answer"]
        data["operations"][name]["answer"] = {k: v for k, v in answer.items() if k not in ("pending", "handle")}
    return profile_of(data)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (404, "{}", Outcome.UNKNOWN),
        (410, "{}", Outcome.UNKNOWN),
        (401, "{}", Outcome.NOT_SENT),
        (429, "{}", Outcome.RETRY_LATER),
        (500, "{}", Outcome.NOT_SENT),
        (200, "<html>", Outcome.NOT_SENT),
        (200, '{"status": "dreaming"}', Outcome.RETRY_LATER),
        (200, '{"status": "done"}', Outcome.RETRY_LATER),
        (200, '{"status": "done", "result": {"number": "SO-1"}}', Outcome.CONFIRMED),
        (200, '{"status": "rejected"}', Outcome.REJECTED_BUSINESS),
        (200, '{"status": "rejected", "error": {"code": "TOTALS_MISMATCH"}}', Outcome.REJECTED_INVALID),
        (200, '{"status": "rejected", "error": {"code": "DUPLICATE_REFERENCE"}}', Outcome.UNKNOWN),
    ],
)
def test_asking_for_pending_work_takes_nothing_for_done_or_lost_that_is_not(
    status: int, body: str, outcome: Outcome
) -> None:
    with adapter_for(saying(status, body)) as adapter:
        assert adapter.poll("JB-1", 5).outcome is outcome


def test_pending_work_without_a_handle_is_unknown() -> None:
    with adapter_for(saying(202, {"status": "pending"})) as adapter:
        assert adapter.submit(OrderDocument(order(SKUS)), ORDER, 5).outcome is Outcome.UNKNOWN


def test_a_probe_says_what_is_missing() -> None:
    pong = {"product": "Sandbox ERP", "version": "1.0", "time": "2020-01-01T00:00:00Z", "permissions": ["orders.read"]}

    with adapter_for(saying(200, pong)) as adapter:
        health = adapter.probe()

    assert health.clock_skew is not None
    assert health.clock_skew < timedelta(days=-365)
    (problem,) = health.problems
    assert "lacks the permissions orders.write, stock.read, stock.write" in problem


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "{}"])
def test_a_probe_answered_by_somebody_else_is_a_problem(body: str) -> None:
    with adapter_for(saying(200, body)) as adapter:
        health = adapter.probe()

    assert health.reachable
    assert "something that is not Sandbox ERP" in health.problems[0]


def test_a_preview_is_the_request_as_it_goes_over_the_wire_without_its_credential() -> None:
    document = OrderDocument(order(SKUS))
    heard: list[bytes] = []

    def listen(connection: socket.socket, ended: threading.Event) -> None:
        del ended
        heard.append(read_request(connection))
        connection.sendall(http_answer(422, "{}"))

    with adapter_for(listen) as adapter:
        (shown,) = adapter.preview(document, ORDER, 5).requests
        adapter.submit(document, ORDER, 5)

    head, _, body = heard[0].partition(b"\r\n\r\n")
    sent = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert body.decode() == shown.body
    assert set(sent.items()) - set(shown.headers.items()) == {
        ("X-Api-Key", "s3cr3t"),
        ("Content-Length", str(len(body))),
    }
    assert "s3cr3t" not in repr(shown)
