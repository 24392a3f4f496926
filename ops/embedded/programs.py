"""Where the programs are: those that ops/lib/environment.sh put into .build/bin, else the PATH's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / ".build"
UNPACK = PROJECT / "ops" / "lib" / "unpack"


def find_program(name: str) -> Path | None:
    """The program to run for `name`, or None where this machine has none."""
    offered = BUILD / "bin" / name
    if os.access(offered, os.X_OK):
        return offered.resolve()
    return find_on_path(name)


def find_on_path(name: str) -> Path | None:
    """The host's own program, or None; servers hide in folders that an ordinary PATH leaves out."""
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=search)
    return Path(found) if found else None


def unpack(group: str) -> str | None:
    """Unpack the distribution's packages for `group` into .build; the reason if that is impossible."""
    reason = f"ops/lib/unpack {group} failed"
    with subprocess.Popen([UNPACK, group], stderr=subprocess.PIPE, text=True) as run:
        for line in run.stderr or ():
            sys.stderr.write(line)
            reason = line.strip()
    return None if run.returncode == 0 else reason
