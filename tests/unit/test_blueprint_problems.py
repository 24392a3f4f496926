"""Each mistake in a blueprint is told with file, key, what was found and what is allowed, and all of them at once."""

from pathlib import Path

import pytest

from sidecar.domain.events import EventType
from tests.support.blueprints import Change, Values, add_destination, erp, orders, problems_after


def test_the_base_of_these_tests_is_a_good_blueprint(tmp_path: Path) -> None:
    assert problems_after(lambda _: None, tmp_path) == []


def test_a_destination_that_takes_events_as_they_are_needs_neither_profile_nor_rules(tmp_path: Path) -> None:
    def add_feed(values: Values) -> None:
        feed = {"kind": "cloudevents_batch", "base_url": "https://hub.example.com/events", "takes": ["OrderPlaced"]}
        feed["start"] = "now"
        values["destinations"]["hub"] = feed

    assert problems_after(add_feed, tmp_path) == []


ODOO = {"database": "prod", "company": 1, "shipping_product": "SHIP", "discount_product": "DISC"}
ODOO_MAPS = {"taxes": {"19": "l10n_de.tax_19", "0": "none"}, "pricelists": {"EUR": "shop.pricelist_eur"}}


def as_odoo(values: Values, **changes: object) -> None:
    erp(values).pop("profile")
    erp(values).pop("stock", None)
    erp(values)["takes"] = [name for name in erp(values)["takes"] if not name.startswith("Inventory")]
    erp(values).update({"kind": "odoo", "odoo": ODOO, "code_maps": ODOO_MAPS, **changes})


def test_an_odoo_is_a_company_of_a_database_with_its_taxes_and_pricelists(tmp_path: Path) -> None:
    assert problems_after(as_odoo, tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"odoo": None}, ["destinations.erp.odoo: found nothing, allowed: a table with database, company, "]),
        ({"profile": "sandbox"}, ["destinations.erp.profile: found 'sandbox', allowed: nothing: kind odoo needs"]),
        ({"odoo": {**ODOO, "company": "1"}}, ["destinations.erp.odoo.company: found '1', allowed: the company's key"]),
        (
            {"code_maps": {}},
            ["destinations.erp.code_maps.taxes: found nothing", "destinations.erp.code_maps.pricelists: found nothing"],
        ),
        (
            {"code_maps": {**ODOO_MAPS, "taxes": {"19": "19 % VAT"}}},
            ["destinations.erp.code_maps.taxes.19: found '19 % VAT', allowed: an external identifier such as"],
        ),
        (
            {"code_maps": {**ODOO_MAPS, "payment_terms": {"checkmo": "none"}}},
            ["destinations.erp.code_maps.payment_terms.checkmo: found 'none', allowed: an external identifier"],
        ),
        ({"odoo": {**ODOO, "login": ""}}, ["destinations.erp.odoo.login: found ''"]),
    ],
)
def test_what_an_odoo_lacks_or_cannot_do_is_told(changes: dict[str, object], told: list[str], tmp_path: Path) -> None:
    problems = problems_after(lambda values: as_odoo(values, **changes), tmp_path)

    for start in told:
        assert any(problem.startswith(start) for problem in problems), problems


NIGHT = {"begin": "22:00", "end": "05:30"}

