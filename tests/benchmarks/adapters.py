"""adapter_*_ratio and find_calls_per_50: each adapter beside a loop that only makes the same calls.

The limit of an ERP is how many calls it takes at once, by how long it needs for each. The bare side is that: as many
threads as the adapter may use, each sending the very requests that the adapter sent for one order, over the same HTTP
client, with another reference in them and nothing else done. Both are measured at an ERP that answers at once, and at
one that takes 100 ms for every call; the figure is the lower of the two ratios.
"""

import base64
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from unittest.mock import patch

from pydantic import SecretStr

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.odoo import OdooTerms
from erp_adapters.registry import AdapterConfiguration, build
from sidecar.domain.delivery import Outcome, Presence
from sidecar.domain.documents import OrderDocument
from sidecar.engine.reconciler import PAGE
from sidecar.ports import ErpAdapter
from sidecar.transport import Answer, HttpTransport, Request
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, NotMeasurableError, Side, ratio
from tests.support.kontor import PASSWORD, kontor, shipped_profile, written_profile
from tests.support.odoo import COMPANY, DISCOUNT, PRICELISTS, SHIPPING, SKUS, TAXES, odoo_sandbox
from tests.support.sandbox import API_KEY, sandbox

NAMES: Final = ("adapter_rest_ratio", "adapter_odoo_ratio", "adapter_soap_ratio", "find_calls_per_50")
SLOW_MS: Final = 100
MADE: Final = 20
"""Orders of a page that are there; what is not there costs as many calls."""
DEADLINE: Final = 30.0
CODES: Final = {"payment_methods": {"checkmo": "CHECK"}, "shipping_methods": {"flatrate_flatrate": "FLAT"}}
_UNDONE: Final = b'"ids": false'
"""How Odoo says in a 200 that it has loaded nothing."""

_NONCE: Final = re.compile(rb"(<wsse:Nonce[^>]*>)[^<]*")
_references = count(1)


Start = Callable[[int], AbstractContextManager["Subject"]]


@dataclass(frozen=True, slots=True)
class Subject:
    """An adapter, the way that it uses, and how its ERP is made slow."""

    adapter: ErpAdapter
    transport: HttpTransport
    at_once: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """The calls of one order, and the reference that stands in them."""

    reference: str
    calls: tuple[Request, ...]


def measure(bench: Bench) -> list[Figure]:
    """Each adapter at both speeds, then a look-up of many orders."""
    figures = [_adapter(bench, name, start) for name, start in STARTS.items()]
    return [*figures, _finds(bench)]


def _adapter(bench: Bench, name: str, start: Start) -> Figure:
    found = []
    for latency in (0, SLOW_MS):
        bench.say(f"{bench.sizes.adapter_orders} orders through the {name} adapter, {latency} ms a call")
        with start(latency) as subject:
            found.append(_beside(bench, name, subject))
    quick, slow = found
    lower = min(found, key=lambda figure: figure.value)
    return replace(lower, says=f"{lower.says}; {quick.value:.2f} at 0 ms a call, {slow.value:.2f} at {SLOW_MS} ms")


def _beside(bench: Bench, name: str, subject: Subject) -> Figure:
    once, orders = recorded(subject), bench.sizes.adapter_orders
    pairs = bench.pairs(
        bench.sizes.drain_pairs, lambda _: sent(subject, orders), lambda _: repeated(subject, once, orders)
    )
    return ratio(f"adapter_{name}_ratio", pairs, f"{len(once.calls)} calls an order, {subject.at_once} at a time")


def _finds(bench: Bench) -> Figure:
    """Calls for a page of the reconciler, counted for each fifty of its orders, by the adapter that needs the most."""
    calls = {}
    for name, start in STARTS.items():
        bench.say(f"{PAGE} orders looked up by the {name} adapter")
        with start(0) as subject:
            made = [order_reference(submitted(subject.adapter)) for _ in range(MADE)]
            others = [order_reference(new_reference()) for _ in range(PAGE - MADE)]
            with listening(subject.transport) as heard:
                found = subject.adapter.find([*made, *others], DEADLINE)
            if {found[ref.idempotency_key].presence for ref in made} != {Presence.ONE}:
                raise NotMeasurableError(f"the {name} adapter does not find what it made")
        calls[name] = len(heard)
    says = ", ".join(f"{name} {number}" for name, number in calls.items())
    return Figure("find_calls_per_50", max(calls.values()) * 50 / PAGE, says=f"calls for {PAGE} orders: {says}")


# --- Both sides -----------------------------------------------------------------------------------


def sent(subject: Subject, orders: int) -> Side:
    """So many orders through the adapter."""
    return _at_once(subject.at_once, orders, lambda: submitted(subject.adapter))


def repeated(subject: Subject, once: Recorded, orders: int) -> Side:
    """The calls of as many orders, without anything around them."""

    def again() -> None:
        reference = new_reference()
        for call in once.calls:
            answer = subject.transport.call(_renamed(call, once.reference, reference), DEADLINE)
            if not isinstance(answer, Answer) or answer.status >= 300 or _UNDONE in answer.content:
                raise NotMeasurableError(f"the bare side was answered {answer}")

    return _at_once(subject.at_once, orders, again)


