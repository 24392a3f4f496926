"""Templates: what they fill in, and what they refuse to guess."""

import re
from datetime import date
from decimal import Decimal

import pytest

from erp_adapters.mapping import (
    Expression,
    MappingError,
    RuleBook,
    Rules,
    Scope,
    SpecialCase,
    TemplateError,
    parse_template,
    render,
)
from sidecar.domain.special_cases import Condition, Skus

DOCUMENT = {
    "order": {"number": "000000042", "id": 42, "total": "27.3700", "note": "", "nothing": None, "rate": 1.5},
    "lines": [{"sku": "A", "quantity": "1.0000"}, {"sku": "B", "quantity": "2.5000"}],
    "ship_to": None,
    "bill_to": {"city": "Example City", "street": ["1 Example Street", "Floor 2"]},
}
CODES = {"payment": {"checkmo": "CHECK"}, "state": {"holded": "on_hold", "*": "open"}}


def filled(template: object, document: object = DOCUMENT) -> object:
    return render(parse_template(template), document, CODES)


def test_bare_values_are_constants_and_objects_keep_their_order() -> None:
    body = filled({"type": "OR", "flag": True, "count": 3, "list": ["x", {"path": "order.id"}]})

    assert body == {"type": "OR", "flag": True, "count": 3, "list": ["x", 42]}


def test_a_constant_may_look_like_an_instruction() -> None:
    assert filled({"const": {"path": "not an expression"}}) == {"path": "not an expression"}


def test_decimals_pass_as_the_strings_they_are() -> None:
    assert filled({"total": {"path": "order.total", "as": "decimal"}}) == {"total": "27.3700"}


@pytest.mark.parametrize("value", [27.37, Decimal("27.37"), 27, "27,37", "1e3"])
def test_what_is_no_decimal_string_is_refused(value: object) -> None:
    with pytest.raises(MappingError, match=r"^total: order\.total is \w+, not a decimal string$"):
        filled({"total": {"path": "order.total", "as": "decimal"}}, {"order": {"total": value}})


def test_a_float_is_refused_wherever_it_hides() -> None:
    with pytest.raises(MappingError, match="a number with a point must be a decimal string"):
        filled({"order": {"path": "order"}})


def test_each_makes_one_item_per_element_and_names_the_place() -> None:
    template = {"lines": {"path": "lines", "each": {"item": {"path": "sku"}, "unit": "PCE"}}}

    assert filled(template) == {"lines": [{"item": "A", "unit": "PCE"}, {"item": "B", "unit": "PCE"}]}
    with pytest.raises(MappingError, match=r"^lines\[1\]\.item is 2 characters long, the ERP takes 1$"):
        filled(
            {"lines": {"path": "lines", "each": {"item": {"path": "sku", "max": 1}}}},
            {"lines": [{"sku": "A"}, {"sku": "BB"}]},
        )


def test_with_and_when_leave_out_what_is_not_there() -> None:
    template = {
        "bill": {"path": "bill_to", "with": {"city": {"path": "city"}}},
        "ship": {"path": "ship_to", "with": {"city": {"path": "city"}}},
        "noted": {"when": "order.note", "then": {"path": "order.id"}},
        "numbered": {"when": "order.number", "then": {"path": "order.id"}},
    }

    assert filled(template) == {"bill": {"city": "Example City"}, "numbered": 42}


def test_a_missing_value_is_an_error_unless_it_is_optional() -> None:
    assert filled({"note": {"path": "order.note", "optional": True}, "n": {"path": "order.id"}}) == {"n": 42}
    with pytest.raises(MappingError, match=r"^note: order\.note is empty in the order$"):
        filled({"note": {"path": "order.note"}})
    with pytest.raises(MappingError, match=r"^x: order\.nothing is empty in the order$"):
        filled({"x": {"path": "order.nothing"}})


def test_a_text_that_is_too_long_is_refused_and_never_cut() -> None:
    with pytest.raises(MappingError) as refusal:
        filled({"street": {"path": "bill_to.street", "max": 10}})

    assert str(refusal.value) == "street[0] is 16 characters long, the ERP takes 10"
    assert "nothing" not in refusal.value.hint
    assert refusal.value.path == "street[0]"


def test_characters_that_the_erp_does_not_take_are_refused() -> None:
    template = {"number": {"path": "order.number", "pattern": "[A-Z]+"}}

    with pytest.raises(MappingError, match=re.escape("number holds characters that the ERP does not take")):
        filled(template)


def test_whole_numbers_become_text_only_where_asked() -> None:
    assert filled({"a": {"path": "order.id"}, "b": {"path": "order.id", "as": "text"}}) == {"a": 42, "b": "42"}
    with pytest.raises(MappingError, match=r"^a: order\.number is str, not a whole number$"):
        filled({"a": {"path": "order.number", "as": "integer"}})


def test_a_code_map_translates_and_a_star_stands_for_the_rest() -> None:
    template = {"pay": {"map": "payment", "path": "m"}, "state": {"map": "state", "path": "s"}}

    assert filled(template, {"m": "checkmo", "s": "holded"}) == {"pay": "CHECK", "state": "on_hold"}
    assert filled(template, {"m": "checkmo", "s": "processing"}) == {"pay": "CHECK", "state": "open"}


