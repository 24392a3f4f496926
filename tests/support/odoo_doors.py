"""Adapters for an Odoo, real or played, by each of its two ways in, behind a way on which calls fail on demand."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from erp_adapters.odoo import OdooAdapter, OdooTerms
from erp_adapters.registry import AdapterConfiguration, build
from tests.support.faulty_way import Body, FaultyWay, Rule
from tests.support.odoo import (
    COMPANY,
    DISCOUNT,
    PRICELISTS,
    SHIPPING,
    TAXES,
    Installation,
    People,
    a_new_reference,
)

DEADLINE: Final = 20.0
_AS_EXCEPTION: Final = {"werkzeug.exceptions.Unauthorized": "odoo.exceptions.AccessDenied"}
_LANGUAGES: Final = {"1": "en_US"}


def as_json2(path: str, body: Body) -> tuple[str, Body]:
    """A call as JSON-2 would make it, whichever way it came."""
    match body:
        case {"params": {"service": "object", "args": [_, _, _, model, method, places, named]}}:
            return f"/json/2/{model}/{method}", {**named, **({"ids": places[0]} if places else {})}
        case _:
            return path, body


def as_rpc(rule: Rule) -> Rule:
    """A rule that was written for JSON-2."""

    def rewrite(body: Body) -> Body:
        if rule.rewrite is None:
            return body
        _, named = as_json2("", body)
        places = body["params"]["args"][5]
        written = {name: value for name, value in rule.rewrite(named).items() if not (places and name == "ids")}
        args = [*body["params"]["args"][:6], written]
        return {**body, "params": {**body["params"], "args": args}}

    return replace(
        rule,
        fits=lambda path, body: rule.fits(*as_json2(path, body)),
        before=_enveloped(rule.before),
        after=_enveloped(rule.after),
        rewrite=None if rule.rewrite is None else rewrite,
    )


def _enveloped(answer: Any) -> Any:  # noqa: ANN401 -- as rules have it
    """What Odoo itself says is a 200 in JSON-RPC; what stands in front of it stays as it is."""
    match answer:
        case (_, headers, {"name": name, **more}):
            known = _AS_EXCEPTION.get(name, name)
            error = {"code": 0, "message": "Odoo Server Error", "data": {**more, "name": known}}
            return 200, headers, {"jsonrpc": "2.0", "id": 1, "error": error}
        case (200, headers, {"ids": _} as value):
            return 200, headers, {"jsonrpc": "2.0", "id": 1, "result": value}
        case _:
            return answer


class RpcWay(FaultyWay):
    """A way whose rules are written for JSON-2, for a caller who speaks JSON-RPC."""

    def __init__(self, way: FaultyWay) -> None:
        super().__init__(way.url, way.target, way.passed)
        self.plain = way

    def plan(self, rule: Rule) -> None:
        """Let this happen to the next call that fits."""
        self.plain.plan(as_rpc(rule))


@dataclass(frozen=True)
class OdooDoors:
    """One way in, and those who work there."""

    way: FaultyWay
    there: Installation
    login: str | None
    made: list[OdooAdapter] = field(default_factory=list)

    @property
    def people(self) -> People:
        return self.there.people

    def terms(self, **more: Any) -> OdooTerms:  # noqa: ANN401 -- of the terms
        told = OdooTerms(self.people.database, COMPANY, SHIPPING, DISCOUNT, login=self.login)
        return replace(told, **more)

    def adapter(self, *, key: str | None = None, code_maps: Any = None, **terms: Any) -> OdooAdapter:  # noqa: ANN401 -- of the terms
        """An adapter of one's own, which is closed with all others."""
        codes = code_maps or {"taxes": TAXES, "pricelists": PRICELISTS, "languages": _LANGUAGES}
        told = self.terms(**terms)
        configuration = AdapterConfiguration("erp", "odoo", "", self.way.url, Path(), codes, concurrency=8, odoo=told)
        made = build(configuration, SecretStr(key or self.there.key), "test")
        assert isinstance(made, OdooAdapter)
        self.made.append(made)
        return made

    def close(self) -> None:
        """Close every adapter."""
        for made in self.made:
            made.close()

    def lose(self, method: str, *, done: bool, names: str = "") -> None:
        """Lose the next call of a model's method that names this, before or after it was done."""

        def fits(path: str, body: Body) -> bool:
            return path.endswith(f"/{method}") and names in json.dumps(body)

        rule = Rule(fits, after=()) if done else Rule(fits, before=())
        self.way.plan(rule)

    def counted(self, act: Callable[[], object]) -> list[str]:
        """The calls, as MODEL/METHOD, that an act makes."""
        self.way.passed.clear()
        act()
        return [as_json2(path, body)[0].removeprefix("/json/2/") for path, body in self.way.passed]


def new_product(people: People, **columns: str) -> str:
    """A product that no run has used, storable unless told otherwise."""
    sku = f"P-{a_new_reference()}"
    people.product(sku, **({"is_storable": "1"} | columns))
    return sku
