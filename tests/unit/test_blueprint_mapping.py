"""Mapping in a blueprint: layers, special cases, and what of it nothing reads."""

from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
import yaml

from erp_adapters.conformance.documents import order
from erp_adapters.mapping import custom_fields_of, scope_of
from erp_adapters.registry import rule_book
from sidecar.domain.documents import OrderDocument
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName
from sidecar.wiring import check_blueprint
from sidecar.wiring.adapters import configuration_of
from tests.support.blueprints import BASE, Change, NoAliases, Values, erp, problems_after

CASE: Values = {
    "name": "wholesale invoices",
    "owner": "finance",
    "reason": "the new payment run begins in January",
    "until": "2026-12-31",
    "when": {"customer_groups": [2]},
    "code_maps": {"payment_methods": {"checkmo": "INVOICE"}},
}
MAPS: Values = {"payment_methods": {"checkmo": "CHECK"}, "shipping_methods": {"*": "STD"}}


def a_case(**changes: object) -> Values:
    return {key: value for key, value in (deepcopy(CASE) | changes).items() if value is not None}


def cases(*written: Values) -> Change:
    return lambda values: erp(values).update(special_cases=list(written))


REFUSED: list[tuple[Change, str]] = [
    (
        cases(a_case(when={})),
        (
            "destinations.erp.special_cases[0].when: found a case for everybody, "
            "allowed: at least one of stores, customer_groups and skus"
        ),
    ),
    (
        cases(a_case(owner=None)),
        "destinations.erp.special_cases[0].owner: found nothing, allowed: the team that decides about it",
    ),
    (
        cases(a_case(until="next year")),
        (
            "destinations.erp.special_cases[0].until: found 'next year', "
            "allowed: the last day that it holds for, such as 2026-12-31"
        ),
    ),
    (
        cases(a_case(when={"skus": {"from": "A9", "to": "A100"}})),
        (
            "destinations.erp.special_cases[0].when.skus: found a table of keys, "
            "allowed: a list of SKUs, {prefix: ABC-}, or {from: A100, to: A199} with ends of one length"
        ),
    ),
    (
        cases(a_case(code_maps=None)),
        (
            "destinations.erp.special_cases[0]: found nothing that it changes, "
            "allowed: at least one of code_maps, constants, custom_fields"
        ),
    ),
    (
        cases(a_case(), a_case(code_maps={"units": {"*": "C"}})),
        "destinations.erp.special_cases[1].name: found 'wholesale invoices' a second time, allowed: a name of its own",
    ),
    (
        cases(a_case(), a_case(name="store 4", when={"stores": [4]}, code_maps={"payment_methods": {"*": "OTHER"}})),
        (
            "destinations.erp.special_cases[1]: found code_maps.payment_methods.checkmo, about which "
            "wholesale invoices says something else for the same documents, "
            "allowed: one of the two, or conditions that never hold together"
        ),
    ),
    (
        lambda v: erp(v).update(code_maps={"payment_methods": {"checkmo": " "}}),
        (
            "destinations.erp.code_maps.payment_methods.checkmo: found ' ', "
            "allowed: tables {code of Magento: code of the ERP}"
        ),
    ),
    (
        lambda v: erp(v).update(
            code_maps=MAPS, per_store={4: {"code_maps": {"payment_methods": {"checkmo": "CHECK"}}}}
        ),
        (
            "destinations.erp.per_store.4.code_maps.payment_methods.checkmo: found 'CHECK', as for every store, "
            "allowed: only what is different there"
        ),
    ),
    (
        lambda v: erp(v).update(stores=[1, 2], per_store={4: {"constants": {"plant": "1000"}}}),
        "destinations.erp.per_store.4: found 4, whose events this destination does not take, allowed: 1, 2",
    ),
    (
        lambda v: erp(v).update(per_store={"de": {"constants": {"plant": "1000"}}}),
        "destinations.erp.per_store.de: found 'de', allowed: the number of a store view, such as 4",
    ),
]


@pytest.mark.parametrize(("change", "line"), REFUSED)
def test_what_would_never_hold_or_contradicts_itself_is_refused(change: Change, line: str, tmp_path: Path) -> None:
    assert problems_after(change, tmp_path) == [line]


def test_cases_that_only_an_order_with_both_skus_would_meet_are_left_to_run_time(tmp_path: Path) -> None:
    one = a_case(name="a", when={"skus": ["A"]})
    other = a_case(name="b", when={"skus": {"prefix": "B-"}}, code_maps={"payment_methods": {"checkmo": "X"}})

    assert problems_after(cases(one, other), tmp_path) == []


def written(folder: Path, **changes: object) -> Path:
    values = deepcopy(BASE)
    erp(values).update({"lifecycle": {}, "acknowledges": False, **changes})
    path = folder / "blueprint.yaml"
    path.write_text(yaml.dump(values, Dumper=NoAliases, sort_keys=False), encoding="utf-8")
    return path


