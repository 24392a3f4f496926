"""Following changes: each is told once or more, in pages however small, and none is left out."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from collections.abc import Iterator
from decimal import Decimal

import pytest

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import needs
from sidecar.domain.delivery import ChangeKind, DocumentKind, ErpId, Outcome
from sidecar.domain.documents import OrderDocument, Page
from sidecar.domain.inbound import InboundDocument
from sidecar.ports import ErpAdapter

DOCUMENTS = (ChangeKind.DELIVERIES, ChangeKind.INVOICES, ChangeKind.CREDIT_MEMOS)


class FollowsChanges(Orders):
    """Orders, and the documents that follow them; `followers` are the adapters that the harness has for this."""

    @needs(ChangeKind.ORDERS, DocumentKind.ORDER_CHANGE)
    def test_changes_name_every_order_in_the_order_of_its_last_change(self, harness: Harness) -> None:
        made = [self.created(harness)[1] for _ in range(3)]
        self._change(harness, made[0])

        pages, _ = listed(harness.adapter, ChangeKind.ORDERS)

        seen = [snapshot.erp_id for page in pages for snapshot in page.snapshots]
        assert [erp_id for erp_id in seen if erp_id in made] == [made[1], made[2], made[0]]

    @pytest.mark.parametrize("kind", DOCUMENTS)
    def test_every_document_is_told_with_our_references_whatever_the_size_of_a_page(
        self, harness: Harness, kind: ChangeKind
    ) -> None:
        made = {}
        for _ in range(3):
            reference, erp_id = self.created(harness)
            made[harness.write(kind, erp_id)] = reference

        for follower in harness.followers:
            told = [one for one in documents(follower, kind) if one.erp_id in made]
            assert {one.erp_id: one.order_ref for one in told} == made
            assert {(line.line_ref, line.sku) for one in told for line in one.lines} == set(
                zip(("881", "882"), harness.skus, strict=True)
            )
            assert all(line.quantity == line.ordered != Decimal(0) for one in told for line in one.lines)
            assert all(one.final and not one.reversed and not one.unreadable for one in told)

    @pytest.mark.parametrize("kind", DOCUMENTS)
    def test_a_change_after_the_end_of_a_listing_is_told_from_its_cursor_on(
        self, harness: Harness, kind: ChangeKind
    ) -> None:
        _, erp_id = self.created(harness)
        early = harness.write(kind, erp_id)
        ends = [(follower, listed(follower, kind)[1]) for follower in harness.followers]
        _, erp_id = self.created(harness)
        late = harness.write(kind, erp_id)
        if kind in harness.reversible:
            harness.take_back(early)

        for follower, end in ends:
            told = {one.erp_id: one for one in documents(follower, kind, end)}
            assert told[late].reversed is False
            assert kind not in harness.reversible or told[early].reversed is True

    @needs(ChangeKind.INVOICES)
    def test_a_document_that_changed_has_another_version(self, harness: Harness) -> None:
        _, erp_id = self.created(harness)
        kind = min(harness.reversible)
        key = harness.write(kind, erp_id)
        before = {one.erp_id: one.version for one in documents(harness.adapter, kind)}

        harness.take_back(key)

        after = {one.erp_id: one.version for one in documents(harness.adapter, kind)}
        assert [name for name, version in before.items() if after[name] != version] == [key]

    @needs(ChangeKind.ORDERS)
    def test_an_order_that_was_cancelled_there_is_told_so(self, harness: Harness) -> None:
        ends = [(follower, listed(follower, ChangeKind.ORDERS)[1]) for follower in harness.followers]
        _, erp_id = self.created(harness)
        harness.cancel_there(erp_id)

        for follower, end in ends:
            pages, _ = listed(follower, ChangeKind.ORDERS, end)
            told = {one.erp_id: one.cancelled for page in pages for one in page.snapshots}
            assert told[erp_id] is True

    @needs(ChangeKind.ORDERS)
    def test_an_end_without_news_stays_an_end(self, harness: Harness) -> None:
        for follower in harness.followers:
            for kind in follower.capabilities().changes:
                _, end = listed(follower, kind)

                pages, again = listed(follower, kind, end)

                assert again == end
                assert not pages[-1].more

    @needs(ChangeKind.ORDERS)
    def test_many_orders_are_told_over_many_pages_and_none_is_left_out(self, harness: Harness) -> None:
        ends = [(follower, listed(follower, ChangeKind.ORDERS)[1]) for follower in harness.followers]
        made = {self.created(harness)[1] for _ in range(12)}

        walks = [listed(follower, ChangeKind.ORDERS, end)[0] for follower, end in ends]

        assert max(len(pages) for pages in walks) > 1
        for pages in walks:
            assert made <= {snapshot.erp_id for page in pages for snapshot in page.snapshots}

    def _change(self, harness: Harness, erp_id: ErpId) -> None:
        reference = harness.adapter.read_back(erp_id, DEADLINE).external_ref
        ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)
        assert harness.adapter.submit(OrderDocument(order(harness.skus)), ref, DEADLINE).outcome is Outcome.CONFIRMED


def listed(adapter: ErpAdapter, kind: ChangeKind, cursor: str | None = None) -> tuple[list[Page], str | None]:
    """All pages to the end, and the cursor there."""
    pages: list[Page] = []
    while not pages or pages[-1].more:
        pages.append(adapter.changes(kind, cursor, DEADLINE))
        cursor = pages[-1].next_cursor or cursor
    return pages, cursor


def documents(adapter: ErpAdapter, kind: ChangeKind, cursor: str | None = None) -> Iterator[InboundDocument]:
    """All documents of a kind from a cursor on."""
    for page in listed(adapter, kind, cursor)[0]:
        yield from page.documents
