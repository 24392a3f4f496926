"""The sandbox ERP's door: keys, bodies, connections, and a description that leaves nothing out."""

import ast
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies
from hypothesis.strategies import DataObject

from erp_adapters.sandbox.faults import REPERTOIRE
from tests.support.sandbox import API_KEY, READ_ONLY_KEY, ROOT, Reply, Sandbox, an_order, ask_on, sandbox

PACKAGE = ROOT / "erp_adapters" / "sandbox"
DESCRIPTION = (PACKAGE / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def send_raw(erp: Sandbox, body: bytes, **headers: str) -> Reply:
    """Send bytes that no JSON writer would make."""
    with closing(erp.connect()) as connection:
        connection.putrequest("POST", "/api/orders")
        for name, value in {"X-Api-Key": API_KEY, **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        response = connection.getresponse()
        return Reply(response.status, json.loads(response.read()), dict(response.headers))


def test_a_ping_tells_what_the_key_may_do(erp: Sandbox) -> None:
    reply = erp.ask("GET", "/api/ping", key=READ_ONLY_KEY)

    assert (reply.status, reply.body["permissions"]) == (200, ["orders.read"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", reply.body["time"])


@pytest.mark.parametrize("key", ["", "wrong", "schlüssel"])
def test_a_stranger_is_turned_away(erp: Sandbox, key: str) -> None:
    reply = erp.ask("GET", "/api/ping", key=key)

    assert (reply.status, reply.code) == (401, "UNAUTHENTICATED")


def test_a_key_may_do_only_what_it_was_given_for(erp: Sandbox) -> None:
    reply = erp.ask("POST", "/api/orders", an_order("R-1"), key=READ_ONLY_KEY)

    assert (reply.status, reply.code) == (403, "FORBIDDEN")
    assert "orders.write" in reply.body["error"]["message"]


def test_the_control_plane_has_a_key_of_its_own(erp: Sandbox) -> None:
    assert erp.control("GET", "faults", key=API_KEY).status == 401
    assert erp.control("GET", "faults").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/returns", 404, "NOT_FOUND"),
        ("GET", "/api/orders/SO-999999", 404, "NOT_FOUND"),
        ("GET", "/api/orders/../etc", 404, "NOT_FOUND"),
        ("DELETE", "/api/orders", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/orders", 400, "VALIDATION_FAILED"),
        ("GET", "/api/orders?since=x", 400, "VALIDATION_FAILED"),
        ("GET", "/api/orders?since=0&limit=501", 400, "VALIDATION_FAILED"),
        ("GET", "/api/orders?" + "&".join(["reference=R"] * 101), 400, "VALIDATION_FAILED"),
    ],
)
def test_a_request_that_leads_nowhere_is_told_why(erp: Sandbox, method: str, path: str, status: int, code: str) -> None:
    reply = erp.ask(method, path)

    assert (reply.status, reply.code) == (status, code)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_a_body_that_is_not_one_json_object_is_refused(erp: Sandbox, body: bytes) -> None:
    reply = send_raw(erp, body, Content_Length=str(len(body)))

    assert (reply.status, reply.code) == (400, "INVALID_JSON")


ANYTHING = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False, allow_infinity=False)
    | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner, max_size=3),
    max_leaves=5,
)
PLACES = (*an_order(), "sourceRevision", "status", "remarks", "shipTo")
PARTS = ("lines", "totals", "customer", "billTo", "payment", "shipping")


@settings(max_examples=150, deadline=None)
@given(data=strategies.data())
def test_no_order_however_odd_leaves_its_caller_without_a_clear_answer(erp: Sandbox, data: DataObject) -> None:
    order = an_order()
    part = order[data.draw(strategies.sampled_from(PARTS))]
    inner = part[0] if isinstance(part, list) else part
    inner[data.draw(strategies.sampled_from(tuple(inner)))] = data.draw(ANYTHING)
    order[data.draw(strategies.sampled_from(PLACES))] = data.draw(ANYTHING)

    reply = erp.ask("POST", "/api/orders", order)

    assert reply.status in (201, 400, 422)
    assert reply.status == 201 or reply.body["error"]["message"]


