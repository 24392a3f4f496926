"""The sandbox ERP's ledger survives whatever happens to its process."""

import http.client
import json
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.sandbox import API_KEY, ROOT, Sandbox, a_movement, an_order, ask_on, sandbox

pytestmark = pytest.mark.slow

CALLERS = 4


def post_until_cut_off(erp: Sandbox, name: str, answered: list[str], enough: threading.Event) -> None:
    """Post orders one after another on one connection, and note each number that came back."""
    with closing(erp.connect()) as connection:
        for place in range(100_000):
            try:
                order = an_order(f"{name}-{place}")
                answered.append(ask_on(connection, "POST", "/api/orders", order, {"X-Api-Key": API_KEY}).body["number"])
            except (ConnectionError, http.client.HTTPException):
                return
            if len(answered) >= 25:
                enough.set()


def test_every_answered_order_outlives_kill_9_and_the_next_start_goes_on(tmp_path: Path) -> None:
    answered: list[str] = []
    for life in range(2):
        before = len(answered)
        enough = threading.Event()
        heard: list[str] = []
        with sandbox(tmp_path) as erp:
            callers = [
                threading.Thread(target=post_until_cut_off, args=(erp, f"L{life}-C{caller}", heard, enough))
                for caller in range(CALLERS)
            ]
            for thread in callers:
                thread.start()
            assert enough.wait(20)
            erp.kill()
            for thread in callers:
                thread.join()
        answered += heard
        assert len(answered) > before

    with sandbox(tmp_path) as erp:
        kept = {row["number"] for row in erp.rows("SELECT number FROM orders")}
        revisions = [row["number"] for row in erp.rows("SELECT number FROM order_revisions")]
        assert len(set(answered)) == len(answered)
        assert set(answered) <= kept
        assert sorted(revisions) == sorted(kept)
        assert erp.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert erp.ask("POST", "/api/orders", an_order("after")).body["number"] not in kept


def test_a_stop_finishes_the_work_that_was_begun(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        erp.plan({"operation": "order.create", "nth": 1, "kind": "delay", "seconds": 60, "when": "after"})
        with closing(erp.connect()) as connection:
            connection.request("POST", "/api/orders", json.dumps(an_order("R-1")), {"X-Api-Key": API_KEY})
            while not erp.rows("SELECT * FROM orders"):
                assert erp.process.poll() is None

            assert erp.stop() == 0

            assert connection.getresponse().status == 201


def test_a_stop_does_not_wait_for_idle_or_hanging_callers(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        erp.plan({"operation": "order.create", "nth": 1, "kind": "hang"})
        with closing(erp.connect()) as idle, closing(erp.connect()) as hanging:
            ask_on(idle, "GET", "/api/ping", None, {"X-Api-Key": API_KEY})
            hanging.request("POST", "/api/orders", json.dumps(an_order("R-1")), {"X-Api-Key": API_KEY})
            while not erp.rows("SELECT * FROM faults"):
                assert erp.process.poll() is None

            assert erp.stop() == 0


def test_an_interrupt_stops_it_too(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        erp.process.send_signal(signal.SIGINT)

        assert erp.process.wait(20) == 0


def test_numbers_master_data_and_balances_go_on_after_a_restart(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        erp.ask("POST", "/api/orders", an_order("R-1"))
        erp.ask("POST", "/api/stock-movements", a_movement("W-1"))
        erp.control("POST", "masterdata", {"unknownItems": ["CUP"]})
        erp.stop()

    with sandbox(tmp_path) as erp:
        refused = erp.ask("POST", "/api/orders", an_order("R-2"))
        erp.control("POST", "masterdata", {"unknownItems": []})

        assert refused.code == "UNKNOWN_ITEM"
        assert erp.ask("POST", "/api/orders", an_order("R-2")).body["number"] == "SO-100002"
        assert erp.ask("POST", "/api/stock-movements", a_movement("W-2")).body["number"] == "MV-2"
        assert erp.ask("GET", "/api/stock?sku=BAG").body["stock"][0]["onHand"] == "-4.0000"


@pytest.mark.parametrize(
    ("keys", "ledger", "complaint"),
    [
        ("{", b"", "is not JSON"),
        ('{"secret-key": ["orders.burn"]}', b"", "permissions from orders.read"),
        (None, b"", "cannot be read"),
        ("{}", b"not a database, but long enough to look like a file with a header" * 20, "cannot be opened"),
    ],
)
def test_what_keeps_it_from_starting_is_one_sentence_without_secrets(
    tmp_path: Path, keys: str | None, ledger: bytes, complaint: str
) -> None:
    if keys is not None:
        (tmp_path / "keys.json").write_text(keys)
    (tmp_path / "ledger.sqlite").write_bytes(ledger)
    program = [sys.executable, "-m", "erp_adapters.sandbox", "--ledger", str(tmp_path / "ledger.sqlite")]

    ended = subprocess.run(
        [*program, "--api-key-file", str(tmp_path / "keys.json")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=20,
    )

    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert "secret-key" not in ended.stderr
    assert "Traceback" not in ended.stderr
