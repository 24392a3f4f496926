"""The daemon as systemd runs it: ready, relaying, graceful, and exit 78 with a hint when a restart would not help."""

import json
from pathlib import Path

import pytest
from pymysql.err import OperationalError

from ops.embedded.programs import PROJECT
from tests.support.daemon import Configured, configure, until
from tests.support.gate import gate_to
from tests.support.sandbox import Sandbox
from tests.support.servers import Database
from tests.support.shop import Shop

CONFIGURATION = 78
NO_SUCH_THREAD = 1094


def cut_every_connection(shop: Shop) -> None:
    with shop.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = DATABASE()")
        for (connection_id,) in cursor.fetchall():
            try:
                cursor.execute(f"KILL {int(connection_id)}")
            except OperationalError as error:
                if error.args[0] != NO_SUCH_THREAD:  # else it had ended by itself
                    raise


def numbers(shop: Shop) -> set[str | None]:
    return {number for (number,) in shop.rows("SELECT ext_order_id FROM sales_order")}


def test_an_order_travels_to_the_erp_and_comes_back_acknowledged(sidecar: Configured, shop: Shop) -> None:
    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        shop.place(42)
        shop.adjust("TEE", "-2.0000")

        until(lambda: None not in numbers(shop))
        until(lambda: shop.rows("SELECT state FROM erp_stock_window") == [("booked",)])

        assert daemon.stop() == 0
    assert "order.acknowledged" in sidecar.log()


@pytest.mark.slow
def test_a_stop_is_graceful_and_gives_the_leases_up(sidecar: Configured, shop: Shop) -> None:
    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        until(lambda: len(shop.rows("SELECT role FROM erp_lease WHERE expires_at > NOW(6)")) == 4)

        assert daemon.stop() == 0
        daemon.notified("STOPPING=1")

    assert shop.rows("SELECT role FROM erp_lease WHERE expires_at > NOW(6)") == []


@pytest.mark.slow
def test_a_killed_daemon_is_succeeded_and_nothing_is_lost_or_doubled(
    sidecar: Configured, shop: Shop, erp: Sandbox
) -> None:
    erp.plan({"operation": "order.create", "nth": 3, "kind": "delay", "seconds": 2, "when": "after", "count": 1})
    with sidecar.daemon():
        for number in range(1, 6):
            shop.place(number)
        until(lambda: len(erp.rows("SELECT number FROM orders")) == 5)

    with sidecar.daemon() as second:
        until(lambda: None not in numbers(shop))
        assert second.stop() == 0

    assert len(erp.rows("SELECT number FROM orders")) == 5


@pytest.mark.slow
def test_a_daemon_whose_database_restarts_under_it_forgets_its_memory_and_goes_on(
    sidecar: Configured, shop: Shop
) -> None:
    with sidecar.daemon() as daemon:
        shop.place(1)
        until(lambda: None not in numbers(shop))
        cut_every_connection(shop)

        shop.place(2)

        until(lambda: None not in numbers(shop))
        assert daemon.stop() == 0


@pytest.mark.slow
@pytest.mark.parametrize("words", [("run",), ("doctor",), ("status",), ("schema", "verify")])
def test_wrong_credentials_are_exit_78_with_a_hint_and_no_password(sidecar: Configured, words: tuple[str, ...]) -> None:
    (sidecar.folder / "password").write_text("a-wrong-secret")

    ended = sidecar.run(*words)

    assert ended.returncode == CONFIGURATION
    assert "try: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "a-wrong-secret" not in ended.stderr + ended.stdout


@pytest.mark.slow
def test_missing_tables_are_exit_78_with_the_command_that_makes_them(
    tmp_path: Path, database: Database, erp: Sandbox
) -> None:
    Shop(database)
    sidecar = configure(tmp_path, database, erp.url)

    ended = sidecar.run("run")

    assert ended.returncode == CONFIGURATION
    assert "erp-sidecar schema" in ended.stderr


@pytest.mark.slow
def test_a_table_that_vanishes_under_a_running_daemon_ends_it_with_78(sidecar: Configured, shop: Shop) -> None:
    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        shop.execute("DROP TABLE erp_outbox")

        assert daemon.process.wait(30) == CONFIGURATION