def test_a_body_needs_a_length_and_has_a_limit(erp: Sandbox) -> None:
    too_large = b" " * (4 * 1024 * 1024 + 1)

    assert send_raw(erp, b"").code == "LENGTH_REQUIRED"
    assert send_raw(erp, too_large, Content_Length=str(len(too_large))).code == "TOO_LARGE"


def test_refusals_leave_the_connection_usable(erp: Sandbox) -> None:
    with closing(erp.connect()) as connection:
        statuses = [
            ask_on(connection, "POST", "/api/orders", body, {"X-Api-Key": key}).status
            for key, body in (("wrong", {}), (API_KEY, {}), (API_KEY, an_order("R-2")), (API_KEY, an_order("R-3")))
        ]
        still_open = connection.sock is not None

    assert statuses == [401, 400, 201, 201]
    assert still_open


def test_the_description_names_every_table_and_column(erp: Sandbox) -> None:
    with closing(sqlite3.connect(erp.ledger)) as ledger:
        tables = [row[0] for row in ledger.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in set(tables) - {"sqlite_sequence"}:
            (described,) = re.findall(rf"^\| `{table}` \| (.*?) \|", DESCRIPTION, re.MULTILINE)
            columns = [row[1] for row in ledger.execute("SELECT * FROM pragma_table_info(?)", (table,))]

            assert [column for column in columns if f"`{column}`" not in described] == []


def test_the_description_names_every_error_code_fault_kind_and_option() -> None:
    own = (path for path in PACKAGE.glob("*.py") if path.name != "trying.py")  # which starts the other sandboxes too
    source = "".join(path.read_text(encoding="utf-8") for path in own)
    codes = set(re.findall(r'"([A-Z]{2,}_[A-Z_]+|FORBIDDEN|UNAUTHENTICATED)"', source))
    options = set(re.findall(r'"(--[a-z-]+)"', source))
    words = codes | options | {kind.value for kind in REPERTOIRE.plays}

    assert len(words) > 30
    assert sorted(word for word in words if f"`{word}`" not in DESCRIPTION) == []


def example_under(heading: str) -> object:
    """Read the first request body that the description shows under a heading."""
    section = DESCRIPTION.split(heading, 1)[1]
    shown = re.search(r"^    \{.*?(?=^\S|^$)", section, re.MULTILINE | re.DOTALL)
    assert shown, heading
    return json.loads(shown[0])


def test_the_descriptions_examples_are_accepted(erp: Sandbox) -> None:
    created = erp.ask("POST", "/api/orders", example_under("### Create"))
    number = created.body["number"]

    replies = [
        created,
        erp.ask("POST", f"/api/orders/{number}/cancel", example_under("### Cancel")),
        erp.ask("POST", "/api/stock-movements", example_under("### Post movements")),
        erp.control("POST", "faults", example_under("### Faults")),
        erp.control("POST", "faults", {"plan": []}),
    ]

    assert [reply.status for reply in replies] == [201, 200, 201, 200, 200]


def test_what_is_not_http_is_answered_in_the_same_form(erp: Sandbox) -> None:
    assert erp.ask("TRACE", "/api/ping").code == "BAD_REQUEST"


def test_the_sandbox_stands_on_the_standard_library_alone() -> None:
    imported = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")

    own = {name for name in imported if name.startswith("erp_adapters.sandbox")}
    foreign = {name for name in imported - own if name.split(".")[0] not in sys.stdlib_module_names}

    assert own
    assert foreign == set()


def test_keys_are_nowhere_in_the_ledger(erp: Sandbox, tmp_path: Path) -> None:
    erp.ask("GET", "/api/ping", key="a-wrong-key")
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(erp.ledger)) as ledger, closing(sqlite3.connect(copy)) as target:
        ledger.backup(target)

    assert not [key for key in (API_KEY, READ_ONLY_KEY, "a-wrong-key") if key.encode() in copy.read_bytes()]
