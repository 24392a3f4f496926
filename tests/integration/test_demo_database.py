"""The demonstration never touches a schema that it did not make, and says what it needs when it finds no database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded.demo_database import MARKER, NAMED, DemoDatabaseError, Machine, demo_database
from tests.support.servers import Database, execute


@pytest.fixture
def named(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a schema that does not exist yet, named in the environment."""
    schema = f"{database.name}_demo"
    monkeypatch.setenv(NAMED, database.server.url(schema))
    yield schema
    execute(database.server, f"DROP DATABASE IF EXISTS {schema}")


def test_a_schema_that_does_not_exist_yet_is_made(database: Database, named: str) -> None:
    with demo_database() as made:
        assert made.schema == named
        assert tables_of(database, named) == [MARKER]


def test_the_schema_of_an_earlier_demonstration_is_emptied_and_used_again(database: Database, named: str) -> None:
    with demo_database():
        execute(database.server, f"CREATE TABLE {named}.left_over (id INT)")

    with demo_database():
        assert tables_of(database, named) == [MARKER]


def test_a_schema_of_somebody_else_is_refused_and_left_alone(database: Database, named: str) -> None:
    execute(database.server, f"CREATE DATABASE {named}")
    execute(database.server, f"CREATE TABLE {named}.sales_order (id INT)")

    with pytest.raises(DemoDatabaseError, match="was not made by the demonstration"), demo_database():
        pass

    assert tables_of(database, named) == ["sales_order"]


def test_an_empty_schema_of_somebody_else_is_refused_too(database: Database, named: str) -> None:
    execute(database.server, f"CREATE DATABASE {named}")

    with pytest.raises(DemoDatabaseError, match="was not made by the demonstration"), demo_database():
        pass


def test_a_refused_login_names_the_server_and_not_the_password(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = database.server
    monkeypatch.setenv(NAMED, f"mysql://nobody:hunter2@{server.host}:{server.port}/new_schema")

    with pytest.raises(DemoDatabaseError, match=f"{server.host}:{server.port}") as refused, demo_database():
        pass

    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("my database", "cannot be read"),
        ("postgresql://u:p@localhost/x", "only MySQL and MariaDB"),
        ("mysql://u:p@localhost/", "names the schema ''"),
        ("mysql://u:p@localhost/a-b", "names the schema 'a-b'"),
    ],
)
def test_a_misspelt_address_says_how_to_write_it(dsn: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED, dsn)

    with pytest.raises(DemoDatabaseError, match=words) as refused, demo_database():
        pass

    assert "mysql://USER:PASSWORD@HOST:PORT/SCHEMA" in str(refused.value)


def test_a_machine_without_any_database_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAMED, raising=False)
    bare = Machine(
        mariadb_on_path=lambda: None,
        docker_answers=lambda: False,
        unpack_mariadb=lambda: "this is no Debian",
        unpacked_mariadb=tmp_path / "absent",
    )

    with pytest.raises(DemoDatabaseError, match="this is no Debian") as refused, demo_database(bare):
        pass

    assert "Install MariaDB, start Docker, or set" in str(refused.value)


def tables_of(database: Database, schema: str) -> list[str]:
    connection = database.server.connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (schema,))
        names = sorted(str(row[0]) for row in cursor.fetchall())
    connection.close()
    return names
