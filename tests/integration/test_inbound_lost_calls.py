"""Whatever is lost or killed amid a call to Magento, its document is made once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.domain.inbound import InboundState
from sidecar.mysql.inbound_store import InboundStore
from tests.support.way_back import WayBack, lines

pytestmark = pytest.mark.needs_php

ORDER = 42
FIRST, SECOND = ORDER * 10 + 1, ORDER * 10 + 2
ALL = {FIRST: 2, SECOND: 2}
TRACK = {"carrier": "dhl", "title": "DHL", "number": "00340434"}


# -- lost calls ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["error_after_commit", "cut_answer"])
def test_a_shipment_whose_answer_was_lost_is_found_by_its_comment_and_not_made_twice(way: WayBack, fault: str) -> None:
    way.erp.deliver(way.place(ORDER))
    way.magento.fail_next(fault, on="ship")  # type: ignore[arg-type] # one of its faults
    way.carry()
    assert way.only().state is InboundState.UNKNOWN

    way.time_passes()
    way.carry()

    assert way.only().state is InboundState.DONE
    assert len(way.documents("shipment")) == len(way.magento.calls("ship")) == 1


@pytest.mark.slow
def test_a_lost_call_that_left_nothing_is_made_once_more_when_php_cannot_be_running_any_more(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER))
    way.magento.fail_next("error_page", on="ship")
    way.carry()
    assert way.only().state is InboundState.UNKNOWN

    way.shop.execute("UPDATE erp_inbound_document SET next_attempt_at = NOW(6)")
    way.carry()
    assert (way.only().state, len(way.magento.calls("ship"))) == (InboundState.UNKNOWN, 1)
    way.time_passes()
    way.carry()

    assert way.only().state is InboundState.DONE
    assert len(way.magento.calls("ship")) == 2
    assert way.documents("shipment") == [ALL]


@pytest.mark.slow
def test_a_call_that_is_lost_twice_and_leaves_nothing_is_a_persons_business(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER))
    for _ in range(2):
        way.magento.fail_next("error_page", on="ship")
    way.carry()
    for _ in range(2):
        way.time_passes()
        way.carry()

    assert way.only().state is InboundState.PARKED
    assert len(way.magento.calls("ship")) == 2

    way.decisions.retry(way.only().id, "ann", "PHP was out of memory")
    way.carry()
    assert way.documents("shipment") == [ALL]


@pytest.mark.slow
def test_php_that_is_still_running_when_the_deadline_passes_is_given_the_time_to_finish(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER))
    way.write_anew(deadline=timedelta(seconds=1))
    way.magento.fail_next("held", on="ship")
    with way.magento.gate_closed():
        way.carry()
        assert way.only().state is InboundState.UNKNOWN
        way.shop.execute("UPDATE erp_inbound_document SET next_attempt_at = NOW(6)")
        way.carry()
        assert "PHP may still be running" in way.only().reason
    way.magento.wait_for("committed")

    way.time_passes()
    way.carry()

    assert way.only().state is InboundState.DONE
    assert len(way.documents("shipment")) == len(way.magento.calls("ship")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("was_made", [True, False])
def test_a_process_that_dies_amid_the_call_leaves_nothing_lost_and_nothing_doubled(
    way: WayBack, *, was_made: bool
) -> None:
    way.erp.deliver(way.place(ORDER))
    while way.reader.turn():
        pass
    store = InboundStore(way.session)
    (entry,) = store.due(way.policy.name, 9)
    ask = way.writer._planner.ask_for(entry)  # noqa: SLF001 -- what the dying process has worked out
    assert store.begin(entry, ask) is not None
    if was_made:
        way.services.ship(ORDER, ask.request, 10)

    way.write_anew()
    way.carry()
    way.time_passes()
    way.carry()

    assert way.only().state is InboundState.DONE
    assert way.documents("shipment") == [ALL]
    assert len(way.magento.calls("ship")) == 1


@pytest.mark.slow
def test_a_shipment_that_somebody_made_at_the_same_time_is_never_taken_for_ours(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER), lines=lines((FIRST, "1")))
    way.magento.fail_next("error_page", on="ship")
    way.carry()
    entry = way.only()
    assert entry.ask is not None
    way.services.ship(ORDER, replace(entry.ask.request, mark="made by Ann"), 10)

    way.time_passes()
    way.carry()

    assert way.only().state is InboundState.PARKED
    assert "has these quantities and not our comment" in way.only().reason


# -- what keeps Magento from it --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_maintenance_does_nothing_and_is_waited_for(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER))
    way.magento.fail_next("maintenance", on="ship")
    way.carry()
    assert way.only().state is InboundState.RETRY

    way.time_passes()
    way.carry()

    assert way.only().state is InboundState.DONE


@pytest.mark.slow
def test_a_token_that_was_taken_back_stops_the_writer_and_says_where_to_look(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER))
    way.erp.deliver(way.place(43))
    way.magento.revoke()

    way.carry()

    assert not way.writer.turn()
    assert all(entry.state is InboundState.RETRY for entry in way.entries() if entry.attempts)
    assert any("erp-sidecar doctor" in entry.hint for entry in way.entries())


@pytest.mark.slow
def test_magentos_refusal_is_kept_in_its_own_words_and_tried_again_when_a_person_says_so(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER))
    way.shop.execute("DELETE FROM inventory_source_item")
    way.carry()
    entry = way.only()
    assert (entry.state, entry.reason) == (InboundState.PARKED, "Magento refused it")
    assert entry.fault

    way.put_in_stock(9)
    way.decisions.retry(entry.id, "ann", "the source has it now")
    way.carry()

    assert way.documents("shipment") == [ALL]
