"""Profiles and the registry: what is written wrongly is told at the start, with key, found and allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from erp_adapters.legacy.profile import profile_of
from erp_adapters.registry import AdapterConfiguration, build, profile_path, read_profile, shipped_profiles
from sidecar.domain.delivery import DocumentKind
from sidecar.domain.errors import ConfigurationError

Data = dict[str, Any]


def sandbox() -> Data:
    data = read_profile(profile_path("sandbox", Path()))
    assert isinstance(data, dict)
    return data


def test_every_shipped_profile_can_be_read() -> None:
    assert "sandbox" in shipped_profiles()
    for name in shipped_profiles():
        assert profile_of(read_profile(profile_path(name, Path())), name).product


def test_an_erp_can_do_what_its_profile_names_and_nothing_else() -> None:
    data = sandbox()
    del data["operations"]["cancel"]

    accepts = profile_of(data).capabilities().accepts

    assert accepts == set(DocumentKind) - {DocumentKind.ORDER_CANCEL, DocumentKind.EVENT}


def test_an_erp_that_is_told_levels_says_how_they_are_set_and_read() -> None:
    data = sandbox()
    data["promises"]["stock_write"] = "absolute"
    told = profile_of(data).capabilities()
    del data["operations"]["stock_count"]["body"]["lines"]["each"]["expected"]
    merely_set = profile_of(data).capabilities()

    assert (told.stock_write, told.stock_batch, told.stock_guarded) == ("absolute", 500, True)
    assert not merely_set.stock_guarded


@pytest.mark.parametrize("lacking", ["stock_count", "stock_read"])
def test_an_erp_that_is_told_levels_must_be_able_to_set_and_to_read_them(lacking: str) -> None:
    data = sandbox()
    data["promises"]["stock_write"] = "absolute"
    del data["operations"][lacking]

    with pytest.raises(ConfigurationError, match=rf"absolute without operations\.{lacking}"):
        profile_of(data)


ANSWER = {"success": "a", "id": "b", "number": "c"}


def _put(*path: str, value: object) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (_put("colour", value="red"), "colour: found an unknown key, allowed: product, transport, promises, "),
        (_put("auth", "kind", value="magic"), "auth.kind: found 'magic', allowed: header, bearer, basic"),
        (
            _put("cancelled", value=["voided"]),
            "the file: found cancelled voided, which statuses does not name, allowed: open, in_approval, credit_hold",
        ),
        (_put("auth", value={"kind": "header"}), "auth: found kind header without name, allowed: name for header "),
        (
            _put("promises", "longest_processing", value="soon"),
            "promises.longest_processing: found 'soon', allowed: a duration such as 250ms, 30s",
        ),
        (
            _put("operations", "create", "body", "currency", value={"path": "order..x"}),
            "operations.create.body: found 'order..x' at currency.path, allowed: a JMESPath expression",
        ),
        (
            _put("operations", "change", "path", value="/api/orders/{number}"),
            "operations.change.path: found '/api/orders/{number}', allowed: a path with no placeholder but {id}",
        ),
        (_put("order", "totals", value={"gross": "a"}), "order.totals.gross: found "),
        (
            _put("promises", "absent_confirmations", value=1),
            "promises.absent_confirmations: found 1, allowed: a whole number from 2: one look-up cannot be spread",
        ),
        (
            _put("faults", value=[{"status": [409], "outcome": "confirmed"}]),
            "faults[0]: found outcome confirmed, allowed: an outcome of a fault",
        ),
        (_put("faults", value=[{"outcome": "unknown"}]), "faults[0]: found neither status nor code, allowed: at least"),
        (
            _put("operations", "deliveries", "next", value=None),
            "operations.deliveries: found neither a whole cursor nor a clock, allowed: cursor, first and",
        ),
        (
            _put("operations", "invoices", "clock", value={"since": "since", "offset": "offset", "first": "then"}),
            "operations.invoices.clock.first: found 'then', allowed: an instant with its zone, such as 2020-01-01T",
        ),
        (_put("delivery", value=None), "the file: found operations.deliveries without delivery, allowed: both or"),
        (_put("operations", "invoices", value=None), "the file: found invoice without operations.invoices, allowed: "),
        (_put("delivery", "amounts", value={"gross": "a"}), "delivery.amounts.gross: found "),
        (
            _put("operations", "cancel", "answer", "handle", value=None),
            "operations.cancel.answer: found pending alone, allowed: pending and handle, or neither",
        ),
        (
            _put("operations", "poll", value=None),
            "the file: found operations.create with pending, allowed: operations.",
        ),
        (
            _put("operations", "stock_post", "answer", value={"pending": "a", "handle": "b"} | ANSWER),
            "the file: found operations.stock_post.answer.pending, allowed: an ERP that books stock at once",
        ),
        (_put("operations", "find", value=None), "the file: found find_by_ref exact without operations.find, allowed:"),
    ],
)
def test_a_profile_that_is_written_wrongly_names_the_key(change: Callable[[Data], None], complaint: str) -> None:
    data = sandbox()
    change(data)

    with pytest.raises(ConfigurationError) as refusal:
        profile_of(data, "erp.yaml")

    assert f"erp.yaml: {complaint}" in str(refusal.value)
    assert refusal.value.hint


def test_a_profile_tells_all_its_faults_at_once() -> None:
    data = sandbox()
    data["product"], data["auth"]["kind"] = "", "magic"

    with pytest.raises(ConfigurationError) as refusal:
        profile_of(data)

    assert len(str(refusal.value).splitlines()) == 2


# --- The registry ---------------------------------------------------------------------------------


def configured(folder: Path, **changes: Any) -> AdapterConfiguration:  # noqa: ANN401 -- any field of it
    fields = {"destination": "erp", "kind": "legacy", "profile": "sandbox", "base_url": "http://127.0.0.1:1"}
    return AdapterConfiguration(**{**fields, "folder": folder, **changes})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"kind": "sap"}, "destinations.erp.kind: found 'sap', allowed: legacy"),
        ({"base_url": "erp"}, "base_url: found 'erp', allowed: https://host"),
        ({"profile": "absent.yaml"}, "profile absent.yaml: No such file or directory"),
        ({"custom_fields": {"note": "a..b"}}, "destinations.erp.custom_fields.note: found 'a..b', allowed: a JMESPath"),
    ],
)
def test_what_the_blueprint_asks_for_wrongly_is_refused(
    tmp_path: Path, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        build(configured(tmp_path, **changes), SecretStr("s"), "M1")

    assert str(refusal.value).startswith(complaint)
    assert refusal.value.hint


def test_a_profile_beside_the_blueprint_is_found(tmp_path: Path) -> None:
    text = profile_path("sandbox", tmp_path).read_text(encoding="utf-8")
    (tmp_path / "ours.yaml").write_text(text.replace("Sandbox ERP", "Our ERP"), encoding="utf-8")

    adapter = build(configured(tmp_path, profile="ours.yaml"), SecretStr("s"), "M1")

    assert repr(adapter) == "LegacyAdapter('Our ERP', HttpTransport(http://127.0.0.1:1))"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("product: a\nproduct: b\n", "profile ours.yaml, line 2: the key 'product' stands twice"),
        ("product: [", "profile ours.yaml, line 1: "),
        ("#" * 300_000, "profile ours.yaml: longer than 262144 bytes"),
    ],
)
def test_a_profile_that_is_no_yaml_names_the_line(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "ours.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as refusal:
        read_profile(tmp_path / "ours.yaml")

    assert str(refusal.value).startswith(complaint)
