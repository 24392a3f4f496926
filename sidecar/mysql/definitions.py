"""What the tables should look like, and which servers they are made for: the files of `outbox_schema`, as data."""

import re
from importlib import resources
from importlib.abc import Traversable
from typing import Final

SCHEMA_FILES: Final = resources.files("outbox_schema")

_OLDEST: Final = {"MariaDB": (10, 6), "MySQL": (8, 0, 19)}


def server_problem(version: str) -> str | None:
    """Say what is wrong with a server of this version, as the server itself writes it; None when nothing is."""
    family = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    # Some MariaDB servers put 5.5.5- in front, for the sake of old replicas.
    numbers = tuple(int(number) for number in re.findall(r"\d+", version.removeprefix("5.5.5-"))[:3])
    if numbers >= _OLDEST[family]:
        return None
    oldest = ".".join(str(number) for number in _OLDEST[family])
    return f"the database server is {family} {version}; the oldest that can be served is {family} {oldest}"


def table_definitions() -> dict[str, str]:
    """The newest definition of every table, by its name without prefix."""
    return {entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8") for entry in _entries("tables")}


def view_definitions() -> dict[str, str]:
    """The newest definition of every view, by its name without prefix."""
    return {entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8") for entry in _entries("views")}


def view_names() -> list[str]:
    """The names of the views, without prefix."""
    return list(view_definitions())


def _entries(folder: str) -> list[Traversable]:
    entries = [entry for entry in SCHEMA_FILES.joinpath(folder).iterdir() if entry.name.endswith(".sql")]
    return sorted(entries, key=lambda entry: entry.name)
