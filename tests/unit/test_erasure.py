"""What of a payload is a person's, and what stays for the auditor."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.archive import FileArchive, manifest_of, read_lines
from sidecar.domain.erasure import SAYS, Person, erased
from sidecar.domain.errors import ConfigurationError, MalformedEvent
from sidecar.domain.events import OutboxId
from sidecar.domain.order import parse_payload
from tests.support.shop import order_payload

PAYLOAD = json.dumps(order_payload("OrderPlaced", 42, "event-42", note="ring twice"))


def test_ids_amounts_and_skus_stay_and_the_person_goes() -> None:
    left = erased(PAYLOAD)

    kept = json.loads(left)
    assert not any(word in left for word in ("Ann", "ann@example.com", "Road", "Berlin", "ring twice"))
    assert (kept["event_id"], kept["order"]["entity_id"], kept["order"]["grand_total"]) == ("event-42", 42, "35.0000")
    assert [(item["sku"], item["row_total"]) for item in kept["items"]] == [("sku-1", "10.0000"), ("sku-2", "20.0000")]
    assert kept["payload_sha256"] == hashlib.sha256(PAYLOAD.encode()).hexdigest()


def test_of_a_document_its_number_state_and_amounts_stay() -> None:
    address = {"firstname": "Ann", "street": ["1 Road"]}
    invoice = {"entity_id": 7, "increment_id": "IN-7", "state": 2, "grand_total": "35.0000", "customer_note": "for Ann"}
    payload = {"type": "InvoiceCreated", "invoice": invoice, "payment": {"method": "card"}, "billing": address}

    kept = json.loads(erased(json.dumps(payload)))

    assert kept["invoice"] == {name: invoice[name] for name in ("entity_id", "increment_id", "state", "grand_total")}
    assert "Ann" not in json.dumps(kept)


def test_an_account_leaves_nothing_but_its_envelope() -> None:
    payload = {"event_id": "e", "type": "CustomerSaved", "customer": {"entity_id": 7, "email": "ann@example.com"}}

    assert set(json.loads(erased(json.dumps(payload)))) == {"event_id", "type", "erased", "payload_sha256"}


def test_fields_that_nobody_knows_go_too() -> None:
    payload = {**json.loads(PAYLOAD), "extra": {"order": {"nickname": "Annie"}}}

    assert "Annie" not in erased(json.dumps(payload))


def test_an_erased_payload_can_never_be_sent() -> None:
    with pytest.raises(MalformedEvent, match=SAYS):
        parse_payload(erased(PAYLOAD))


def test_erasing_again_changes_nothing_and_what_is_no_json_leaves_its_hash() -> None:
    assert erased(erased(PAYLOAD)) == erased(PAYLOAD)
    assert set(json.loads(erased("{broken"))) == {"erased", "payload_sha256"}


@pytest.mark.parametrize(
    ("person", "payload", "is_in"),
    [
        (Person("ann@example.com"), '{"customer_email":"ann@example.com"}', True),
        (Person("ANN@example.com"), '{"email": "ann@example.com"}', True),
        (Person("ann@example.com"), '{"customer_email":"joann@example.com"}', False),
        (Person("a.n@example.com"), '{"customer_email":"aXn@example.com"}', False),
        (Person("ann+shop@example.com"), '{"customer_email":"ann+shop@example.com"}', True),
        (Person("ann@example.com"), '{"comment":"ask ann@example.com"}', False),
        (Person(customer_id=7), '{"customer_id":7,"a":1}', True),
        (Person(customer_id=7), '{"customer_id":77}', False),
    ],
)
def test_a_person_is_found_by_the_fields_that_name_a_customer(person: Person, payload: str, *, is_in: bool) -> None:
    assert person.is_in(payload) is is_in


@pytest.mark.parametrize("named", [{}, {"email": "a@b", "customer_id": 1}, {"email": "%"}, {"email": "a b@c"}])
def test_what_names_nobody_or_everybody_is_refused(named: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Person(**named)


def test_archives_are_rewritten_whole_and_a_broken_one_is_named(tmp_path: Path) -> None:
    archive = FileArchive(tmp_path)
    rows = [{"id": number, "lane": f"order:{number}", "payload": "ann" if number == 2 else "bob"} for number in (1, 2)]
    path = Path(archive.keep(OutboxId(1), OutboxId(2), rows))
    before = json.loads(manifest_of(path).read_text())
    (tmp_path / "erp_outbox-3.jsonl.gz").write_bytes(b"no gzip")

    def change(row: dict[str, Any]) -> dict[str, Any] | None:
        return {**row, "payload": ""} if row["payload"] == "ann" else None

    told = archive.rewrite(change, dry_run=True)
    assert list(read_lines(path)) == rows
    done = archive.rewrite(change, dry_run=False)

    assert told == done == ({str(path): 1}, [str(tmp_path / "erp_outbox-3.jsonl.gz")])
    assert [row["payload"] for row in read_lines(path)] == ["bob", ""]
    manifest = json.loads(manifest_of(path).read_text())
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() != before["sha256"]
    assert oct(path.stat().st_mode & 0o777) == "0o600"
