"""What a good blueprint says, and that the example is one."""

from dataclasses import FrozenInstanceError, asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from erp_adapters.odoo import OdooTerms
from erp_adapters.registry import AdapterConfiguration, build
from sidecar.blueprint import load_blueprint
from sidecar.domain.delivery import DocumentKind
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import ORDER_TYPES, DestinationName, EventType
from sidecar.domain.policy import QuarantinePolicy, RequestBudget, RetryPolicy
from sidecar.domain.quiet_hours import QuietHours, QuietRange
from sidecar.domain.start import Start
from sidecar.wiring import check_blueprint

EXAMPLE = Path(__file__).parents[2] / "ops/examples/blueprint.yaml"
ERP = DestinationName("erp")

MINIMAL = """
version: 1
instance: shop
destinations:
  erp: {kind: legacy, profile: sandbox, base_url: "https://erp.example.com/", takes: [OrderPlaced],
        release: [{methods: ["*"], when: paid}]}
domains:
  orders:
    {creator: magento, modifiers: [magento], authority: magento, direction: magento_to_erp,
     conflict_rule: authority_wins, risk_class: high, escalation: call,
     owners: {engineering: e, operations: o, finance: f, erp: x}}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "blueprint.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_a_blueprint_for_orders_and_stock() -> None:
    policy = load_blueprint(EXAMPLE).policy(ERP)

    assert policy.takes == ORDER_TYPES | {EventType.INVENTORY_ADJUSTED}
    assert policy.stock is not None
    assert policy.stock.warehouses == {"west": "west", "east": "east", "eu-hub": "eu-hub", "default": "default"}
    assert policy.stock.window_age == timedelta(seconds=60)
    assert policy.lifecycle.status_for("open", "processing") == "erp_accepted"
    assert policy.lifecycle.status_for("open", "complete") is None
    assert policy.tolerance == Decimal("0.00")


@pytest.mark.parametrize("method", ["checkmo", "purchaseorder", "banktransfer", "cashondelivery", "free"])
def test_the_example_releases_orders_on_account_when_they_are_placed(method: str) -> None:
    first = next(rule for rule in load_blueprint(EXAMPLE).policy(ERP).release if rule.covers(method))

    assert first.when == "placed"


def test_the_example_lets_every_other_order_wait_for_its_money() -> None:
    first = next(rule for rule in load_blueprint(EXAMPLE).policy(ERP).release if rule.covers("paypal_express"))

    assert first.when == "paid"


def test_what_is_left_out_has_the_defaults_of_the_domain(tmp_path: Path) -> None:
    policy = load_blueprint(write(tmp_path, MINIMAL)).policy(ERP)

    assert policy.retry == RetryPolicy()
    assert policy.stock is None
    assert policy.call_deadline == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", QuarantinePolicy(timedelta(minutes=10), timedelta(hours=1))),
        ("duplicates: {window: 0s}", QuarantinePolicy(timedelta(), timedelta(hours=1))),
        ("replacements: {deadline: 2d}", QuarantinePolicy(timedelta(minutes=10), timedelta(days=2))),
        ("replacements: {mode: independent}", QuarantinePolicy(timedelta(minutes=10), timedelta())),
    ],
)
def test_duplicates_and_replacements_are_looked_for_unless_the_blueprint_says_no(
    said: str, read: QuarantinePolicy, tmp_path: Path
) -> None:
    written = MINIMAL.replace("release:", f"{said}, release:" if said else "release:")

    assert load_blueprint(write(tmp_path, written)).policy(ERP).quarantine == read


def test_an_adapter_gets_its_address_codes_and_fields_and_no_secret() -> None:
    settings = load_blueprint(EXAMPLE).adapter_settings(ERP)

    assert (settings.kind, settings.profile, settings.base_url) == ("legacy", "sandbox", "http://127.0.0.1:8090")
    assert settings.code_maps["payment_methods"]["checkmo"] == "CHECK"
    assert settings.custom_fields["storeCode"] == "store.store_code"


def test_the_examples_adapter_can_be_built() -> None:
    blueprint = load_blueprint(EXAMPLE)
    part = blueprint.adapter_settings(ERP)
    configuration = AdapterConfiguration(
        destination=ERP,
        kind=part.kind,
        profile=part.profile,
        base_url=part.base_url,
        folder=EXAMPLE.parent,
        code_maps=part.code_maps,
        custom_fields=part.custom_fields,
    )

    adapter = build(configuration, SecretStr("key"), blueprint.instance)
    adapter.close()

    assert adapter.capabilities().accepts == set(DocumentKind) - {DocumentKind.EVENT}


def test_a_profile_with_a_path_is_looked_for_beside_the_blueprint(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("", encoding="utf-8")
    path = write(tmp_path, MINIMAL.replace("profile: sandbox", "profile: ./ours.yaml"))

    assert load_blueprint(path).adapter_settings(ERP).profile == str((tmp_path / "ours.yaml").resolve())


def test_a_destination_for_orders_acknowledges_unless_the_blueprint_says_no(tmp_path: Path) -> None:
    silent = write(tmp_path, MINIMAL)
    assert load_blueprint(silent).policy(ERP).acknowledges

    declining = write(tmp_path, MINIMAL.replace("kind: legacy,", "kind: legacy, acknowledges: false,"))
    assert not load_blueprint(declining).policy(ERP).acknowledges


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ("now", None),
        ("beginning", None),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T08:00:00+01:00", datetime(2026, 11, 1, 7, tzinfo=UTC)),
    ],
)
def test_a_start_is_read_as_it_was_said(said: str, since: datetime | None, tmp_path: Path) -> None:
    text = MINIMAL.replace("kind: legacy,", f'kind: legacy, start: "{said}",')

    start = load_blueprint(write(tmp_path, text)).policy(ERP).start

    assert start == Start(said, since)


def test_budgets_and_quiet_hours_are_read_as_they_were_agreed(tmp_path: Path) -> None:
    governor = """governor: {
      budgets: [{calls: 600, per: 1m}, {calls: 20000, per: 1d}],
      quiet_hours: {time_zone: Europe/Berlin, ranges: [
        {days: [fri, sat], begin: 22:00, end: 05:30}, {begin: 12:00, end: 24:00}]}},"""
    text = MINIMAL.replace("kind: legacy,", f"kind: legacy, {governor}")

    terms = load_blueprint(write(tmp_path, text)).policy(ERP).governor

    assert terms.budgets == (RequestBudget(600, timedelta(minutes=1)), RequestBudget(20_000, timedelta(days=1)))
    assert terms.quiet_hours == QuietHours(
        ZoneInfo("Europe/Berlin"),
        (QuietRange(frozenset({4, 5}), 22 * 60, 5 * 60 + 30), QuietRange(frozenset(range(7)), 12 * 60, 24 * 60)),
    )


def test_every_domain_brings_its_owners_and_its_escalation(tmp_path: Path) -> None:
    policy = load_blueprint(write(tmp_path, MINIMAL)).policy(ERP)

    assert policy.owners == {
        "orders.engineering": "e",
        "orders.operations": "o",
        "orders.finance": "f",
        "orders.erp": "x",
        "orders.escalation": "call",
    }


def test_a_changed_meaning_is_told_apart_under_the_same_version(tmp_path: Path) -> None:
    one = load_blueprint(write(tmp_path, MINIMAL))
    other = load_blueprint(write(tmp_path, MINIMAL.replace("when: paid", "when: placed")))

    assert one.version == other.version
    assert one.version_id != other.version_id
    assert one.policy(ERP).version == one.version_id


def test_a_comment_does_not_change_the_meaning(tmp_path: Path) -> None:
    one = load_blueprint(write(tmp_path, MINIMAL))
    other = load_blueprint(write(tmp_path, "# reviewed\n" + MINIMAL))

    assert one.version_id == other.version_id


def test_a_number_with_a_point_never_passes_through_a_float(tmp_path: Path) -> None:
    text = MINIMAL.replace("kind: legacy,", "kind: legacy, tolerance: 0.0100, retry: {factor: 1.5},")

    policy = load_blueprint(write(tmp_path, text)).policy(ERP)

    assert str(policy.tolerance) == "0.0100"
    assert policy.retry.factor == 1.5


def test_codes_keep_their_zeros_and_need_no_quotes(tmp_path: Path) -> None:
    maps = "kind: legacy, code_maps: {plants: {west: 0010, east: 1710, norway: NO, off: yes}},"
    path = write(tmp_path, MINIMAL.replace("kind: legacy,", maps))

    plants = load_blueprint(path).adapter_settings(ERP).code_maps["plants"]

    assert plants == {"west": "0010", "east": "1710", "norway": "NO", "off": "yes"}


def test_a_blueprint_does_not_change_after_it_was_read(tmp_path: Path) -> None:
    blueprint = load_blueprint(write(tmp_path, MINIMAL))

    with pytest.raises(FrozenInstanceError):
        blueprint.version = "2"  # type: ignore[misc]


def test_asking_for_another_destination_names_those_that_there_are(tmp_path: Path) -> None:
    blueprint = load_blueprint(write(tmp_path, MINIMAL))

    with pytest.raises(ConfigurationError, match="no destination 'wms', only erp"):
        blueprint.policy(DestinationName("wms"))


def test_the_example_for_odoo_is_sound_and_its_adapter_speaks_for_that_company() -> None:
    path = EXAMPLE.with_name("odoo.yaml")

    blueprint = check_blueprint(path)

    part = blueprint.adapter_settings(DestinationName("odoo")).odoo
    assert part is not None
    assert asdict(OdooTerms(**dict(part))) == {
        "database": "production",
        "company": 1,
        "shipping_product": "SHIPPING",
        "discount_product": "DISCOUNT",
        "confirm": True,
        "post_refunds": True,
        "restock": False,
        "customer_field": "ref",
        "login": None,
    }
