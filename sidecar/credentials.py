"""Where passwords and keys come from: a systemd credential, a file of their own, or the settings themselves.

A secret is handed out wrapped and is in no error: those name the place only. A file with a secret in it that
everybody on the host may read is refused.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from sidecar.configuration import Problem, listed

_LARGEST: Final = 64 * 1024
_SHARED_FOLDER: Final = "secrets_"
"""What systemd puts before the names of files that `LoadCredential=secrets:FOLDER` hands over."""


@dataclass(frozen=True, slots=True)
class SecretSource:
    """The three ways to give one secret, of which at most one is used; `key` is its dotted name in the settings."""

    key: str
    inline: SecretStr | None
    file: Path | None
    credential: str | None
    default_credential: str

    def read(self, problems: list[Problem]) -> SecretStr | None:
        """The secret; None when none was given, or when there is a problem with it."""
        given = [
            name
            for name, value in (
                (self.key, self.inline),
                (f"{self.key}_file", self.file),
                (f"{self.key}_credential", self.credential),
            )
            if value is not None
        ]
        if len(given) > 1:
            problems.append(Problem(self.key, listed(given), "one of them"))
            return None
        if self.inline is not None:
            return self.inline
        if self.file is not None:
            return _read(f"{self.key}_file", self.file, problems)
        return self._from_credential(problems)

    def _from_credential(self, problems: list[Problem]) -> SecretStr | None:
        name = self.credential or self.default_credential
        path = credential_path(name)
        if path is not None:
            return _read(f"{self.key}_credential", path, problems)
        if self.credential is not None:
            found = f"{name!r}, which systemd did not hand over"
            problems.append(Problem(f"{self.key}_credential", found, "the name of a credential that the unit loads"))
        return None


def credential_path(name: str) -> Path | None:
    """The file in which systemd handed a credential over, alone or with a folder of them."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        return None
    candidates = (Path(directory) / name, Path(directory) / f"{_SHARED_FOLDER}{name}")
    return next((path for path in candidates if path.is_file()), None)


def exposure(key: str, path: Path) -> Problem | None:
    """What is wrong with a file that holds a secret, when others than its owner and group may use it."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & stat.S_IRWXO:
        return None
    found = f"a secret in {path}, which everybody on this host may use (mode {mode:04o})"
    return Problem(key, found, "mode 0640 or stricter", hint=f"chmod 640 {path}")


def _read(key: str, path: Path, problems: list[Problem]) -> SecretStr | None:
    try:
        exposed = exposure(key, path)
        if exposed is not None:
            problems.append(exposed)
            return None
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        problems.append(Problem(key, f"{path} ({str(error.strerror).lower()})", "a file that this user may read"))
        return None
    try:
        text = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        text = ""
    if not text or len(raw) > _LARGEST:
        problems.append(Problem(key, f"no secret in {path}", f"one line of UTF-8 text, up to {_LARGEST} bytes"))
        return None
    return SecretStr(text)
