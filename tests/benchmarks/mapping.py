"""mapping_us: what it costs to turn an order of forty lines into the document of an ERP."""

import json
import time
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, Final

from erp_adapters.conformance.documents import order_reference, payload
from erp_adapters.legacy.profile import profile_of
from erp_adapters.mapping import canonical_order, render
from erp_adapters.registry import profile_path, read_profile
from sidecar.domain.delivery import DocumentKind
from sidecar.domain.order import order_of, parse_payload
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, NotMeasurableError

NAMES: Final = ("mapping_us",)
LINES: Final = 40
_CODES: Final = {"payment_methods": {"checkmo": "CHECK"}, "shipping_methods": {"flatrate_flatrate": "STD"}}


def measure(bench: Bench) -> list[Figure]:
    """Time canonical form and rendering of one order, many times; reading its JSON is told apart."""
    profile = profile_of(read_profile(profile_path("sandbox", Path())), "sandbox")
    effect = profile.effect(DocumentKind.ORDER)
    if effect is None:
        raise NotMeasurableError("the shipped profile creates no orders")
    codes = {**profile.code_maps, **_CODES}
    text, reference = json.dumps(order_of_forty_lines()), order_reference("M1-42")
    reading, mapping = [], []
    for _ in range(bench.sizes.mappings):
        began = time.process_time()
        order = order_of(parse_payload(text))
        read = time.process_time()
        render(effect.body, canonical_order(order, reference, {}), codes)
        mapped = time.process_time()
        reading.append(read - began)
        mapping.append(mapped - read)
    says = f"{LINES} lines, {len(text)} bytes; reading the payload takes {median(reading) * 1e6:.0f} us more"
    return [Figure("mapping_us", median(mapping) * 1e6, says=says)]


def order_of_forty_lines() -> dict[str, Any]:
    """An order whose amounts add up."""
    order = payload(("sku-1", "sku-2"))
    first, _ = order["items"]
    order["items"] = [
        {**first, "item_id": 900 + number, "sku": f"sku-{number}", "name": f"Thing number {number}"}
        for number in range(LINES)
    ]
    subtotal = sum(Decimal(item["row_total"]) for item in order["items"])
    discount = -sum(Decimal(item["discount_amount"]) for item in order["items"])
    row = order["order"]
    total = subtotal + discount + Decimal(row["shipping_amount"]) + Decimal(row["tax_amount"])
    row |= {"subtotal": str(subtotal), "discount_amount": str(discount), "grand_total": str(total)}
    return order
