"""The state file: what this host remembers of the database, so that a restored or copied one is noticed.

It is replaced as a whole and flushed before it takes its name: whoever reads it finds the old one or the new one.
"""

import contextlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sidecar.domain.errors import ConfigurationError
from sidecar.domain.identity import Mark, Memory, Place, StreamMark

NAME: Final = "identity.json"


class StateFile:
    """One file in the state directory; one sidecar per directory."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet."""
        self.path = folder / NAME

    def read(self) -> Memory | None:
        """What was remembered; None where there is no file. Raises ConfigurationError for what cannot be read."""
        try:
            return _memory_of(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refused(f"cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{self.path} is not what the sidecar wrote ({type(error).__name__})"
            hint = (
                "move it away and start again: the database's own word is taken then; after a restore see the runbook"
            )
            raise ConfigurationError(message, hint=hint) from error

    def write(self, memory: Memory) -> None:
        """Replace the file; raises ConfigurationError where the folder cannot be written."""
        draft = self.path.with_name(f".{NAME}.{os.getpid()}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with draft.open("w", encoding="utf-8") as file:
                json.dump(_as_json(memory), file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
            _flush_folder(self.path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise self._refused(f"cannot be written: {error.strerror}") from error

    def _refused(self, what: str) -> ConfigurationError:
        owner = "install -d -m 0700 -o erp-sidecar -g erp-sidecar"
        return ConfigurationError(f"{self.path} {what}", hint=f"{owner} {self.path.parent}, or set state_dir")


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _as_json(memory: Memory) -> dict[str, Any]:
    place, newest = memory.place, memory.newest
    return {
        "instance": memory.instance_id,
        "epoch": memory.epoch,
        "place": {"server": place.server, "schema": place.schema, "address": place.address},
        "newest": {"id": newest.id, "event_id": newest.event_id},
        "streams": {
            name: {"token": mark.token, "accounted_to": mark.accounted_to}
            for name, mark in sorted(memory.streams.items())
        },
        "seen_at": memory.seen_at.isoformat(),
    }


def _memory_of(values: dict[str, Any]) -> Memory:
    streams = {
        str(name): StreamMark(int(mark["token"]), int(mark["accounted_to"])) for name, mark in values["streams"].items()
    }
    place, newest = values["place"], values["newest"]
    return Memory(
        str(values["instance"]),
        int(values["epoch"]),
        Place(str(place["server"]), str(place["schema"]), str(place["address"])),
        Mark(int(newest["id"]), str(newest["event_id"])),
        streams,
        datetime.fromisoformat(values["seen_at"]),
    )
