"""The tables of settings, made from the models that read them: `python -m ops.settings_table` renews them.

The README has the keys of every table; tables within a destination's own have theirs in ops/connecting.md.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sidecar.configuration import duration_of
from sidecar.reaching import DestinationSettings
from sidecar.settings import Settings

README: Final = Path(__file__).resolve().parents[1] / "README.md"
CONNECTING: Final = README.parent / "ops" / "connecting.md"
BEGIN: Final = "<!-- settings: made by python -m ops.settings_table -->"
END: Final = "<!-- end of settings -->"
_HEAD: Final = ("| key | default | what is allowed |", "|---|---|---|")
_DURATION: Final = "a duration such as 250ms, 30s, 5m, 2h or 7d"
_UNITS: Final = ("d", "h", "m", "s", "ms")


def settings_table() -> str:
    """Every key of `sidecar.toml` in Markdown, in the order of the models; single keys first, then the tables."""
    rows, tables = [], []
    for name, field in Settings.model_fields.items():
        part = _part_of(field)
        if part is None:
            rows.append(_row(name, field))
        else:
            at = f"{name}.NAME" if get_origin(field.annotation) in (dict, Mapping) else name
            tables += [f"| **[{at}]** | | {_promise_of(part)} |", *_rows(at, part)]
    return "\n".join([*_HEAD, *rows, *tables])


def connecting_table() -> str:
    """Every key of the tables within a destination's own."""
    rows = list(_HEAD)
    for name, field in DestinationSettings.model_fields.items():
        part = _part_of(field)
        if part is not None:
            at = f"destinations.NAME.{name}"
            rows += [f"| **[{at}]** | | {_promise_of(part)} |", *_rows(at, part)]
    return "\n".join(rows)


def renewed(text: str, table: str) -> str:
    """A document's text with its table as it is now."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _rows(at: str, part: type[BaseModel]) -> Iterator[str]:
    """A row for each key; a secret's three ways are one."""
    for name, field in part.model_fields.items():
        ways = [f"{name}_file", f"{name}_credential"]
        if all(way in part.model_fields for way in ways):
            keys = ", ".join(f"`{at}.{key}`" for key in (name, *ways))
            yield f"| {keys} |  | text, the path of a file that holds it alone, or the name of a systemd credential |"
        elif not name.endswith(("_file", "_credential")) or name.rpartition("_")[0] not in part.model_fields:
            yield _row(f"{at}.{name}", field)


def _row(key: str, field: FieldInfo) -> str:
    return f"| `{key}` | {_default_of(field)} | {field.description or _DURATION} |"


def _part_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a table, or of a table's entries; None for a single value."""
    for candidate in (field.annotation, *get_args(field.annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _promise_of(part: type[BaseModel]) -> str:
    return (part.__doc__ or "").strip().splitlines()[0]


def _default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    match field.default:
        case None | "" | () | BaseModel():
            return ""
        case timedelta() as duration:
            return f"`{_written(duration)}`"
        case bool() as switch:
            return f"`{str(switch).lower()}`"
        case value:
            return f"`{value}`"


def _written(duration: timedelta) -> str:
    """The shortest way to write a duration."""
    for unit in _UNITS:
        step = duration_of(f"1{unit}")
        if step is not None and not duration % step:
            return f"{duration // step}{unit}"
    raise ValueError(f"{duration} is finer than a millisecond")


if __name__ == "__main__":
    for path, table in ((README, settings_table()), (CONNECTING, connecting_table())):
        path.write_text(renewed(path.read_text(encoding="utf-8"), table), encoding="utf-8")
