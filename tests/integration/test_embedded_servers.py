"""The throw-away servers keep what was committed, and go when their owner goes."""

import os
import select
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ops.embedded.guarded import GuardedProcess
from ops.embedded.mariadb import MariaDb, free_port, running_mariadb
from ops.embedded.mysql97 import crashable_mysql
from ops.embedded.programs import PROJECT
from ops.embedded.server import ServerNotStartedError
from tests.support.daemon import until
from tests.support.servers import Database, execute

pytestmark = pytest.mark.slow

OWNER = """
import sys
from ops.embedded.{module} import {start}
with {start}() as server:
    address = getattr(server, "address", server)
    connection = address.connect()
    cursor = connection.cursor()
    cursor.execute("SELECT @@pid_file")
    print(cursor.fetchone()[0], flush=True)
    sys.stdin.read()
"""


def test_every_test_gets_an_empty_schema_of_its_own(database: Database) -> None:
    engine = create_engine(database.url)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()")
        )
        assert found.scalar_one() == 0
    engine.dispose()


def test_the_schema_speaks_four_byte_utf8(database: Database) -> None:
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE words (word VARCHAR(20))")
        cursor.execute("INSERT INTO words VALUES (%s)", ("Größe 😀",))
        cursor.execute("SELECT word FROM words")
        assert cursor.fetchone() == ("Größe 😀",)
    connection.close()


def test_what_was_committed_survives_a_power_cut(crashable_mariadb: MariaDb) -> None:
    server = crashable_mariadb
    execute(server.address, "CREATE DATABASE shop")
    execute(server.address, "CREATE TABLE shop.orders (id INT PRIMARY KEY)")
    execute(server.address, "INSERT INTO shop.orders VALUES (42)")
    open_transaction = server.address.connect("shop", autocommit=False)
    open_transaction.query("INSERT INTO orders VALUES (43)")

    server.kill()
    server.start()

    connection = server.address.connect("shop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders")
        assert cursor.fetchall() == ((42,),)
    connection.close()


@pytest.mark.needs_mysql
def test_a_mysql_comes_back_from_a_power_cut_on_its_own_port_with_what_was_committed() -> None:
    with crashable_mysql() as server:
        execute(server.address, "CREATE TABLE app.orders (id INT PRIMARY KEY)")
        execute(server.address, "INSERT INTO app.orders VALUES (42)")

        server.kill()
        server.start()

        with server.address.connect("app") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM orders")
            assert cursor.fetchall() == ((42,),)


def test_a_server_listens_where_no_outgoing_connection_can_take_its_place() -> None:
    first, _ = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split())

    assert all(port < first for port in (free_port() for _ in range(50)))


def test_a_program_that_is_frozen_stands_still_until_it_is_thawed(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    process = GuardedProcess(["sh", "-c", f"while echo . >> {beats}; do sleep 0.01; done"], tmp_path / "log")
    until(lambda: beats.exists() and beats.stat().st_size > 4)

    process.freeze()
    until(lambda: state_of(process.pid) == "T")
    frozen_at = beats.stat().st_size
    assert not process.has_ended()
    process.thaw()

    until(lambda: beats.stat().st_size > frozen_at + 4)
    process.kill()


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


def test_commits_are_flushed_as_on_a_production_server(crashable_mariadb: MariaDb) -> None:
    connection = crashable_mariadb.address.connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite")
        assert cursor.fetchone() == (1, 1)
    connection.close()


def test_mariadb_never_runs_as_root(crashable_mariadb: MariaDb) -> None:
    owner = Path(f"/proc/{crashable_mariadb.pid}").stat().st_uid

    assert owner != 0


def test_mariadb_ends_when_its_owner_is_killed(mariadb_url: str) -> None:
    assert mariadb_url  # there is a MariaDB here
    assert_the_server_ends_with_its_owner("mariadb", "running_mariadb")


def test_mysql_ends_when_its_owner_is_killed(mysql_url: str) -> None:
    assert mysql_url  # there is a MySQL here
    assert_the_server_ends_with_its_owner("mysql97", "running_mysql")


def test_a_server_that_cannot_start_says_why(mariadb_url: str) -> None:
    assert mariadb_url  # there is a MariaDB here

    with pytest.raises(ServerNotStartedError, match="no-such-option"), running_mariadb(options=("--no-such-option",)):
        pass


def test_a_guarded_process_that_ignores_the_polite_request_is_killed(tmp_path: Path) -> None:
    process = GuardedProcess(
        ["/bin/sh", "-c", "trap '' TERM; while :; do read -r _ </dev/tty || :; done"], tmp_path / "log"
    )

    process.stop(timedelta(milliseconds=200))

    assert process.has_ended()


def assert_the_server_ends_with_its_owner(module: str, start: str) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER.format(module=module, start=start)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with owner:
        assert owner.stdout is not None
        pid_file = Path(owner.stdout.readline().decode().strip())
        server = os.pidfd_open(int(pid_file.read_text()))
        owner.kill()

    ended, _, _ = select.select([server], [], [], 30)
    os.close(server)
    assert ended
    left_behind = next(folder for folder in pid_file.parents if folder.name.startswith("erp-sidecar-"))
    shutil.rmtree(left_behind)
