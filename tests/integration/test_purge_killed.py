"""The purge as a person types it: with an archive, killed half-way, and typed again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.archive import manifest_of, read_lines
from tests.support.daemon import Configured, configure, until
from tests.support.made_tables import make_tables
from tests.support.servers import Database
from tests.support.shop import Shop

EVENTS = 3000
COLUMNS = (
    "id, event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id, occurred_at_us, origin,"
    " trace_parent, payload_bytes, payload"
)
FILL = (
    "INSERT INTO erp_outbox (event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id,"
    " occurred_at_us, origin, payload_bytes, payload)"
    " VALUES (UUID(), 'OrderPlaced', 1, %s, 'order', %s, 1, 1700000000000000, 'test', %s, %s)"
)


@pytest.fixture
def shop(database: Database) -> Shop:
    """A shop with a long past, all of it done."""
    shop = Shop(database)
    make_tables(database)
    payload = json.dumps({"note": "Zoë"}) + "\n"
    with database.connect(autocommit=False) as connection, connection.cursor() as cursor:
        rows = [(f"order:{number}", str(number), len(payload), payload) for number in range(EVENTS)]
        cursor.executemany(FILL, rows)
        cursor.execute(
            "INSERT INTO erp_receipt (destination, outbox_id, outcome, actor)"
            " SELECT 'erp', id, 'delivered', 'relay' FROM erp_outbox"
        )
        cursor.execute(
            "INSERT INTO erp_cursor (destination, stream, token, accounted_to, open_gaps, intents)"
            " SELECT 'erp', 'documents', 1, MAX(id), '[]', '[]' FROM erp_outbox"
        )
        connection.commit()
    return shop


@pytest.fixture
def sidecar(tmp_path: Path, database: Database) -> Configured:
    made = configure(tmp_path, database, "http://127.0.0.1:1")
    with made.settings.open("a") as file:
        file.write('\n[janitor]\nchunk = 50\narchive = "archive"\n')
    return made


def archived(folder: Path) -> Iterator[dict[str, object]]:
    """The rows of every file that has a manifest."""
    for path in sorted((folder / "archive").glob("*.jsonl.gz")):
        if manifest_of(path).exists():
            yield from read_lines(path)


def names(columns: str) -> list[str]:
    return [name.strip() for name in columns.split(",")]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["while it archives", "while it deletes"])
def test_a_purge_that_is_killed_loses_no_event_and_the_next_one_ends_it(
    shop: Shop, sidecar: Configured, moment: str
) -> None:
    rows = shop.rows(f"SELECT {COLUMNS} FROM erp_outbox")  # noqa: S608 -- fixed names
    before = [dict(zip(names(COLUMNS), row, strict=True)) for row in rows]
    archive = sidecar.folder / "archive"

    with sidecar.running("outbox", "purge") as process:
        if moment == "while it archives":
            until(lambda: any(archive.glob(".*.tmp")))
        else:
            until(lambda: shop.rows("SELECT 1 FROM erp_outbox_floor WHERE floor_id > 100") != [])
        process.kill()
    left = [row[0] for row in shop.rows("SELECT id FROM erp_outbox")]
    kept = {row["id"] for row in archived(sidecar.folder)}
    assert left
    assert kept | set(left) == {row["id"] for row in before}

    done = sidecar.run("outbox", "purge", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["complete"]
    assert shop.rows("SELECT id FROM erp_outbox") == []
    again = {row["id"]: row for row in archived(sidecar.folder)}
    assert [again[row["id"]] for row in before] == before


@pytest.mark.slow
def test_the_command_tells_what_would_go_and_why_no_more(shop: Shop, sidecar: Configured) -> None:
    shop.execute("UPDATE erp_cursor SET accounted_to = 2000")

    told = sidecar.run("outbox", "purge", "--dry-run")

    assert told.returncode == 0, told.stderr
    assert "2000 events would go; the outbox then begins above id 2000." in told.stdout
    assert "No more, because: the documents of erp are accounted for up to event 2000." in told.stdout
    assert shop.rows("SELECT COUNT(*) FROM erp_outbox") == [(EVENTS,)]


@pytest.mark.slow
def test_a_purge_that_a_person_typed_is_on_record(shop: Shop, sidecar: Configured) -> None:
    sidecar.run("outbox", "purge", "--limit", "100")

    ((action, reason),) = shop.rows("SELECT action, reason FROM erp_operator_action")
    assert (action, reason) == ("purge", "100 events, up to id 100")
