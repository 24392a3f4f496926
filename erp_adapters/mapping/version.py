"""A short name for all that decides about the words of a document: two processes that say the same share it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass


def version_of(*parts: object) -> str:
    """Name tables, dataclasses, text and bytes; the order of keys and of sets makes no difference."""
    canonical = json.dumps([_plain(part) for part in parts], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case Mapping():
            return {str(key): _plain(entry) for key, entry in value.items()}
        case AbstractSet():
            return sorted(json.dumps(_plain(entry), sort_keys=True) for entry in value)
        case Sequence():
            return [_plain(entry) for entry in value]
        case _ if is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return str(value)
