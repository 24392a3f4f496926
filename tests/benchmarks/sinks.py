"""What takes the events: a callback in the process, and the calls to an ERP that only post."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from pydantic import SecretStr

from sidecar.transport import Answer, Credential, HttpTransport, Request, TransportTerms
from tests.benchmarks.figures import NotMeasurableError

DEADLINE: Final = 30.0


@dataclass
class Tally:
    """The batch sink of every drain, ours and Debezium's: takes the payloads as texts, and counts."""

    events: int = 0
    characters: int = 0

    def take(self, payloads: Iterable[str]) -> None:
        """Take one batch."""
        for payload in payloads:
            self.events += 1
            self.characters += len(payload)


def posting(payload: str) -> Request:
    """The barest request that carries a payload."""
    return Request("POST", "", content=payload.encode(), headers={"Content-Type": "application/json"})


@dataclass
class Poster:
    """Makes requests with the product's own HTTP client, so many at once, and does nothing else."""

    url: str
    at_once: int
    _transport: HttpTransport = field(init=False, repr=False)

    def __post_init__(self) -> None:
        terms = TransportTerms(connections=self.at_once)
        credential = Credential("X-Api-Key", SecretStr("key-of-the-shop"))
        self._transport = HttpTransport(self.url, {"User-Agent": "bench"}, terms, credential=credential)
        self._pool = ThreadPoolExecutor(self.at_once)

    def post_all(self, requests: Sequence[Request]) -> None:
        """Make every request once, and return when all are answered."""
        rest, lock = iter(requests), Lock()

        def loop() -> None:
            while True:
                with lock:
                    request = next(rest, None)
                if request is None:
                    return
                self._post(request)

        for done in [self._pool.submit(loop) for _ in range(self.at_once)]:
            done.result()

    def close(self) -> None:
        """Close every connection."""
        self._pool.shutdown()
        self._transport.close()

    def _post(self, request: Request) -> None:
        answer = self._transport.call(request, DEADLINE)
        if not isinstance(answer, Answer):
            raise NotMeasurableError(f"the ERP of this benchmark gave no answer: {answer.reason}")
