"""The suite that every adapter passes against the ERP it speaks to, or against one that plays it.

A test module for an adapter is a harness and one subclass; erp_adapters/README.md tells the rest:

    pytest_plugins = ["erp_adapters.conformance.plugin"]

    @pytest.fixture(scope="module")
    def harness() -> Harness: ...

    class TestMyErp(AdapterConformance):
        lacks = {Trait.LATER: "one call is one transaction"}
"""

from pathlib import Path

import pytest

for _file in sorted(Path(__file__).parent.glob("*.py")):  # so that what fails shows what it compared
    if _file.stem not in ("__init__", "plugin", "traits"):
        pytest.register_assert_rewrite(f"{__name__}.{_file.stem}")

from erp_adapters.conformance.harness import Fault, Harness, Operation  # noqa: E402 -- after the arrangement above
from erp_adapters.conformance.suite import AdapterConformance  # noqa: E402
from erp_adapters.conformance.traits import Trait  # noqa: E402

__all__ = ["AdapterConformance", "Fault", "Harness", "Operation", "Trait"]
