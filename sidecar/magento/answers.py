"""What became of a call to Magento, judged by the answer alone.

| the answer | the outcome |
|---|---|
| nothing was sent | NOT_SENT |
| 2xx with what the service returns: an id, a track, true | CONFIRMED |
| 200 and `false`, from cancel | REJECTED_BUSINESS |
| 2xx with anything else, such as a page | UNKNOWN |
| 401, 403: the token or its permissions | RETRY_LATER, and a person has to do something |
| 3xx, or 4xx without Magento's words: not Magento answers here, or not at this address | the same |
| 429; 503, unless a cache says that its fetch broke off | RETRY_LATER |
| 4xx with Magento's words | REJECTED_BUSINESS: validated or rolled back, nothing is written |
| 5xx, a broken connection, no answer in time | UNKNOWN |

A refusal after the payment provider was called undoes Magento's rows and not the provider's: the words then say so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from sidecar.domain.delivery import Outcome
from sidecar.domain.inbound import MagentoAnswer
from sidecar.transport import Answer, NoAnswer, retry_after

LONGEST_WORDS: Final = 500
_NOT_ALLOWED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_BROKEN_FETCH: Final = (b"Guru Meditation", b"Backend fetch failed")
"""What Varnish says when Magento had got the request and no answer came."""
_MONEY: Final = "the payment provider may have moved the money all the same: look there before anything else"

Reading = Callable[[object], int | None]
"""The id in a service's result: 0 where it gives none, None where the result is not one of this service."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Magento's words, and the permissions that it names where they are what is missing."""

    words: str
    resources: str = ""


def judged(reply: Answer | NoAnswer, read: Reading, *, moves_money: bool = False) -> MagentoAnswer:
    """Judge one call by the table above."""
    if isinstance(reply, NoAnswer):
        return MagentoAnswer(Outcome.UNKNOWN if reply.sent else Outcome.NOT_SENT, words=reply.reason)
    status = reply.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _result(reply, read)
    if status in _BUSY and not any(words in reply.content for words in _BROKEN_FETCH):
        words = f"Magento is busy or in maintenance (HTTP {status})"
        return MagentoAnswer(Outcome.RETRY_LATER, 0, words, status, retry_after(reply.headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status < HTTPStatus.OK:
        return MagentoAnswer(Outcome.UNKNOWN, words=f"Magento failed (HTTP {status})", status=status)
    refused = refusal(reply)
    if status in _NOT_ALLOWED:
        needs = f", which has to allow {refused.resources}" if refused and refused.resources else ""
        words = f"Magento does not accept the sidecar's token{needs} (HTTP {status}): erp-sidecar doctor says more"
        return MagentoAnswer(Outcome.RETRY_LATER, words=words, status=status)
    if refused is None:
        words = (
            f"magento.base_url was answered with HTTP {status} and not by Magento's REST: erp-sidecar doctor says more"
        )
        return MagentoAnswer(Outcome.RETRY_LATER, words=words, status=status)
    words = f"{refused.words}; {_MONEY}" if moves_money and "Validation Error" not in refused.words else refused.words
    return MagentoAnswer(Outcome.REJECTED_BUSINESS, words=words, status=status)


def _result(reply: Answer, read: Reading) -> MagentoAnswer:
    body = reply.json()
    if body is False:
        words = "Magento says that the state of the order does not allow it"
        return MagentoAnswer(Outcome.REJECTED_BUSINESS, words=words, status=reply.status)
    entity_id = read(body)
    if entity_id is None:
        words = f"HTTP {reply.status} with something that is not the service's result"
        return MagentoAnswer(Outcome.UNKNOWN, words=words, status=reply.status)
    return MagentoAnswer(Outcome.CONFIRMED, entity_id, status=reply.status)


def an_id(body: object) -> int | None:
    """Magento writes ids as a number or as a text of digits."""
    digits = str(body) if isinstance(body, int | str) and not isinstance(body, bool) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) > 0 else None


def an_entity(body: object) -> int | None:
    """The id of an entity that is given back whole."""
    return an_id(body.get("entity_id")) if isinstance(body, Mapping) else None


def a_yes(body: object) -> int | None:
    """A service that only says that it did it."""
    return 0 if body is True else None


def refusal(reply: Answer) -> Refused | None:
    """Magento's words with their parameters put in, on one line; None where these are not Magento's."""
    match reply.json():
        case {"message": str(message), **rest}:
            parameters = rest.get("parameters")
            named = _named(parameters)
            for name in sorted(named, key=len, reverse=True):
                message = message.replace(f"%{name}", named[name])
            line = "; ".join(part for part in map(str.strip, message.splitlines()) if part)
            return Refused(_shortened(line), named.get("resources", ""))
        case _:
            return None


def _named(parameters: object) -> dict[str, str]:
    """Parameters by name; those of a list are called 1, 2 and so on."""
    if isinstance(parameters, Mapping):
        return {str(name): str(value) for name, value in parameters.items()}
    if isinstance(parameters, Sequence) and not isinstance(parameters, str):
        return {str(number): str(value) for number, value in enumerate(parameters, start=1)}
    return {}


def _shortened(words: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return printable if len(printable) <= LONGEST_WORDS else printable[: LONGEST_WORDS - 3] + "..."
