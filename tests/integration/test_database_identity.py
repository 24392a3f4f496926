"""A database that was restored, copied or moved is refused with exit 78 and a hint, and nothing is posted from it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded.mariadb import running_mariadb
from tests.support.backups import Backup, back_up, copy_into
from tests.support.daemon import Configured, configure, until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database, empty_schema
from tests.support.shop import Shop

CONFIGURATION = 78


@pytest.fixture
def sidecar(tmp_path: Path, shop: Shop, erp: Sandbox) -> Configured:
    return configured(tmp_path / "host", shop.database, erp)


@pytest.fixture
def copy(database: Database) -> Iterator[Database]:
    with empty_schema(database.engine, database.server) as made:
        yield made


def configured(folder: Path, database: Database, erp: Sandbox) -> Configured:
    folder.mkdir()
    return configure(folder, database, erp.url)


def orders(erp: Sandbox) -> list[str]:
    return [row["reference"] for row in erp.rows("SELECT reference FROM orders ORDER BY reference")]


def deliver(sidecar: Configured, shop: Shop, *entity_ids: int) -> None:
    """Place orders one after the other under a running daemon, and end it when all are acknowledged."""
    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        place_and_wait(shop, *entity_ids)
        assert daemon.stop() == 0


def place_and_wait(shop: Shop, *entity_ids: int) -> None:
    for entity_id in entity_ids:
        shop.place(entity_id)
        until(lambda: shop.rows("SELECT COUNT(*) FROM sales_order WHERE ext_order_id IS NULL") == [(0,)])


def delivered_beyond_the_backup(sidecar: Configured, shop: Shop) -> Backup:
    """Deliver orders 1 and 2; the backup knows of the first only."""
    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        place_and_wait(shop, 1)
        backup = back_up(shop.database)
        place_and_wait(shop, 2)
        assert daemon.stop() == 0
    return backup


@pytest.mark.slow
def test_a_restored_database_is_refused_with_78_and_the_command_to_type(
    sidecar: Configured, shop: Shop, erp: Sandbox
) -> None:
    delivered_beyond_the_backup(sidecar, shop).restore(shop.database)
    shop.place(3)

    ended = sidecar.run("run")

    assert ended.returncode == CONFIGURATION
    assert "the database went back in time" in ended.stderr
    assert 'erp-sidecar restore declare --reason "..."' in ended.stderr
    assert orders(erp) == ["shop-1", "shop-2"]


@pytest.mark.slow
def test_a_restore_under_a_running_daemon_ends_it_with_78(sidecar: Configured, shop: Shop, erp: Sandbox) -> None:
    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        place_and_wait(shop, 1)
        backup = back_up(shop.database)
        place_and_wait(shop, 2)
        shop.execute("UPDATE sales_order SET ext_order_id = NULL")

        backup.restore(shop.database)

        assert daemon.process.wait(30) == CONFIGURATION
    assert orders(erp) == ["shop-1", "shop-2"]


@pytest.mark.slow
def test_a_copy_of_the_database_posts_nothing(
    sidecar: Configured, shop: Shop, erp: Sandbox, copy: Database, tmp_path: Path
) -> None:
    deliver(sidecar, shop, 1)
    copy_of_it = copy_into(back_up(shop.database), copy)
    copy_of_it.place(2)
    staging = configured(tmp_path / "staging", copy, erp)

    ended = staging.run("run")

    assert ended.returncode == CONFIGURATION
    assert "the database is a copy" in ended.stderr
    assert "restore declare" in ended.stderr
    assert "--as-copy" in ended.stderr
    assert orders(erp) == ["shop-1"]


@pytest.mark.slow
@pytest.mark.mariadb
def test_the_same_data_on_another_server_is_refused_until_somebody_says_why(
    sidecar: Configured, shop: Shop, erp: Sandbox
) -> None:
    deliver(sidecar, shop, 1)
    backup = back_up(shop.database)
    with running_mariadb(in_memory=True) as other, empty_schema(shop.database.engine, other.address) as promoted:
        copy_into(backup, promoted)
        configure(sidecar.folder, promoted, erp.url)

        ended = sidecar.run("run")

    assert ended.returncode == CONFIGURATION
    assert "the database is on another server" in ended.stderr
    assert "--promoted" in ended.stderr


@pytest.mark.slow
def test_a_declared_restore_is_shown_first_then_done_and_the_service_goes_on(
    sidecar: Configured, shop: Shop, erp: Sandbox
) -> None:
    delivered_beyond_the_backup(sidecar, shop).restore(shop.database)
    shop.execute("UPDATE erp_lease SET expires_at = NOW(6)")
    shop.place(2)
    declare = ("restore", "declare", "--reason", "the disk died")

    shown = sidecar.run(*declare)
    refused = sidecar.run("run")
    done = sidecar.run(*declare, "--apply", "--json")
    deliver(sidecar, shop, 3)

    assert shown.returncode == 0, shown.stderr
    assert "Nothing is changed yet" in shown.stdout
    assert "shop.2-2" in shown.stdout
    assert refused.returncode == CONFIGURATION
    assert json.loads(done.stdout)["done"] is True
    assert orders(erp) == ["shop-1", "shop-2", "shop.2-2", "shop.2-3"]


@pytest.mark.slow
def test_a_copy_that_becomes_a_shop_of_its_own_sends_nothing_that_it_copied(
    sidecar: Configured, shop: Shop, erp: Sandbox, copy: Database, tmp_path: Path
) -> None:
    deliver(sidecar, shop, 1)
    shop.place(2)
    shop.adjust("TEE", "-2.0000")
    copied = copy_into(back_up(shop.database), copy)
    copied.update(1, quantity="9.0000")
    copied.execute(
        "INSERT INTO erp_stock_window (id, destination, warehouse, sequence, state, after_id, upto_id, holes, late_ids,"
        " blueprint_version, fault) VALUES (1, 'erp', 'W1', 1, 'booked', 0, 0, '[]', '[]', 'v0', '')"
    )
    copied.execute(
        "INSERT INTO erp_stock_window_line (window_id, line, sku, quantity, deltas, state, fault)"
        " VALUES (1, 1, 'GHOST', -5, 1, 'retrying', 'no')"
    )
    staging = configured(tmp_path / "staging", copy, erp)
    declare = ("restore", "declare", "--as-copy", "--reason", "training", "--apply")

    refused = staging.run(*declare)
    blueprint = staging.folder / "blueprint.yaml"
    blueprint.write_text(blueprint.read_text().replace("instance: shop ", "instance: school "))
    done = staging.run(*declare)
    with staging.daemon() as daemon:
        daemon.notified("READY=1")
        copied.update(1, quantity="8.0000")
        copied.place(3)
        until(lambda: "school.2-3" in orders(erp))
        assert daemon.stop() == 0

    assert refused.returncode == 1
    assert "an instance of its own" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert orders(erp) == ["school.2-3", "shop-1"]
    assert erp.rows("SELECT * FROM order_revisions WHERE kind <> 'create'") == []
    assert erp.rows("SELECT * FROM stock_movements") == []
    assert copied.rows("SELECT state FROM erp_stock_window_line") == [("skipped",)]
