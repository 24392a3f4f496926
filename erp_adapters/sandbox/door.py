"""Who comes in: one HTTP request as it arrives, and the keys that it may carry."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from erp_adapters.sandbox.answers import JsonObject, RefusedError
from erp_adapters.sandbox.routes import ANY_PERMISSION, CONTROL, Route

PERMISSIONS = ("orders.read", "orders.write", "stock.read", "stock.write")


@dataclass(frozen=True)
class Request:
    """One HTTP request, as far as this ERP looks at it."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    body: bytes
    api_key: str = field(repr=False)
    control_key: str = field(repr=False)

    def json_body(self) -> JsonObject:
        """Read the body. Raises a refusal (400) if it is not one JSON object."""
        try:
            value = json.loads(self.body, parse_constant=_not_json)
        except (ValueError, RecursionError) as unreadable:
            raise RefusedError(400, "INVALID_JSON", "The body is not JSON.") from unreadable
        if not isinstance(value, dict):
            raise RefusedError(400, "INVALID_JSON", "The body must be one JSON object.")
        return value


@dataclass(frozen=True)
class Keys:
    """Permissions by API key, and the key of the control plane (empty: there is none)."""

    permissions: Mapping[str, tuple[str, ...]] = field(repr=False)
    control: str = field(repr=False)

    def admit(self, request: Request) -> tuple[str, ...]:
        """Give the caller's permissions. Raises a refusal (401) for a stranger."""
        if request.path.startswith("/_control/"):
            if self.control and _same(request.control_key, self.control):
                return (CONTROL,)
        else:
            for key, permissions in self.permissions.items():
                if _same(request.api_key, key):
                    return permissions
        raise RefusedError(401, "UNAUTHENTICATED", "The key is missing or unknown.")


def check_permission(route: Route, permissions: tuple[str, ...]) -> None:
    """Raise a refusal (403) unless the key may do this."""
    if route.permission != ANY_PERMISSION and route.permission not in permissions:
        raise RefusedError(403, "FORBIDDEN", f"The key lacks the permission {route.permission}.")


def read_keys(api_key_file: Path, control_key_file: Path | None) -> Keys:
    """Read the key files. Raises ValueError, without any key in it, if one cannot be used."""
    try:
        granted = json.loads(api_key_file.read_text(encoding="utf-8"))
        control = control_key_file.read_text(encoding="utf-8").strip() if control_key_file else ""
    except OSError as unreadable:
        raise ValueError(f"A key file cannot be read: {unreadable}.") from None
    except ValueError:
        raise ValueError(f"{api_key_file} is not JSON; {_EXPECTED}.") from None
    if not isinstance(granted, dict) or not all(_is_grant(key, may) for key, may in granted.items()):
        raise ValueError(f"{api_key_file} does not fit; {_EXPECTED}.")
    if control_key_file and not control:
        raise ValueError(f"{control_key_file} is empty; it must hold the control key.")
    return Keys({key: tuple(may) for key, may in granted.items()}, control)


_EXPECTED = f'it must be {{"KEY": [...]}} with permissions from {", ".join(PERMISSIONS)}'


def _is_grant(key: str, may: object) -> bool:
    return bool(key) and isinstance(may, list) and all(one in PERMISSIONS for one in may)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _not_json(_constant: str) -> NoReturn:
    raise ValueError