def test_a_missing_code_names_the_entry_to_add() -> None:
    with pytest.raises(MappingError) as refusal:
        filled({"pay": {"map": "payment", "path": "m"}}, {"m": "wallet"})

    assert str(refusal.value) == "pay: 'wallet' has no entry in the code map payment"
    assert refusal.value.hint == "add code_maps.payment.wallet to the destination's blueprint, then restart the sidecar"


def test_an_expression_that_does_not_suit_the_data_is_refused_in_place() -> None:
    with pytest.raises(MappingError, match=r"^name: \"join\(' ', \[a\]\)\" does not suit the data"):
        filled({"name": {"path": "join(' ', [a])"}}, {"a": None})


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ({"a": {"path": "order."}}, "a.path: found 'order.', allowed: a JMESPath expression"),
        ({"a": [{"path": ""}]}, "a[0].path: found '', allowed: a JMESPath expression such as order.increment_id"),
        ({"a": {"path": "x", "mx": 3}}, "a: found 'mx' beside 'path', allowed: as, max, optional, path, pattern"),
        ({"a": {"path": "x", "as": "money"}}, "a.as: found 'money', allowed: text, decimal, integer"),
        ({"a": {"path": "x", "max": 0}}, "a.max: found 0, allowed: a whole number from 1"),
        ({"a": {"path": "x", "optional": "yes"}}, "a.optional: found 'yes', allowed: true or false"),
        ({"a": {"path": "x", "pattern": "["}}, "a.pattern: found '[', allowed: a regular expression"),
        ({"a": {"map": 3, "path": "x"}}, "a.map: found 3, allowed: the name of a code map"),
        ({"a": {"path": "l", "each": {"b": {"path": "]"}}}}, "a.each.b.path: found ']', allowed: a JMESPath"),
        ({"a": 1.5}, "a: found the number 1.5, allowed: a decimal in quotes"),
    ],
)
def test_a_template_that_is_written_wrongly_is_refused_at_the_start(template: object, complaint: str) -> None:
    with pytest.raises(TemplateError, match=f"^{re.escape(complaint)}"):
        parse_template(template)


def test_a_constant_of_the_blueprint_is_read_at_any_depth() -> None:
    document = {**DOCUMENT, "constants": {"plant": "1000"}}
    template = {
        "plant": {"path": "constants.plant"},
        "lines": {"path": "lines", "each": {"item": {"path": "join('-', [constants.plant, sku])"}}},
        "whole": {"path": "bill_to", "with": {"path": "@"}},
    }

    assert filled(template, document) == {
        "plant": "1000",
        "lines": [{"item": "1000-A"}, {"item": "1000-B"}],
        "whole": DOCUMENT["bill_to"],
    }


def test_a_constant_that_is_not_there_is_missing_in_the_blueprint() -> None:
    with pytest.raises(MappingError, match=r"^plant: constants\.plant is empty in the blueprint$"):
        filled({"plant": {"path": "constants.plant"}}, {**DOCUMENT, "constants": {}})


def test_what_an_optional_code_map_does_not_name_goes_out_as_it_is() -> None:
    template = {"path": "lines", "each": {"map": "skus", "path": "sku", "unnamed": "same"}}

    assert render(parse_template(template), DOCUMENT, {"skus": {"B": "4711"}}) == ["A", "4711"]
    with pytest.raises(TemplateError, match="unnamed: found 'drop', allowed: same"):
        parse_template({"map": "skus", "path": "sku", "unnamed": "drop"})


def test_two_special_cases_that_meet_in_one_order_park_it_with_both_names() -> None:
    def case(name: str, sku: str, code: str) -> SpecialCase:
        when = Condition(skus=Skus(named=frozenset({sku})))
        return SpecialCase(name, "finance", date(2026, 12, 31), when, Rules({"payment": {"checkmo": code}}))

    book = RuleBook(cases=(case("hazmat", "A", "HAZ"), case("frozen goods", "B", "COLD")))
    day = date(2026, 11, 26)

    assert book.rules_for(Scope(1, "0", frozenset({"A"}), day)).code_maps == {"payment": {"checkmo": "HAZ"}}
    with pytest.raises(MappingError) as refused:
        book.rules_for(Scope(1, "0", frozenset({"A", "B"}), day))
    assert str(refused.value) == (
        "the special cases hazmat and frozen goods both hold, and say different things about code_maps.payment.checkmo"
    )
    assert refused.value.hint == "narrow hazmat or frozen goods in the blueprint, then retry the event"


def test_a_profile_s_own_code_map_gives_way_entry_by_entry_to_a_store() -> None:
    book = RuleBook(stores={4: Rules({"state": {"holded": "stopped"}})}).over({"state": {"*": "open"}})

    assert book.rules_for(Scope(4)).code_maps["state"] == {"*": "open", "holded": "stopped"}
    assert book.rules_for(Scope(1)).code_maps["state"] == {"*": "open"}


PLAIN = ("a", "a.b", "a.b.c", '"x y".b', "constants.k")


@pytest.mark.parametrize("text", [*PLAIN, "a[0].b", "a.b | c", "a.*", "a.[b]", "@"])
def test_a_plain_path_finds_what_jmespath_finds(text: str) -> None:
    expression = Expression.parse(text)
    nested, listed = {"a": {"b": {"c": "1"}}}, {"a": [{"b": 2}], "x y": {"b": "3"}}

    for document in ({}, nested, listed, {"a": "b"}, {"a": None}, [{"a": 1}], "a", None):
        assert expression.search(document) == expression.compiled.search(document)
    assert (expression.steps is not None) is (text in PLAIN)
