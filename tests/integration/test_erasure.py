"""One customer is erased from everything that the sidecar keeps; the audit trail stands."""

import json
from pathlib import Path

import pytest

from sidecar.archive import FileArchive, read_lines
from sidecar.domain.erasure import SAYS, ErasureSummary, Person
from sidecar.engine.eraser import Eraser
from sidecar.mysql.erasure_store import ErasureStore
from tests.support.aged import janitor_on
from tests.support.daemon import Configured, configure
from tests.support.rig import Rig, turn_until

pytestmark = pytest.mark.slow

ANN = "ann@example.com"
BOB = "bob@example.com"
PERSONAL = (ANN, "Ann", "1 Road", "ring twice")


@pytest.fixture
def archive(tmp_path: Path) -> FileArchive:
    return FileArchive(tmp_path / "archive")


@pytest.fixture
def shop_of_two(rig: Rig, archive: FileArchive) -> Rig:
    """Ann ordered twice, the first order purged into the archive; Bob once. All is done."""
    first = rig.shop.place(1)
    relay = rig.relay()
    turn_until(relay, lambda: first in rig.receipts_by_event())
    rig.shop.execute("UPDATE erp_outbox SET occurred_at_us = 1700000000000000")
    janitor_on(rig.session, archive=archive).purge()
    ids = [rig.shop.place(2), rig.shop.update(2, quantity="3.0000", note="ring twice"), rig.shop.place(3)]
    rig.shop.execute("UPDATE sales_order SET customer_email = %s, customer_id = 7 WHERE entity_id < 3", ANN)
    rig.shop.execute(
        "UPDATE erp_outbox SET payload = REPLACE(REPLACE(REPLACE(payload, 'ann@', 'bob@'), 'Ann', 'Bob'), '1 Road',"
        " '2') WHERE lane = 'order:3'"
    )
    turn_until(relay, lambda: set(ids) <= set(rig.receipts_by_event()))
    relay.close()
    return rig


def erase(rig: Rig, archive: FileArchive, person: Person, *, dry_run: bool = False) -> ErasureSummary:
    eraser = Eraser(ErasureStore(rig.session), archive, rig.notes)
    return eraser.erase(person, "ann-marie", "ticket 7", dry_run=dry_run)


def everything(rig: Rig, archive: Path) -> str:
    """Every text in our tables and in the archive."""
    tables = ("outbox", "receipt", "operator_action", "finding", "event_edit", "delivery", "document")
    rows = [rig.shop.rows(f"SELECT * FROM erp_{table}") for table in tables]  # noqa: S608 -- fixed names
    files = [list(read_lines(path)) for path in archive.glob("*.jsonl.gz")]
    return f"{rows} {files}"


@pytest.mark.parametrize(
    "person", [Person(ANN), Person("ANN@example.com"), Person(customer_id=7)], ids=["email", "other case", "id"]
)
def test_a_customer_is_gone_from_events_trail_and_archive_and_another_stays(
    shop_of_two: Rig, archive: FileArchive, tmp_path: Path, person: Person
) -> None:
    rig = shop_of_two
    rig.shop.execute(
        "INSERT INTO erp_operator_action (action, actor, reason, destination, outbox_id, lane, fault_before)"
        " VALUES ('retry', 'bert', 'Ann called', 'erp', 2, 'order:2', 'Ann has no credit')"
    )
    rig.shop.execute(
        "INSERT INTO erp_event_edit (destination, outbox_id, lane, payload_before, payload_after, sha256_before,"
        " sha256_after, edited_by) SELECT 'erp', id, lane, payload, payload, '', '', 'bert' FROM erp_outbox"
        " WHERE lane = 'order:2' LIMIT 1"
    )
    rig.shop.execute(
        "INSERT INTO erp_finding (fingerprint, destination, kind, subject, path, magento_value, erp_value, source)"
        " VALUES ('f', 'erp', 'line_sku', 'order:2', '', 'engraved: Ann', 'none', 'x')"
    )

    rig.shop.execute(
        "INSERT INTO erp_rejection (destination, outbox_id, entity_id, reason, fault, hint, resolved_at)"
        " SELECT 'erp', id, 2, 'the ERP refused it', 'Ann has no credit', '', NOW(6) FROM erp_outbox"
        " WHERE lane = 'order:2' LIMIT 1"
    )

    summary = erase(rig, archive, person)

    assert rig.shop.rows("SELECT fault FROM erp_rejection") == [("erased on request",)]
    text = everything(rig, tmp_path / "archive")
    assert not any(word in text for word in PERSONAL)
    assert BOB in text
    assert (summary.orders, summary.events, summary.trails, len(summary.archives)) == (2, 2, 3, 1)
    assert rig.shop.rows("SELECT actor, reason FROM erp_operator_action WHERE action = 'retry'") == [
        ("bert", "erased on request")
    ]
    assert rig.shop.rows("SELECT actor, reason FROM erp_operator_action WHERE action = 'erase'") == [
        ("ann-marie", "2 orders, 2 events: ticket 7")
    ]
    assert len(rig.receipts_by_event()) == 4


