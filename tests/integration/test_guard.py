"""The guard on real tables: what it makes, remembers, lets pass and refuses."""

import threading
from pathlib import Path

import pytest

from sidecar.domain.errors import ConfigurationError, IdentityError
from sidecar.domain.identity import Mark
from sidecar.engine.identity import Guard
from sidecar.mysql.instance_store import InstanceStore
from sidecar.state_file import StateFile
from tests.support.backups import back_up
from tests.support.daemon import until
from tests.support.rig import Notes
from tests.support.stores import Tables


def guard_of(tables: Tables, host: Path, name: str = "M1") -> Guard:
    return Guard(InstanceStore(tables.session), StateFile(host), name, Notes())


def served(tables: Tables, host: Path, *outbox_ids: int) -> Guard:
    """A guard that has seen these events, on a host that remembers them."""
    for outbox_id in outbox_ids:
        tables.add_event(outbox_id)
    guard = guard_of(tables, host)
    guard.begin()
    return guard


def set_cursor(tables: Tables, accounted_to: int) -> None:
    tables.run(
        "REPLACE INTO {prefix}erp_cursor (destination, stream, token, accounted_to, open_gaps, intents)"
        " VALUES ('erp', 'documents', 1, %s, '[]', '[]')",
        accounted_to,
    )


def test_the_first_look_marks_the_database_and_writes_the_host_s_memory(tables: Tables, tmp_path: Path) -> None:
    served(tables, tmp_path, 1, 2)

    memory = StateFile(tmp_path).read()
    assert memory is not None
    assert memory.newest == Mark(2, "event-2")
    assert tables.rows("SELECT instance_id, name, schema_name FROM {prefix}erp_instance") == [
        (memory.instance_id, "M1", tables.database.name)
    ]


def test_two_hosts_that_begin_together_serve_one_shop(tables: Tables, tmp_path: Path) -> None:
    guards = [guard_of(tables, tmp_path / str(host)) for host in range(4)]
    threads = [threading.Thread(target=guard.begin) for guard in guards]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    memories = [StateFile(tmp_path / str(host)).read() for host in range(4)]
    assert len({memory.instance_id for memory in memories if memory is not None}) == 1
    assert None not in memories
    assert tables.count("erp_instance") == 1


def test_a_second_start_on_the_same_host_and_a_first_one_on_a_standby_are_fine(tables: Tables, tmp_path: Path) -> None:
    served(tables, tmp_path / "host", 1)

    served(tables, tmp_path / "host", 2)
    served(tables, tmp_path / "standby", 3)


def test_new_orders_under_old_ids_do_not_hide_a_restore(tables: Tables, tmp_path: Path) -> None:
    tables.add_event(1)
    backup = back_up(tables.database)
    served(tables, tmp_path, 2)
    instance = tables.rows("SELECT * FROM {prefix}erp_instance")
    backup.restore(tables.database)
    tables.insert("erp_instance", **instance_columns(instance[0]))
    for outbox_id in (2, 3, 4):
        tables.run(
            "INSERT INTO {prefix}erp_outbox (id, event_id, type, schema_version, aggregate_type, aggregate_id,"
            " occurred_at_us, origin, payload_bytes, payload) VALUES (%s, UUID(), 'OrderPlaced', 1, 'order', '1',"
            " 1, 'test', 0, '')",
            outbox_id,
        )

    with pytest.raises(IdentityError, match="event 2 is another one than it was") as caught:
        guard_of(tables, tmp_path).begin()

    assert "erp-sidecar restore declare" in caught.value.hint


def instance_columns(row: tuple[object, ...]) -> dict[str, object]:
    names = ("only_row", "instance_id", "name", "server", "schema_name", "address", "made_at", "changed_at")
    return dict(zip(names, row, strict=True))


def test_what_a_relay_has_read_a_moment_ago_counts_before_it_is_written(tables: Tables, tmp_path: Path) -> None:
    guard = served(tables, tmp_path, 1)
    guard.saw(Mark(2, "event-2"))

    with pytest.raises(IdentityError, match="event 2 is gone"):
        guard.look()

    with pytest.raises(IdentityError, match="event 2 is gone"):
        guard.require()


def test_a_purge_of_what_is_accounted_for_is_no_restore(tables: Tables, tmp_path: Path) -> None:
    set_cursor(tables, 2)
    served(tables, tmp_path, 1, 2)
    tables.run("DELETE FROM {prefix}erp_outbox")

    served(tables, tmp_path, 3)
    tables.run("DELETE FROM {prefix}erp_outbox")

    with pytest.raises(IdentityError, match="event 3 is gone"):
        guard_of(tables, tmp_path).begin()


def test_a_cursor_that_was_restored_alone_is_noticed(tables: Tables, tmp_path: Path) -> None:
    set_cursor(tables, 2)
    served(tables, tmp_path, 1, 2)
    set_cursor(tables, 1)

    with pytest.raises(IdentityError, match="the cursor of erp/documents is at 1, and was at 2"):
        guard_of(tables, tmp_path).begin()


def test_a_database_that_belongs_elsewhere_is_a_copy_to_a_new_host_and_was_moved_to_one_that_knows_it(
    tables: Tables, tmp_path: Path
) -> None:
    served(tables, tmp_path / "host", 1)
    tables.run("UPDATE {prefix}erp_instance SET server = 'server_uuid of another'")

    with pytest.raises(IdentityError, match="the database is on another server") as moved:
        guard_of(tables, tmp_path / "host").begin()
    with pytest.raises(IdentityError, match="the database is a copy") as copied:
        guard_of(tables, tmp_path / "new").begin()

    assert "--promoted" in moved.value.hint
    assert "--as-copy" in copied.value.hint
    assert StateFile(tmp_path / "new").read() is None


def test_the_address_of_a_server_that_was_renamed_is_brought_up_to_date(tables: Tables, tmp_path: Path) -> None:
    served(tables, tmp_path / "host", 1)
    tables.run("UPDATE {prefix}erp_instance SET address = 'the-old-name:3306'")

    served(tables, tmp_path / "host", 2)
    served(tables, tmp_path / "standby", 3)

    assert tables.value("SELECT address FROM {prefix}erp_instance") != "the-old-name:3306"


def test_another_name_in_the_blueprint_is_refused(tables: Tables, tmp_path: Path) -> None:
    served(tables, tmp_path, 1)

    with pytest.raises(IdentityError, match="named M1, and the blueprint says M2"):
        guard_of(tables, tmp_path, "M2").begin()


def test_the_memory_follows_the_outbox_beside_the_work_and_is_complete_at_the_end(
    tables: Tables, tmp_path: Path
) -> None:
    guard, stopping = served(tables, tmp_path, 1), threading.Event()
    thread = threading.Thread(target=guard.keep_looking, args=(stopping, 0.01))
    thread.start()
    try:
        tables.add_event(2)
        until(lambda: newest(tmp_path) == 2)
        tables.add_event(3)
    finally:
        stopping.set()
        thread.join()

    assert newest(tmp_path) == 3


def newest(host: Path) -> int:
    memory = StateFile(host).read()
    assert memory is not None
    return memory.newest.id


def test_a_memory_that_cannot_be_written_is_refused_before_anything_is_sent(tables: Tables, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")

    with pytest.raises(ConfigurationError, match="cannot be read"):
        guard_of(tables, tmp_path / "state").begin()
