"""Four ERPs that differ in what they promise about duplicates and searches, all played by the sandbox."""

from pathlib import Path
from typing import Any, Final, Literal

import yaml

from erp_adapters.registry import profile_path, read_profile

Promise = Literal["key", "exact", "weak", "none"]
PROMISES: Final[tuple[Promise, ...]] = ("key", "exact", "weak", "none")
LISTINGS: Final = ("list", "deliveries", "invoices", "credit_memos")
LOOK: Final = "the back office under Orders"


def profile_with(promise: Promise, folder: Path, *, without: str = "") -> str:
    """Write the profile of such an ERP into the folder; returns its path.

    key: it refuses a reference that it has, and cannot be searched · exact: it can be searched by our reference ·
    weak: our reference lies in a field that anyone may fill, and is searched by its beginning · none: neither.
    """
    data: Any = read_profile(profile_path("sandbox", folder))
    promises, operations = data["promises"], data["operations"]
    promises["where_to_look"] = LOOK
    match promise:
        case "key":
            promises |= {"native_dedupe": "unique_ref", "find_by_ref": "none"}
            del operations["find"]
        case "none":
            promises |= {"find_by_ref": "none"}
            del operations["find"]
        case "weak":
            promises |= {"find_by_ref": "weak"}
            operations["find"] |= {"parameter": "customerReference", "batch": 1}
            operations["create"]["body"]["customerReference"] = {"path": "reference.external_ref", "max": 35}
            data["order"]["reference"] = "customerReference"
        case "exact":
            pass
    operations.pop(without, None)
    path = folder / f"{promise}.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return str(path)


def options_for(promise: Promise) -> tuple[str, ...]:
    """How the sandbox is started to play it."""
    return ("--reject-duplicates",) if promise == "key" else ()


def profile_with_a_clock(folder: Path) -> str:
    """Write the profile of an ERP that has no cursor, and small pages; returns its path."""
    data: Any = read_profile(profile_path("sandbox", folder))
    for listing in LISTINGS:
        form = data["operations"][listing]
        del form["cursor"], form["first"], form["next"]
        form["parameters"]["limit"] = "2"
        form["clock"] = {
            "since": "changedSince",
            "offset": "offset",
            "first": "2020-01-01T00:00:00Z",
            "changed_at": "changedAt",
            "key": "number",
            "overlap": "5s",
        }
    path = folder / "clock.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return str(path)


def profile_with_levels(folder: Path, *, guarded: bool = True) -> str:
    """Write the profile of an ERP that takes no changes of stock, and is told levels; returns its path."""
    data: Any = read_profile(profile_path("sandbox", folder))
    data["promises"]["stock_write"] = "absolute"
    if not guarded:
        del data["operations"]["stock_count"]["body"]["lines"]["each"]["expected"]
    path = folder / "levels.yaml"
    path.write_text(yaml.safe_dump(data))
    return str(path)
