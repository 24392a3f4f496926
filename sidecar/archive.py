"""The archive: purged events as compressed JSON Lines, one file per range of ids, readable by its owner alone.

A file is written under another name, forced to disk, then renamed; its manifest (counts, hash) follows in the same
way, and the folder itself is forced to disk. Only then may the events be deleted. A data file without a manifest is
what a crash has left: its events are still in the outbox, and a later file holds them again. So an event may stand in
two files, always with the same content; whoever reads several files keeps one of each id.
"""

import contextlib
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from sidecar.domain.errors import ConfigurationError, StorageError
from sidecar.domain.events import OutboxId

Row = dict[str, Any]

_DATA: Final = ".jsonl.gz"
_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


class FileArchive:
    """Archive files in one folder, which is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        """Nothing is written yet."""
        self._folder = folder

    def keep(self, first: OutboxId, last: OutboxId, rows: Iterable[Mapping[str, object]]) -> str:
        """Write the events of a range; on return they are on disk for good. Returns the file's path."""
        name = f"erp_outbox-{first:012d}-{last:012d}"
        path = self._folder / f"{name}{_DATA}"
        with _telling(self._folder):
            self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            events = write_lines(path, rows)
            write_manifest(path, {"first": first, "last": last, "events": events})
        return str(path)

    def rewrite(self, change: Callable[[Row], Row | None], *, dry_run: bool) -> tuple[dict[str, int], list[str]]:
        """Put each row's change in its place; returns how many rows changed per file, and files nobody could read.

        A file without a manifest is what a crash has left: it is changed like the others, so that nothing stays in it.
        """
        changed: dict[str, int] = {}
        unreadable: list[str] = []
        for path in sorted(self._folder.glob(f"*{_DATA}")):
            try:
                count = sum(change(row) is not None for row in read_lines(path))
            except (OSError, EOFError, ValueError, KeyError, zlib.error):
                unreadable.append(str(path))
                continue
            if count:
                changed[str(path)] = count
                if not dry_run:
                    with _telling(self._folder):
                        self._replace(path, change)
        return changed, unreadable

    def _replace(self, path: Path, change: Callable[[Row], Row | None]) -> None:
        manifest = manifest_of(path)
        held = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else None
        write_lines(path, (change(row) or row for row in read_lines(path)))
        if held is not None:
            write_manifest(path, {name: held[name] for name in ("first", "last", "events")})


def write_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """Write rows as compressed lines, replacing the file at once and for good; returns how many."""
    count = 0
    with _replacing(path) as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        for row in rows:
            packed.write(json.dumps(dict(row), ensure_ascii=True).encode("ascii") + b"\n")
            count += 1
    return count


def read_lines(path: Path) -> Iterator[Row]:
    """The rows of one file."""
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for line in lines:
            yield json.loads(line)


def write_manifest(path: Path, facts: Mapping[str, object]) -> None:
    """Write, beside a data file, what it holds, and its hash as it lies on disk."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = {"file": path.name, **facts, "sha256": sha256, "written_at": datetime.now(UTC).isoformat()}
    with _replacing(manifest_of(path)) as file:
        file.write(json.dumps(manifest, indent=2).encode() + b"\n")


def manifest_of(path: Path) -> Path:
    """The manifest of a data file."""
    return path.with_name(path.name.removesuffix(_DATA) + ".manifest.json")


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the path's place, on disk for good, when the block ends well."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _telling(folder: Path) -> Iterator[None]:
    """Let a full disk or a wrong mode be told in words."""
    try:
        yield
    except PermissionError as error:
        message = f"the archive folder {folder} cannot be written: {error.strerror}"
        raise ConfigurationError(
            message, hint="give it to the service's user: install -d -m 0700 -o erp-sidecar FOLDER"
        ) from error
    except OSError as error:
        message = f"the archive in {folder} cannot be written: {error.strerror}"
        raise StorageError(
            message, hint="nothing was deleted; make room, or name another folder under [janitor]"
        ) from error