def submitted(adapter: ErpAdapter) -> str:
    """Send an order of its own reference."""
    reference = new_reference()
    result = adapter.submit(OrderDocument(order(SKUS)), order_reference(reference), DEADLINE)
    if result.outcome is not Outcome.CONFIRMED:
        raise NotMeasurableError(f"an order ended as {result.outcome}: {result.words()}")
    return reference


def new_reference() -> str:
    """A reference that this run has not used, as long as every other."""
    return f"b{next(_references):09}"


def recorded(subject: Subject) -> Recorded:
    """The calls of one order, once its customer is there and connections are open."""
    _at_once(subject.at_once, subject.at_once, lambda: submitted(subject.adapter))
    with listening(subject.transport) as calls:
        reference = submitted(subject.adapter)
    return Recorded(reference, tuple(calls))


@contextmanager
def listening(transport: HttpTransport) -> Iterator[list[Request]]:
    """What goes out over a way, request by request."""
    calls: list[Request] = []
    speak = HttpTransport.call

    def heard(self: HttpTransport, request: Request, deadline: float) -> object:
        if self is transport:
            content, headers = request.on_the_wire()
            calls.append(replace(request, body=None, content=content, headers=headers))
        return speak(self, request, deadline)

    with patch.object(HttpTransport, "call", heard):  # for as long as one order takes
        yield calls


def _renamed(call: Request, old: str, new: str) -> Request:
    content = (call.content or b"").replace(old.encode(), new.encode())
    content = _NONCE.sub(lambda found: found[1] + base64.b64encode(secrets.token_bytes(16)), content)
    return replace(call, path=call.path.replace(old, new), content=content or None)


def _at_once(threads: int, orders: int, work: Callable[[], object]) -> Side:
    """Do it so many times, so many at once; who fails ends all of it."""
    gate = threading.Barrier(threads + 1)

    def worker(mine: int) -> None:
        gate.wait()
        for _ in range(mine):
            work()

    with ThreadPoolExecutor(threads) as pool:
        shares = [orders // threads + (number < orders % threads) for number in range(threads)]
        running = [pool.submit(worker, share) for share in shares]
        gate.wait()
        began, spent = time.monotonic(), time.process_time()
        for one in running:
            one.result()
        return Side(orders, time.monotonic() - began, time.process_time() - spent)


# --- The three ERPs -------------------------------------------------------------------------------


@contextmanager
def rest(latency_ms: int) -> Iterator[Subject]:
    """The REST sandbox, each call so slow."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        erp = stack.enter_context(sandbox(folder, "--latency-ms", str(latency_ms)))
        told = AdapterConfiguration("erp", "legacy", "sandbox", erp.url, folder, CODES)
        yield _subject(stack, build(told, SecretStr(API_KEY), "bench"), "_transport")


@contextmanager
def soap(latency_ms: int) -> Iterator[Subject]:
    """The SOAP sandbox, with the password as text, so that a request can be sent again with another nonce."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        erp = stack.enter_context(kontor(folder, "--latency-ms", str(latency_ms)))
        profile = shipped_profile()
        profile["security"]["password"] = "text"
        name = written_profile(folder, "bench.yaml", profile)
        told = AdapterConfiguration("erp", "soap", name, f"{erp.url}/soap", folder, CODES)
        yield _subject(stack, build(told, SecretStr(PASSWORD), "bench"), "_door.transport")


@contextmanager
def odoo(latency_ms: int) -> Iterator[Subject]:
    """The Odoo sandbox, orders left as quotations; its fault plan makes it slow."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        there = stack.enter_context(odoo_sandbox(folder))
        there.people.prepare()
        if latency_ms:
            slow = {"operation": "any", "probability": 1, "kind": "delay", "seconds": latency_ms / 1000}
            there.people.ask("/_control/faults", {"plan": [slow]})
        codes = {"taxes": TAXES, "pricelists": PRICELISTS}
        terms = OdooTerms(there.people.database, COMPANY, SHIPPING, DISCOUNT, confirm=False)
        told = AdapterConfiguration("erp", "odoo", "", there.people.url, folder, codes, odoo=terms)
        yield _subject(stack, build(told, SecretStr(there.key), "bench"), "door._transport")


STARTS: Final[Mapping[str, Start]] = {"rest": rest, "odoo": odoo, "soap": soap}


def _subject(stack: ExitStack, adapter: ErpAdapter, path: str) -> Subject:
    """The adapter, and the transport that lies within it."""
    stack.enter_context(closing(adapter))
    transport: object = adapter
    for name in path.split("."):
        transport = getattr(transport, name)
    if not isinstance(transport, HttpTransport):
        raise NotMeasurableError(f"{path} of {adapter!r} is no transport")
    return Subject(adapter, transport, adapter.capabilities().max_concurrency)
