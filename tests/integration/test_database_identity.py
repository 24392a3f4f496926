"""A database that was restored, copied or moved is refused with exit 78 and a hint, and nothing is posted from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded.mariadb import running_mariadb
from sidecar.mysql import schema
from sidecar.mysql.session import Session
from tests.support.backups import Backup, back_up, copy_into
from tests.support.daemon import Configured, configure, until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database, empty_schema
from tests.support.shop import Shop

CONFIGURATION = 78


@pytest.fixture
def shop(database: Database) -> Shop:
    made = Shop(database)
    session = Session(database.url)
    schema.apply(session)
    session.close()
    return made


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
