"""Rules of the mapping, for every book: the narrower layer decides, and a special case touches nobody else."""

from datetime import date, timedelta
from itertools import combinations, permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from erp_adapters.mapping import MappingError, RuleBook, Rules, Scope, SpecialCase
from sidecar.domain.special_cases import Condition, Skus

DAY = date(2026, 11, 26)
CODES = ("checkmo", "card", "*")
MAPS = st.dictionaries(
    st.sampled_from(["payment", "units"]),
    st.dictionaries(st.sampled_from(CODES), st.text("AB", min_size=1, max_size=1)),
)
RULES = st.builds(Rules, MAPS, constants=st.dictionaries(st.sampled_from(["plant", "branch"]), st.sampled_from("XY")))
SKUS = (
    st.builds(Skus, named=st.frozensets(st.text("AB1", min_size=1, max_size=3), min_size=1))
    | st.builds(Skus, prefix=st.text("AB1", min_size=1, max_size=3))
    | st.integers(1, 3).flatmap(
        lambda length: st.tuples(*[st.text("AB1", min_size=length, max_size=length)] * 2).map(
            lambda ends: Skus(first=min(ends), last=max(ends))
        )
    )
)
CONDITIONS = st.builds(
    Condition,
    st.frozensets(st.integers(1, 3), max_size=2),
    st.frozensets(st.sampled_from("012"), max_size=2),
    st.none() | SKUS,
)
CASES = st.lists(
    st.tuples(CONDITIONS, RULES, st.integers(-2, 2)).map(
        lambda made: ("", made[0], made[1], DAY + timedelta(days=made[2]))
    ),
    max_size=3,
).map(
    lambda cases: tuple(
        SpecialCase(f"case {number}", "finance", until, when, rules)
        for number, (_, when, rules, until) in enumerate(cases)
    )
)
BOOKS = st.builds(RuleBook, RULES, st.dictionaries(st.integers(1, 3), RULES, max_size=2), CASES)
SCOPES = st.builds(
    Scope,
    st.none() | st.integers(1, 4),
    st.none() | st.sampled_from("0123"),
    st.frozensets(st.text("AB1", min_size=1, max_size=3), max_size=3),
    st.none() | st.just(DAY),
)


def code(rules: Rules, name: str, value: str) -> str | None:
    """How an adapter looks a code up."""
    entries = rules.code_maps.get(name, {})
    return entries.get(value, entries.get("*"))


def answers(layers: list[Rules], name: str, value: str) -> str | None:
    """The first layer that has a word on it, the narrowest first."""
    return next((said for layer in layers if (said := code(layer, name, value)) is not None), None)


@given(BOOKS, SCOPES)
def test_the_narrowest_layer_that_names_an_entry_decides_about_it(book: RuleBook, scope: Scope) -> None:
    holding = [case for case in book.cases if case.holds(scope)]
    try:
        found = book.rules_for(scope)
    except MappingError:
        return
    store = [rules for number, rules in book.stores.items() if number == scope.store_id]
    layers = [*[case.rules for case in holding], *store, book.general]

    for name in ("payment", "units"):
        for value in ("checkmo", "card", "never heard of"):
            assert code(found, name, value) == answers(layers, name, value)
    for constant in ("plant", "branch"):
        said = [layer.constants[constant] for layer in layers if constant in layer.constants]
        assert found.constants.get(constant) == (said[0] if said else None)


@given(BOOKS, SCOPES)
def test_special_cases_that_do_not_hold_change_nothing(book: RuleBook, scope: Scope) -> None:
    meant = RuleBook(book.general, book.stores, tuple(case for case in book.cases if case.holds(scope)))
    try:
        expected = meant.rules_for(scope)
    except MappingError as refused:
        with pytest.raises(MappingError, match=str(refused)):
            book.rules_for(scope)
        return

    assert book.rules_for(scope) == expected


@given(BOOKS, SCOPES)
def test_a_case_for_skus_stores_or_groups_never_touches_a_document_without_them(book: RuleBook, scope: Scope) -> None:
    for case in book.cases:
        if case.holds(scope):
            assert not case.when.stores or scope.store_id in case.when.stores
            assert not case.when.customer_groups or scope.customer_group in case.when.customer_groups
            assert case.when.skus is None or any(case.when.skus.have(sku) for sku in scope.skus)
            assert scope.day is not None
            assert scope.day <= case.until


@given(BOOKS, SCOPES)
def test_the_order_in_which_special_cases_are_written_decides_nothing(book: RuleBook, scope: Scope) -> None:
    def outcome(cases: tuple[SpecialCase, ...]) -> object:
        try:
            rules = RuleBook(book.general, book.stores, cases).rules_for(scope)
        except MappingError:
            return "refused"
        return {(name, value): code(rules, name, value) for name in ("payment", "units") for value in CODES}

    outcomes = [outcome(cases) for cases in permutations(book.cases)]

    assert all(one == outcomes[0] for one in outcomes)


@given(BOOKS, SCOPES)
def test_a_document_is_refused_only_where_two_cases_that_hold_speak_of_one_entry(book: RuleBook, scope: Scope) -> None:
    holding = [case for case in book.cases if case.holds(scope)]
    assume(
        all(not one.rules.entries().keys() & other.rules.entries().keys() for one, other in combinations(holding, 2))
    )
    assume(all("*" not in codes for case in holding for codes in case.rules.code_maps.values()))

    book.rules_for(scope)


@given(SKUS, SKUS, st.text("AB1", min_size=1, max_size=3))
def test_skus_that_one_sku_could_belong_to_overlap(one: Skus, other: Skus, sku: str) -> None:
    if one.have(sku) and other.have(sku):
        assert one.overlap(other)
        assert other.overlap(one)


@given(SKUS, SKUS)
def test_skus_that_overlap_have_a_sku_in_common(one: Skus, other: Skus) -> None:
    if one.overlap(other):
        candidates = {*one.named, *other.named, one.prefix, other.prefix, one.first, one.last, other.first, other.last}
        candidates |= {prefix + end[len(prefix) :] for prefix in (one.prefix, other.prefix) for end in candidates}
        candidates |= {prefix.ljust(3, "A")[:length] for prefix in candidates for length in (1, 2, 3)}
        assert any(one.have(sku) and other.have(sku) for sku in candidates)


def test_a_range_holds_only_skus_as_long_as_its_ends() -> None:
    skus = Skus(first="A100", last="A199")

    assert skus.have("A100")
    assert skus.have("A199")
    assert not skus.have("A1500")
    assert not skus.have("a150")
