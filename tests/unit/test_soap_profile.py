"""A SOAP profile is held against its WSDL at the start: names, what must be there, what can be found, money."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from erp_adapters.registry import read_profile
from erp_adapters.soap import load
from sidecar.domain.delivery import ChangeKind, DocumentKind
from sidecar.domain.errors import ConfigurationError
from sidecar.wiring.adapters import check_blueprint
from tests.support.kontor import shipped_profile
from tests.support.sandbox import ROOT
from tests.support.small_wsdl import profile, written


def complaints(folder: Path, data: dict[str, Any]) -> str:
    written(folder)
    (folder / "small.yaml").write_text(yaml.safe_dump(data))
    with pytest.raises(ConfigurationError) as refused:
        load("small.yaml", folder, read_profile)
    assert refused.value.hint
    return str(refused.value)


def changed(path: str, value: object) -> dict[str, Any]:
    data = profile()
    *steps, last = path.split(".")
    here = data
    for step in steps:
        here = here[step]
    here[last] = value
    return data


def test_the_shipped_profile_suits_its_wsdl_and_says_what_the_erp_can() -> None:
    shipped, _ = load("sandbox", Path(), read_profile)

    told = shipped.capabilities()

    assert {DocumentKind.ORDER, DocumentKind.ORDER_CHANGE, DocumentKind.STOCK_MOVEMENT} <= told.accepts
    assert told.changes == frozenset(ChangeKind)
    assert told.reads_stock


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("operations.create.operation", "Puts", "operations.create.operation: found 'Puts', which the port does not"),
        ("operations.create.arguments.Refrence", "A", "arguments.Refrence: found a name that the WSDL does not have, "),
        ("operations.create.arguments", {"Note": "a"}, "arguments.Reference: found nothing, allowed: a template: the "),
        ("operations.create.arguments.Note", {"Text": "a"}, "Note: found a table, allowed: a value"),
        (
            "operations.create.arguments.Line",
            {
                "path": "lines",
                "each": {"ref": "1", "Sku": "A", "Quantity": "1", "Weight": {"path": "w", "as": "decimal"}},
            },
            "Weight: found money or a quantity in an xsd:double, allowed: xsd:decimal",
        ),
        ("operations.create.answer.number", "Numbr", "Numbr: the WSDL has no Numbr there, allowed: Number (did you"),
        ("operations.ping.product", "Ratio", "found Ratio, an xsd:double, allowed: xsd:decimal"),
        ("wsdl", "missing.wsdl", "missing.wsdl: found No such file"),
        ("auth", None, "found neither auth nor security, allowed: at least one of them"),
        ("security", {"user": "shop", "password": "plain"}, "security.password: found 'plain', allowed: digest, text"),
        ("security", {"user": "shop"}, "security: found neither user with password, nor signature, alone, allowed: "),
        (
            "security",
            {"user": "a", "password": "text", "signature": "x509"},
            "allowed: user and password, or signature",
        ),
        ("faults", [{"outcome": "unknown"}], "found no condition, allowed: at least one of fault, subcode, code, text"),
        ("faults", [{"fault": "Server", "outcome": "confirmed"}], "found outcome confirmed, allowed: an outcome of a"),
        ("faults", [{"text": "(", "outcome": "unknown"}], "faults[0].text: found '(', allowed: a regular expression"),
        ("operations.create.received", "pending", "allowed: on create, with operations.find to look for it"),
    ],
)
def test_what_does_not_fit_is_told_with_its_key_what_was_found_and_what_is_allowed(
    tmp_path: Path, path: str, value: object, complaint: str
) -> None:
    assert complaint in complaints(tmp_path, changed(path, value))


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    data = changed("operations.create.arguments.Stranger", "A")
    data["operations"]["ping"]["operation"] = "Pong"

    assert len(complaints(tmp_path, data).splitlines()) == 2


def test_an_erp_can_do_what_its_profile_names_and_nothing_else(tmp_path: Path) -> None:
    data = shipped_profile()
    del data["operations"]["cancel"], data["operations"]["stock_read"]
    (tmp_path / "less.yaml").write_text(yaml.safe_dump(data))

    less, _ = load("less.yaml", tmp_path, read_profile)

    assert DocumentKind.ORDER_CANCEL not in less.capabilities().accepts
    assert not less.capabilities().reads_stock


def test_the_example_blueprint_for_a_soap_erp_is_whole() -> None:
    blueprint = check_blueprint(ROOT / "ops" / "examples" / "soap.yaml")

    assert list(blueprint.destinations) == ["erp"]
