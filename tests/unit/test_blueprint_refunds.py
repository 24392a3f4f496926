"""A destination is told of refunds and customers where its adapter makes documents of them."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from erp_adapters.registry import profile_path, read_profile
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName, EventType
from sidecar.wiring import check_blueprint
from tests.support.blueprints import BASE, ORDERS, NoAliases, erp

ASKED = {EventType.CREDITMEMO_CREATED: "refund", EventType.CUSTOMER_SAVED: "customer"}


def written(folder: Path, profile: str) -> Path:
    values = deepcopy(BASE)
    erp(values).update(profile=profile, takes=["OrderPlaced", *map(str, ASKED)], lifecycle={}, stock=None)
    values["domains"] = {name: deepcopy(ORDERS) for name in ("orders", "refunds", "customers")}
    path = folder / "blueprint.yaml"
    path.write_text(yaml.dump(values, Dumper=NoAliases), encoding="utf-8")
    return path


def test_the_shipped_profile_takes_refunds_and_customers(tmp_path: Path) -> None:
    blueprint = check_blueprint(written(tmp_path, "sandbox"))

    assert blueprint.policy(DestinationName("erp")).takes >= ASKED.keys()


@pytest.mark.parametrize(("event", "operation"), ASKED.items())
def test_what_a_profile_has_no_operation_for_is_refused_before_anything_is_sent(
    event: EventType, operation: str, tmp_path: Path
) -> None:
    profile = read_profile(profile_path("sandbox", tmp_path))
    assert isinstance(profile, dict)
    del profile["operations"][operation]
    (tmp_path / "ours.yaml").write_text(yaml.safe_dump(profile), encoding="utf-8")

    with pytest.raises(ConfigurationError) as refused:
        check_blueprint(written(tmp_path, "./ours.yaml"))

    assert (
        f"destinations.erp.takes: found {event}, of which this destination's adapter makes no {operation}, "
        f"allowed: nothing of it; or a profile that has an operation {operation}"
    ) in str(refused.value)
