"""Texts arrive whole or not at all: no cut, no question marks, no entity too many."""
# ruff: noqa: S101, D102 -- assertions, the numbers in them, and names that are sentences

import pytest

from erp_adapters.conformance.documents import payload, put
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import Outcome

NOTES = {
    "umlauts": "Grüße aus Łódź, bitte ans Tor",
    "beyond_the_basic_plane": "Danke \U0001f600\U0001f469\u200d\U0001f4bb \U00020bb7\u91ce\u5c4b",
    "from_right_to_left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 (12)",
    "special_in_xml_and_sql": "<b>Tor & \"Hof\"</b> ]]> &amp; 'O''Brien' \\ %s {{x}} ; --",
    "combining": "Cafe\u0301 nai\u0308ve",
}
REFUSED = (Outcome.REJECTED_INVALID, Outcome.REJECTED_BUSINESS)


class KeepsTexts(Orders):
    """What people wrote is what people read in the ERP."""

    @pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
    def test_a_note_arrives_as_it_was_written(self, harness: Harness, note: str) -> None:
        reference = self.arrived(harness, payload(harness.skus, customer_note=note))

        self.holds(harness, reference, note)

    def test_a_note_of_several_lines_keeps_each_of_them(self, harness: Harness) -> None:
        reference = self.arrived(harness, payload(harness.skus, customer_note="Zuerst klingeln\nDann ans Tor"))

        self.holds(harness, reference, "Zuerst klingeln", "Dann ans Tor")

    @needs(Trait.ITEM_TEXTS)
    @pytest.mark.parametrize("name", NOTES.values(), ids=NOTES)
    def test_an_item_is_called_as_it_was_sold(self, harness: Harness, name: str) -> None:
        reference = self.arrived(harness, put(payload(harness.skus), "items.0.name", name))

        self.holds(harness, reference, name)

    @pytest.mark.parametrize(
        ("path", "written"), [("firstname", "\u05d3\u05d5\u05d3"), ("city", "Saint-Étienne & Cie")]
    )
    def test_an_address_arrives_as_it_was_written(self, harness: Harness, path: str, written: str) -> None:
        document = payload(harness.skus, customer_id=None)
        for use in ("billing", "shipping"):
            document = put(document, f"addresses.{use}.{path}", written)

        self.holds(harness, self.arrived(harness, document), written)

    @pytest.mark.parametrize("control", ["\x00", "\x07", "\x0b", "\ufffe"], ids=["nul", "bell", "tab", "noncharacter"])
    def test_a_control_character_arrives_or_the_order_is_refused_and_never_changed(
        self, harness: Harness, control: str
    ) -> None:
        reference, note = harness.new_reference(), f"vor{control}nach"

        result = self.submit(harness, payload(harness.skus, customer_note=note), reference)

        if result.outcome is Outcome.CONFIRMED:
            self.holds(harness, reference, note)
        else:
            assert result.outcome in REFUSED, result.words()
            assert result.words()
            assert result.hint
            assert harness.documents(reference) == 0

    @needs(Trait.TEXT_LIMITS)
    def test_a_text_of_the_longest_length_arrives_whole_and_one_more_is_refused(self, harness: Harness) -> None:
        assert harness.limits
        for path, limit in harness.limits.items():
            longest, reference = "ü" * limit, harness.new_reference()
            arrived = self.arrived(harness, put(payload(harness.skus), path, longest))

            refused = self.submit(harness, put(payload(harness.skus), path, longest + "x"), reference)

            self.holds(harness, arrived, longest)
            assert refused.outcome is Outcome.REJECTED_INVALID, path
            assert {str(limit), str(limit + 1)} <= set(refused.words().replace(",", " ").split()), refused.words()
            assert refused.messages[0].path
            assert refused.hint
            assert harness.documents(reference) == 0
