"""What an ERP shows of its interface: the version that it declares, and the parts of an OpenAPI document that are used.

A description may change without anything changing: titles, descriptions and examples are no terms.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from erp_adapters.legacy.profile import Profile
from erp_adapters.profiled.documents import text
from sidecar.transport import HttpTransport, NoAnswer, Request

_WORDS: Final = frozenset({"description", "summary", "title", "example", "examples", "externalDocs", "tags"})
_METHODS: Final = frozenset({"get", "put", "post", "patch", "delete"})
_MOST_TERMS: Final = 4000
_DEEPEST: Final = 24


def terms_of(
    profile: Profile, transport: HttpTransport, pinged: object, seconds: float
) -> tuple[dict[str, str], list[str]]:
    """What our calls rest on, as far as the profile says where it is told, and what stands in the way.

    No terms where part of them could not be read: that is no change.
    """
    ping = profile.operations.ping
    declared = text(ping.contract, pinged)
    terms = {"declared version": declared} if declared else {}
    if ping.openapi is None:
        return terms, []
    reply = transport.call(Request("GET", ping.openapi), seconds)
    if isinstance(reply, NoAnswer) or reply.status != HTTPStatus.OK:
        why = reply.words if isinstance(reply, NoAnswer) else f"HTTP {reply.status}"
        return {}, [f"GET {ping.openapi} does not tell the interface: {why}"]
    return terms | openapi_terms(reply.content, reply.json(), profile.paths()), []


def openapi_terms(content: bytes, document: object, paths: frozenset[str]) -> dict[str, str]:
    """The terms of those operations whose path is among ours; of the whole document where it is no OpenAPI in JSON."""
    whole = {"the description of the interface": hashlib.sha256(content).hexdigest()[:16]}
    described = document.get("paths") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(described, Mapping):
        return whole
    ours = {_shape(path) for path in paths}
    terms: dict[str, str] = {}
    for path, item in described.items():
        if isinstance(item, Mapping) and _is_used(_shape(str(path)), ours):
            for method, operation in item.items():
                if method in _METHODS:
                    terms |= dict(_flat(operation, f"{method.upper()} {path}", document, _DEEPEST))
    return terms if 0 < len(terms) <= _MOST_TERMS else whole


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def _is_used(described: str, ours: set[str]) -> bool:
    """A description may leave out the part that all paths have in front, or ours may."""
    return any(path.endswith(described) or described.endswith(path) for path in ours)


def _flat(value: object, at: str, document: Mapping[str, object], depth: int) -> Iterator[tuple[str, str]]:
    """Every leaf by its path, references followed; what refers to itself is not followed for ever."""
    if depth == 0:
        return
    match value:
        case {"$ref": str(ref)}:
            yield from _flat(_referred(document, ref), at, document, depth - 1)
        case Mapping():
            for name in sorted(value, key=str):
                if name not in _WORDS or _is_property(at):
                    yield from _flat(value[name], f"{at}.{name}", document, depth - 1)
        case list() if all(not isinstance(element, Mapping | list) for element in value):
            yield at, ", ".join(sorted(str(element) for element in value))
        case list():
            for number, element in enumerate(value):
                yield from _flat(element, f"{at}[{_name(element, number)}]", document, depth - 1)
        case _:
            yield at, str(value)


def _is_property(at: str) -> bool:
    """A field of theirs may be called title."""
    return at.endswith(".properties")


def _name(element: object, number: int) -> str:
    """Parameters are known by their names, so that one more in front changes no other."""
    named = element.get("name") if isinstance(element, Mapping) else None
    return named if isinstance(named, str) else str(number)


def _referred(document: Mapping[str, object], ref: str) -> object:
    found: object = document
    for step in ref.removeprefix("#/").split("/"):
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found