def test_amounts_hashes_and_the_erp_number_still_tell_what_happened(shop_of_two: Rig, archive: FileArchive) -> None:
    erase(shop_of_two, archive, Person(ANN))

    payloads = [json.loads(text) for (text,) in shop_of_two.shop.rows("SELECT payload FROM erp_outbox ORDER BY id")]
    assert [payload.get("erased") for payload in payloads] == [SAYS, SAYS, None]
    assert payloads[0]["order"]["grand_total"] == "35.0000"
    assert shop_of_two.shop.rows("SELECT COUNT(*) FROM erp_document WHERE entity_id IN (1, 2)") == [(2,)]


def test_what_was_told_of_the_account_itself_goes_too_and_another_account_stays(
    shop_of_two: Rig, archive: FileArchive
) -> None:
    rig = shop_of_two
    events = [
        rig.shop.emit_raw("CustomerSaved", f"customer:{number}", f'{{"customer": {{"entity_id": {number}}}}}')
        for number in (7, 8)
    ]
    turn_until(rig.relay(), lambda: set(events) <= set(rig.receipts_by_event()))

    erase(rig, archive, Person(customer_id=7))

    told = "SELECT payload FROM erp_outbox WHERE id IN (%s, %s) ORDER BY id"
    assert ["erased" in json.loads(text) for (text,) in rig.shop.rows(told, *events)] == [True, False]


def test_while_an_event_is_not_done_nothing_is_erased_and_the_event_is_named(
    shop_of_two: Rig, archive: FileArchive, tmp_path: Path
) -> None:
    waiting = shop_of_two.shop.place(5, method="card")
    before = everything(shop_of_two, tmp_path / "archive")

    summary = erase(shop_of_two, archive, Person(ANN))

    assert [(one.id, one.lane) for one in summary.unfinished] == [(waiting, "order:5")]
    assert everything(shop_of_two, tmp_path / "archive") == before


def test_a_dry_run_counts_and_changes_nothing(shop_of_two: Rig, archive: FileArchive, tmp_path: Path) -> None:
    before = everything(shop_of_two, tmp_path / "archive")

    summary = erase(shop_of_two, archive, Person(ANN), dry_run=True)

    assert (summary.orders, summary.events, len(summary.archives)) == (2, 2, 1)
    assert everything(shop_of_two, tmp_path / "archive") == before


def test_erasing_twice_is_as_good_as_once(shop_of_two: Rig, archive: FileArchive) -> None:
    erase(shop_of_two, archive, Person(customer_id=7))

    again = erase(shop_of_two, archive, Person(customer_id=7))

    assert (again.events, dict(again.archives)) == (2, {})


def test_the_command_reads_the_address_unseen_and_refuses_a_reason_that_names_the_customer(
    shop_of_two: Rig, tmp_path: Path
) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    sidecar: Configured = configure(folder, shop_of_two.shop.database, shop_of_two.erp.url)
    with sidecar.settings.open("a") as file:
        file.write(f'\n[janitor]\narchive = "{tmp_path / "archive"}"\n')

    refused = sidecar.run("customer", "erase", "--email", ANN, "--reason", f"asked by {ANN}")
    told = sidecar.run("customer", "erase", "--customer-id", "7", "--reason", "ticket 7", "--dry-run")
    done = sidecar.run("customer", "erase", "--customer-id", "7", "--reason", "ticket 7", "--json")

    assert refused.returncode == 78
    assert "2 events of 2 orders would be overwritten" in told.stdout, told.stderr
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["erased"]
    assert ANN not in done.stdout + done.stderr + told.stdout