@pytest.mark.slow
def test_a_wrong_blueprint_is_exit_78_naming_file_key_found_and_allowed(sidecar: Configured) -> None:
    path = sidecar.folder / "blueprint.yaml"
    path.write_text(path.read_text().replace("when: placed", "when: payed"))

    ended = sidecar.run("run")

    assert ended.returncode == CONFIGURATION
    assert "blueprint.yaml: destinations.erp.release[0].when: found 'payed', allowed: placed" in ended.stderr
    assert "try: " in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("kind: legacy", "kind: sap", "destinations.erp.kind: found 'sap', allowed: legacy"),
        ("http://127.0.0.1:", "http://erp.example.com:", "https"),
        ("order.coupon_code", "order.[", "custom_fields.couponCode"),
    ],
)
def test_the_blueprint_check_tries_the_adapters_too(sidecar: Configured, right: str, wrong: str, words: str) -> None:
    path = sidecar.folder / "blueprint.yaml"
    assert sidecar.run("blueprint", "check", str(path)).returncode == 0
    path.write_text(path.read_text().replace(right, wrong))

    ended = sidecar.run("blueprint", "check", str(path))

    assert ended.returncode == CONFIGURATION
    assert words in ended.stderr


@pytest.mark.slow
def test_a_database_that_is_not_up_yet_is_waited_for(sidecar: Configured, shop: Shop) -> None:
    path, port = sidecar.settings, shop.database.server.port
    right = path.read_text()
    path.write_text(right.replace(f"port = {port}", "port = 1"))

    with sidecar.daemon() as daemon:
        until(lambda: "database.unavailable" in sidecar.log())
        assert daemon.process.poll() is None
    ended = sidecar.run("status")

    assert ended.returncode == 1
    assert "try: " in ended.stderr


@pytest.mark.slow
def test_a_database_that_goes_away_while_the_daemon_starts_is_waited_for(sidecar: Configured, shop: Shop) -> None:
    server, path = shop.database.server, sidecar.settings
    with gate_to(server, refused=2) as port:
        path.write_text(path.read_text().replace(f"port = {server.port}", f"port = {port}"))

        with sidecar.daemon() as daemon:
            daemon.notified("READY=1")
            assert "database.unavailable" in sidecar.log()
            assert daemon.stop() == 0


@pytest.mark.slow
def test_every_listing_has_a_json_form(sidecar: Configured, shop: Shop) -> None:
    with sidecar.daemon() as daemon:
        shop.place(1)
        shop.emit_raw("OrderPlaced", "order:2", "{")
        until(lambda: None not in numbers(shop))
        until(lambda: shop.rows("SELECT state FROM erp_delivery") == [("parked",)])
        daemon.stop()

    for words in (("status",), ("event", "list"), ("finding", "list"), ("reconcile", "run"), ("schema", "verify")):
        ended = sidecar.run(*words, "--json")
        assert isinstance(json.loads(ended.stdout), list), ended.stderr
    assert isinstance(json.loads(sidecar.run("--json", "status").stdout), list)
    assert "parked" in sidecar.run("event", "list").stdout


@pytest.mark.slow
def test_an_operator_skips_a_parked_event_from_the_command_line(sidecar: Configured, shop: Shop) -> None:
    event = shop.emit_raw("OrderPlaced", "order:2", "{")
    with sidecar.daemon() as daemon:
        until(lambda: shop.rows("SELECT state FROM erp_delivery") == [("parked",)])

        ended = sidecar.run("event", "skip", "erp", str(event), "--reason", "a test order")

        assert ended.returncode == 0, ended.stderr
        until(lambda: shop.rows("SELECT outcome FROM erp_receipt") == [("skipped",)])
        assert daemon.stop() == 0
    assert sidecar.run("event", "skip", "erp", str(event), "--reason", "again").returncode == 1


@pytest.mark.slow
def test_a_finding_of_a_reconciliation_run_makes_it_exit_1(sidecar: Configured, shop: Shop) -> None:
    with sidecar.daemon() as daemon:
        shop.place(1)
        until(lambda: None not in numbers(shop))
        daemon.stop()
    assert sidecar.run("reconcile", "run").returncode == 0

    shop.execute("UPDATE sales_order_item SET qty_ordered = 7 WHERE order_id = 1 LIMIT 1")

    assert sidecar.run("reconcile", "run").returncode == 1
    assert "line_quantity" in sidecar.run("finding", "list").stdout


@pytest.mark.slow
def test_the_doctor_is_content_with_a_sound_installation(sidecar: Configured) -> None:
    ended = sidecar.run("doctor", "--json")
    lines = json.loads(ended.stdout)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert {line["state"] for line in lines} <= {"ok", "warn", "unknown"}
    assert {"blueprint", "identity", "replication role", "destination erp"} <= {line["check"] for line in lines}
    assert [line for line in lines if line["state"] != "ok" and not line["do"]] == []


@pytest.mark.slow
def test_the_doctor_names_an_erp_that_does_not_answer(sidecar: Configured, erp: Sandbox) -> None:
    erp.kill()

    ended = sidecar.run("doctor")

    assert ended.returncode == 1
    assert "does not answer" in ended.stdout


def test_the_command_is_installed_under_its_own_name() -> None:
    assert 'erp-sidecar = "sidecar.cli:main"' in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