FORMS: list[tuple[Change, str]] = [
    (
        lambda v: erp(v).update(number={"last": 33}),
        (
            "destinations.erp.number: found a table of keys, allowed: one rule for numbers of more than 32 characters: "
            '{last: 32}, {after: "-"} (what follows the last one) or {without: "-"}'
        ),
    ),
    (
        lambda v: erp(v).pop("profile"),
        (
            "destinations.erp.profile: found nothing, "
            "allowed: the name of a profile that ships with the adapter, or a path beside this file"
        ),
    ),
    (
        lambda v: erp(v).update(batch={"events": 5}),
        "destinations.erp.batch: found a table that kind legacy never uses, allowed: none, or kind cloudevents_batch",
    ),
    (
        lambda v: erp(v).update(odoo=ODOO),
        "destinations.erp.odoo: found a table that kind legacy never uses, allowed: none, or kind odoo",
    ),
    (
        lambda v: v["destinations"].update(
            hub={
                "kind": "cloudevents",
                "profile": "sandbox",
                "base_url": "https://hub.example.com/events",
                "takes": ["OrderPlaced"],
                "start": "now",
            }
        ),
        "destinations.hub.profile: found 'sandbox', allowed: nothing: kind cloudevents sends events as they are",
    ),
    (
        lambda v: erp(v)["release"][0].update(when="payed"),
        "destinations.erp.release[0].when: found 'payed', allowed: placed, authorized, paid",
    ),
    (
        lambda v: erp(v).update(takes=["OrderPlaced", "OrderShipped", "InventoryAdjusted"]),
        f"destinations.erp.takes: found 'OrderShipped', allowed: {', '.join(sorted(EventType))}",
    ),
    (
        lambda v: erp(v).update(duplicates={"window": "long"}),
        (
            "destinations.erp.duplicates.window: found 'long', "
            "allowed: a duration such as 250ms, 30s, 5m, 2h or 7d, up to a year"
        ),
    ),
    (
        lambda v: erp(v).update(replacements={"mode": "change"}),
        (
            "destinations.erp.replacements.mode: found 'change', which is not built: the predecessor's document "
            "has its own reference and key, allowed: wait, independent"
        ),
    ),
    (
        lambda v: erp(v).update(replacements={"deadline": "0s"}),
        "destinations.erp.replacements.deadline: found no time at all, allowed: a duration above zero",
    ),
    (
        lambda v: erp(v).update(relaese=[]),
        (
            "destinations.erp.relaese: found an unknown key, "
            "allowed: code_maps, constants, custom_fields, per_store, special_cases, "
            "kind, profile, base_url, takes, stores, start, authority_for, echoes, acknowledges, release, "
            "duplicates, replacements, retry, pending, lifecycle, number, odoo, stock, intents, allocation, "
            "inbound, stock_feed, batch, tolerance, read_back, concurrency, call_deadline, governor"
        ),
    ),
    (
        lambda v: erp(v).pop("profile"),
        (
            "destinations.erp.profile: found nothing, "
            "allowed: the name of a profile that ships with the adapter, or a path beside this file"
        ),
    ),
    (
        lambda v: erp(v).update(profile="./absent.yaml"),
        (
            "destinations.erp.profile: found './absent.yaml', where no file is, "
            "allowed: the name of a shipped profile, or a path beside this file"
        ),
    ),
    (
        lambda v: erp(v).update(retry={"first": "2 minutes"}),
        (
            "destinations.erp.retry.first: found '2 minutes', "
            "allowed: a duration such as 250ms, 30s, 5m, 2h or 7d, up to a year"
        ),
    ),
    (
        lambda v: erp(v).update(retry={"first": "0s"}),
        "destinations.erp.retry.first: found no time at all, allowed: a duration above zero",
    ),
    (
        lambda v: erp(v).update(tolerance="1.5"),
        "destinations.erp.tolerance: found 1.5, allowed: an amount below 1, such as 0.01",
    ),
    (
        lambda v: erp(v).update(tolerance="-0.01"),
        "destinations.erp.tolerance: found '-0.01', allowed: a decimal such as 0.01, not negative, up to 4 places",
    ),
    (
        lambda v: erp(v).update(concurrency="many"),
        "destinations.erp.concurrency: found 'many', allowed: a whole number from 1 to 64",
    ),
    (
        lambda v: erp(v).update(start="yesterday"),
        (
            "destinations.erp.start: found 'yesterday', allowed: now, beginning, a date (from 00:00 UTC) or an instant "
            "such as 2026-11-01T08:00:00+01:00"
        ),
    ),
    (
        lambda v: erp(v).update(start="2026-11-01T08:00:00"),
        (
            "destinations.erp.start: found '2026-11-01T08:00:00' without a zone, allowed: now, beginning, "
            "a date (from 00:00 UTC) or an instant such as 2026-11-01T08:00:00+01:00"
        ),
    ),
    (
        lambda v: erp(v).update(stores=["default"]),
        ("destinations.erp.stores[0]: found 'default', allowed: a list of the numbers of store views, such as [1, 4]"),
    ),
    (
        lambda v: erp(v).update(governor={"budgets": [{"calls": 1, "per": "1m"}]}),
        "destinations.erp.governor.budgets[0].calls: found 1, allowed: a whole number from 2 to 100000000",
    ),
    (
        lambda v: erp(v).update(governor={"budgets": [{"calls": 10, "per": "500ms"}]}),
        (
            "destinations.erp.governor.budgets[0].per: found less than a second (0:00:00.500000), "
            "allowed: a duration from 1s on"
        ),
    ),
    (
        lambda v: erp(v).update(governor={"quiet_hours": {"time_zone": "Europe/Berln", "ranges": [NIGHT]}}),
        (
            "destinations.erp.governor.quiet_hours.time_zone: found 'Europe/Berln', "
            "allowed: a time zone that this host knows, such as Europe/Berlin"
        ),
    ),
    (
        lambda v: erp(v).update(governor={"quiet_hours": {"time_zone": "UTC", "ranges": [NIGHT | {"end": "25:00"}]}}),
        (
            "destinations.erp.governor.quiet_hours.ranges[0].end: found '25:00', "
            "allowed: a time on the clock from 00:00 to 24:00, such as 22:30"
        ),
    ),
    (
        lambda v: erp(v).update(governor={"quiet_hours": {"time_zone": "UTC", "ranges": [NIGHT | {"days": ["fr"]}]}}),
        (
            "destinations.erp.governor.quiet_hours.ranges[0].days[0]: found 'fr', "
            "allowed: mon, tue, wed, thu, fri, sat, sun"
        ),
    ),
    (
        lambda v: erp(v).update(custom_fields={"note": "order."}),
        (
            "destinations.erp.custom_fields.note: found 'order.', "
            "allowed: a JMESPath expression over the order, such as order.customer_note"
        ),
    ),
    (
        lambda v: erp(v).update(code_maps={"payment_methods": {"checkmo": True}}),
        (
            "destinations.erp.code_maps.payment_methods.checkmo: found true, "
            "allowed: tables {code of Magento: code of the ERP}"
        ),
    ),
    (
        lambda v: erp(v)["stock"].update(reasons=["sale"]),
        (
            "destinations.erp.stock.reasons[0]: found 'sale', allowed: shipment, refund, manual, import, transfer, "
            "correction, order, invoice, rename, deletion"
        ),
    ),
    (
        lambda v: erp(v)["stock"].update(warehouses={"default": "W 1"}),
        (
            "destinations.erp.stock.warehouses.default: found 'W 1', "
            "allowed: the ERP's warehouse for each of Magento's sources, up to 16 of A-Z a-z 0-9 _ . : -"
        ),
    ),
    (
        lambda v: v.update(version="next one"),
        (
            "version: found 'next one', allowed: text that changes with the meaning, such as 2026-11-23, "
            "up to 40 of A-Z a-z 0-9 _ . -"
        ),
    ),
    (
        lambda v: v.update(instance="the-main-shop"),
        "instance: found 'the-main-shop', allowed: the shop's short name in references, up to 12 letters, digits and -",
    ),
    (
        lambda v: v["destinations"].update(magento=v["destinations"].pop("erp")),
        (
            "destinations.magento: found the name 'magento', "
            "allowed: small letters, digits, _ and -, up to 32, a letter first, not magento"
        ),
    ),
    (
        lambda v: v.update(destinations={}),
        "destinations: found a table of keys, allowed: a table with at least one destination",
    ),
    (
        lambda v: v["domains"].update(order=v["domains"]["orders"]),
        (
            "domains.order: found an unknown domain, allowed: products, prices, stock, customers, orders, payments, "
            "invoices, shipments, returns, refunds"
        ),
    ),
    (
        lambda v: orders(v)["owners"].pop("finance"),
        "domains.orders.owners.finance: found nothing, allowed: the name of a team in finance",
    ),
    (
        lambda v: orders(v)["owners"].update(erp="  "),
        "domains.orders.owners.erp: found '  ', allowed: the name of a team that runs the ERP",
    ),
    (
        lambda v: orders(v).update(risk_class="extreme"),
        "domains.orders.risk_class: found 'extreme', allowed: low, medium, high, critical",
    ),
]


