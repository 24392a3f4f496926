"""One order that several send at once, or that the ERP books twice: never two that nobody knows of."""
# ruff: noqa: S101, PLR2004, D102 -- assertions, the numbers in them, and names that are sentences

from concurrent.futures import ThreadPoolExecutor

from erp_adapters.conformance.documents import order_reference
from erp_adapters.conformance.harness import Fault, Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import Outcome, Presence

DONE = frozenset({Outcome.CONFIRMED, Outcome.ALREADY_EXISTS})
UNDONE = frozenset({Outcome.RETRY_LATER, Outcome.NOT_SENT})


class TellsRivals(Orders):
    """Sending at once, and what a look-up says of more than one."""

    def test_eight_who_send_one_order_at_once_make_one_document_or_every_one_is_known(self, harness: Harness) -> None:
        reference = harness.new_reference()

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _: self.create(harness, reference), range(8)))

        outcomes = [result.outcome for result in results]
        assert set(outcomes) <= DONE | UNDONE, [result.words() for result in results]
        if harness.adapter.capabilities().native_dedupe == "none":
            assert harness.documents(reference) == outcomes.count(Outcome.CONFIRMED) == 8
            assert self.presence(harness, order_reference(reference)) is Presence.MANY
        else:
            assert harness.documents(reference) == 1
            assert len({result.erp_id for result in results if result.outcome in DONE}) == 1
            assert self.presence(harness, order_reference(reference)) is Presence.ONE

    def test_after_a_time_out_the_look_up_decides_and_the_order_is_there_once(self, harness: Harness) -> None:
        references = [harness.new_reference() for _ in range(4)]
        for reference, fault in zip(references, (Fault.LOST_RESPONSE, Fault.LOST_REQUEST) * 2, strict=True):
            harness.inject("create", fault, reference)
            assert self.create(harness, reference).outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)

            if self.presence(harness, order_reference(reference)) is Presence.ABSENT:
                assert self.create(harness, reference).outcome is Outcome.CONFIRMED

        assert [harness.documents(reference) for reference in references] == [1, 1, 1, 1]

    def test_a_look_up_of_more_than_one_page_leaves_no_document_out(self, harness: Harness) -> None:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: self.created(harness), range(60)))
        refs = [order_reference(reference) for reference, _ in made]

        found = harness.adapter.find(refs, DEADLINE)

        assert {key: answer.presence for key, answer in found.items()} == {
            ref.idempotency_key: Presence.ONE for ref in refs
        }
        told = {ref.idempotency_key: erp_id for ref, (_, erp_id) in zip(refs, made, strict=True)}
        assert {key: answer.snapshots[0].erp_id for key, answer in found.items()} == told

    @needs(Trait.TWICE)
    def test_an_order_that_the_erp_booked_twice_shows_as_many(self, harness: Harness) -> None:
        reference = harness.new_reference()
        harness.book_twice(reference)

        assert self.create(harness, reference).outcome is Outcome.CONFIRMED

        assert harness.documents(reference) == 2
        assert self.presence(harness, order_reference(reference)) is Presence.MANY

    @needs(Trait.STALE)
    def test_a_search_that_does_not_see_the_newest_says_absent_and_sees_it_later(self, harness: Harness) -> None:
        reference, _ = self.created(harness)
        harness.hide_newest(600)

        seen = [self.presence(harness, order_reference(reference)) for _ in range(2)]

        assert seen == [Presence.ABSENT, Presence.ONE]
        assert harness.adapter.capabilities().absent_confirmations > 1