def test_layers_reach_the_adapter_as_they_are_written(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        code_maps=MAPS,
        per_store={1: {"code_maps": {"shipping_methods": {"flatrate_flatrate": "FLAT"}}}},
        special_cases=[a_case()],
    )
    blueprint = check_blueprint(path)

    book = rule_book(configuration_of(blueprint, DestinationName("erp"), path))
    plain = book.rules_for(scope_of(OrderDocument(order(("A", "B")))))
    wholesale = book.rules_for(scope_of(OrderDocument(order(("A", "B"), customer_group_id=2))))
    later = book.rules_for(
        scope_of(OrderDocument(order(("A", "B"), customer_group_id=2, created_at="2027-01-01 00:00:00")))
    )

    assert plain.code_maps["shipping_methods"] == {"*": "STD", "flatrate_flatrate": "FLAT"}
    assert plain.origins == {("code_maps", "shipping_methods", "flatrate_flatrate"): "store 1"}
    assert plain.code_maps["payment_methods"] == later.code_maps["payment_methods"] == {"checkmo": "CHECK"}
    assert wholesale.code_maps["payment_methods"] == {"checkmo": "INVOICE"}
    assert wholesale.origins["code_maps", "payment_methods", "checkmo"] == (
        "special case wholesale invoices of finance, until 2026-12-31"
    )
    assert book.cases[0].until == date(2026, 12, 31)


def test_an_entry_that_nothing_reads_is_told_by_the_check(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        code_maps={"payment_method": {"checkmo": "CHECK"}},
        constants={"plant": "1000"},
        special_cases=[a_case(code_maps={"unit": {"*": "PCE"}})],
    )

    with pytest.raises(ConfigurationError) as refused:
        check_blueprint(path)

    lines = [line.removeprefix(f"{path}: destinations.erp.") for line in str(refused.value).splitlines()]
    read = "carriers, order_status, payment_methods, shipping_methods"
    assert lines == [
        f"code_maps.payment_method: found a code map that nothing reads, allowed: {read}",
        "constants.plant: found a constant that nothing reads, allowed: none: this ERP's mapping reads none",
        f"special_cases[0].code_maps.unit: found a code map that nothing reads, allowed: {read}",
    ]


def test_a_constant_that_the_profile_reads_has_to_be_there(tmp_path: Path) -> None:
    shipped = Path("erp_adapters/legacy/profiles/sandbox.yaml").read_text(encoding="utf-8")
    profile = shipped.replace(
        "          unit: PCE\n          unitPrice", "          unit: {path: constants.unit}\n          unitPrice"
    )
    assert profile != shipped
    (tmp_path / "ours.yaml").write_text(profile, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"erp\.constants\.unit: found nothing, allowed: a text"):
        check_blueprint(written(tmp_path, profile="./ours.yaml"))
    check_blueprint(written(tmp_path, profile="./ours.yaml", constants={"unit": "PCE"}))


def test_events_that_go_as_they_are_have_no_mapping(tmp_path: Path) -> None:
    def change(values: Values) -> None:
        receiver = {"kind": "cloudevents", "base_url": "https://hub.example.com", "takes": ["OrderPlaced"]}
        values["destinations"]["hub"] = {**receiver, "start": "now", "constants": {"plant": "1"}}

    assert problems_after(change, tmp_path) == [
        (
            "destinations.hub.constants: found a table that kind cloudevents never uses, "
            "allowed: nothing: events go out as they are"
        )
    ]


def test_a_custom_field_may_read_a_constant_and_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    field = {"plant": "join('-', [constants.plant, order.currency])"}
    path = written(
        tmp_path,
        custom_fields={"plant": "join('/', [constants.plant, order.order_currency_code])"},
        constants={"plant": "1000"},
        per_store={1: {"constants": {"plant": "2000"}}},
    )
    book = rule_book(configuration_of(check_blueprint(path), DestinationName("erp"), path))
    document = order(("A", "B"))

    rules = book.rules_for(scope_of(OrderDocument(document)))

    assert custom_fields_of(document.source, rules.custom_fields) == {"plant": "2000/EUR"}
    with pytest.raises(ConfigurationError, match=r"erp\.constants\.plant: found nothing"):
        check_blueprint(written(tmp_path, custom_fields=field))


def test_intents_that_the_erps_mapping_does_not_tell_are_refused_by_the_check(tmp_path: Path) -> None:
    shipped = Path("erp_adapters/legacy/profiles/sandbox.yaml").read_text(encoding="utf-8")
    silent = "".join(
        line for line in shipped.splitlines(keepends=True) if not line.strip().startswith(("intent:", "warehouseIs"))
    )
    (tmp_path / "silent.yaml").write_text(silent, encoding="utf-8")
    said: dict[str, object] = {
        "intents": {"pre_order": {"skus": ["NEW-1"]}},
        "allocation": {"owner": "magento", "websites": {"base": "W1"}},
    }

    with pytest.raises(ConfigurationError) as refused:
        check_blueprint(written(tmp_path, profile="./silent.yaml", **said))

    assert "erp.intents: found pre_order, which this ERP's mapping does not tell" in str(refused.value)
    assert "erp.allocation.owner: found magento, although this ERP's mapping does not tell it" in str(refused.value)
    check_blueprint(written(tmp_path, **said))
