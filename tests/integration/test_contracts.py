"""An ERP's interface changes: kept once, found, shown by the doctor, and accepted by a person."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sidecar.domain.contract import Contract, Sighting
from sidecar.domain.documents import Health
from sidecar.domain.errors import NotPossible
from sidecar.engine.contracts import ContractWatch
from sidecar.mysql.contract_store import ContractStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from tests.support.daemon import Configured, configure, until
from tests.support.rig import Notes, Rig
from tests.support.sandbox import API_KEY
from tests.support.scripted_http import Listener, http_answer, read_request
from tests.support.servers import Database
from tests.support.stores import ERP, OTHER, Tables

FIRST = Contract("Odoo 19.0", {"sale.order.note": "html"})
SECOND = Contract("Odoo 19.1", {"sale.order.note": "text"})


def findings(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows("SELECT kind, subject, erp_value, state FROM {prefix}erp_finding ORDER BY id")


def kept(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows("SELECT digest, changes, accepted_by FROM {prefix}erp_contract ORDER BY id")


def test_the_first_contract_is_accepted_as_it_is_met(tables: Tables) -> None:
    store = ContractStore(tables.session)

    assert store.saw(ERP, FIRST) is Sighting.FIRST
    assert store.saw(ERP, FIRST) is Sighting.SAME
    assert store.saw(OTHER, SECOND) is Sighting.FIRST

    assert kept(tables) == [(FIRST.digest, "", "first met"), (SECOND.digest, "", "first met")]
    assert findings(tables) == []
    assert tables.value("SELECT last_seen_at > first_seen_at FROM {prefix}erp_contract LIMIT 1") == 1


def test_a_change_is_one_row_and_one_finding_however_often_it_is_seen(tables: Tables) -> None:
    store = ContractStore(tables.session)
    store.saw(ERP, FIRST)

    sightings = [store.saw(ERP, SECOND) for _ in range(3)]

    assert sightings == [Sighting.CHANGED, Sighting.SAME, Sighting.SAME]
    assert kept(tables)[1:] == [(SECOND.digest, "sale.order.note was html, is text", None)]
    told = "sale.order.note was html, is text"
    assert findings(tables) == [("contract_changed", f"contract {SECOND.digest[:12]}", told, "open")]


def test_a_change_that_is_accepted_is_recorded_and_its_finding_ends(tables: Tables) -> None:
    store = ContractStore(tables.session)
    store.saw(ERP, FIRST)
    store.saw(ERP, SECOND)

    store.accept(ERP, SECOND.digest[:12], "ann", "tried on the test system")
    store.saw(ERP, SECOND)

    assert kept(tables)[1][2] == "ann"
    assert [row[3] for row in findings(tables)] == ["repaired"]
    action = tables.rows("SELECT action, actor, reason, destination FROM {prefix}erp_operator_action")
    assert action == [("accept", "ann", f"contract {SECOND.digest[:12]}: tried on the test system", ERP)]


def test_an_accepted_contract_that_comes_back_needs_nobody(tables: Tables) -> None:
    store = ContractStore(tables.session)
    store.saw(ERP, FIRST)
    store.saw(ERP, SECOND)

    assert store.saw(ERP, FIRST) is Sighting.BACK

    assert [row[2] for row in kept(tables)] == ["first met", None, "first met"]
    assert [row[3] for row in findings(tables)] == ["repaired"]


def test_a_second_change_takes_the_place_of_the_first_and_tells_all_since_it_was_accepted(tables: Tables) -> None:
    store, third = ContractStore(tables.session), Contract("Odoo 19.2", {"sale.order.note": "char", "x": "char"})
    for contract in (FIRST, SECOND, third):
        store.saw(ERP, contract)

    assert [(row[1], row[3]) for row in findings(tables)] == [
        (f"contract {SECOND.digest[:12]}", "repaired"),
        (f"contract {third.digest[:12]}", "open"),
    ]
    assert kept(tables)[2][1] == "sale.order.note was html, is char; x is new: char"


@pytest.mark.parametrize("digest", ["000000", FIRST.digest[:12]])
def test_what_is_not_there_now_cannot_be_accepted(digest: str, tables: Tables) -> None:
    store = ContractStore(tables.session)
    with pytest.raises(NotPossible, match="no contract"):
        store.accept(ERP, digest, "ann", "why not")
    store.saw(ERP, FIRST)
    store.saw(ERP, SECOND)

    with pytest.raises(NotPossible, match=f"is {SECOND.digest[:12]} now, not {digest}"):
        store.accept(ERP, digest, "ann", "why not")


def test_an_erp_that_does_not_answer_has_not_changed(tables: Tables) -> None:
    store, notes = ContractStore(tables.session), Notes()
    store.saw(ERP, FIRST)
    silent = Health(reachable=False, problems=("it does not answer",))

    watch = ContractWatch(ERP, lambda: silent, store, ReconciliationStore(tables.session), notes)
    summary = watch.look(lambda: True)

    assert (summary.complete, summary.findings) == (False, 0)
    assert len(kept(tables)) == 1
    assert [name for name, _ in notes.seen] == ["probe.problems"]


class Pinged:
    """An ERP that answers a ping with the version that the test says, and nothing else."""

    def __init__(self) -> None:
        self.version = "3.1"
        self._listener = Listener(self._serve)
        self.url = f"http://{self._listener.address}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self, connection: socket.socket, _: threading.Event) -> None:
        while head := read_request(connection):
            known = API_KEY.encode() in head
            granted = ["orders.read", "orders.write", "stock.read", "stock.write"]
            body = {"product": "Our ERP", "version": self.version, "permissions": granted}
            connection.sendall(http_answer(200 if known else 401, json.dumps(body)))


@pytest.fixture
def pinged() -> Iterator[Pinged]:
    with closing(Pinged()) as erp:
        yield erp


@pytest.fixture
def sidecar(rig: Rig, database: Database, tmp_path: Path, pinged: Pinged) -> Configured:
    del rig  # it has made the tables
    folder = tmp_path / "etc"
    folder.mkdir()
    return configure(folder, database, pinged.url)


def interface(sidecar: Configured) -> dict[str, str]:
    examined = json.loads(sidecar.run("doctor", "--json").stdout)
    rows = examined if isinstance(examined, list) else next(iter(examined.values()))
    (row,) = [row for row in rows if row["check"] == "interface of erp"]
    return dict(row)


@pytest.mark.slow
def test_the_service_finds_a_change_the_doctor_tells_it_and_a_person_accepts_it(
    rig: Rig, sidecar: Configured, pinged: Pinged
) -> None:
    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        until(lambda: bool(rig.shop.rows("SELECT 1 FROM erp_contract")))
        daemon.stop()
    pinged.version = "3.2"

    before = interface(sidecar)
    name = before["found"].partition(",")[0]
    done = sidecar.run("contract", "accept", "erp", name, "--reason", "tried on the test system")
    after = interface(sidecar)

    assert (before["state"], after["state"]) == ("warn", "ok")
    assert "declared version was 3.1, is 3.2" in before["found"]
    assert done.returncode == 0, done.stderr
    assert rig.shop.rows("SELECT kind, state FROM erp_finding") == [("contract_changed", "repaired")]
    listed = sidecar.run("contract", "list").stdout
    assert "3.2" in listed


def test_a_contract_that_is_not_there_any_more_is_not_accepted(sidecar: Configured) -> None:
    refused = sidecar.run("contract", "accept", "erp", "abcdef", "--reason", "looked fine")

    assert refused.returncode == 1
    assert "now, not abcdef" in refused.stderr