@pytest.mark.parametrize(("change", "line"), FORMS, ids=[line.partition(":")[0] for _, line in FORMS])
def test_a_wrong_value_is_told_with_what_is_allowed(change: Change, line: str, tmp_path: Path) -> None:
    assert problems_after(change, tmp_path) == [line]


def test_an_address_with_a_password_in_it_is_refused_without_repeating_it(tmp_path: Path) -> None:
    problems = problems_after(lambda v: erp(v).update(base_url="https://me:hunter2@erp.example.com"), tmp_path)

    assert len(problems) == 1
    assert problems[0].startswith("destinations.erp.base_url: found an address with more in it, allowed: an address")
    assert "hunter2" not in problems[0]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    def change(values: Values) -> None:
        values["version"] = None
        erp(values)["release"][0]["when"] = "payed"
        orders(values)["authority"] = "sap"
        orders(values)["owners"]["erp"] = ""
        values["domains"]["stock"]["authority"] = "sap"
        add_destination(values, "wms", release=[{"methods": ["*"], "when": "paid"}, {"methods": ["a"], "when": "paid"}])

    keys = [line.partition(": ")[0] for line in problems_after(change, tmp_path)]

    assert keys == [
        "version",
        "destinations.erp.release[0].when",
        "domains.orders.owners.erp",
        "destinations.wms.release[1].methods",
        "domains.stock.authority",
    ]
