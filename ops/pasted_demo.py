"""The demonstration's output in the README: `python -m ops.pasted_demo` plays two rounds and pastes what they print."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[1]
README: Final = PROJECT / "README.md"
ROUND: Final = ("ops/demo", "--once", "--seed", "7")
WIDTH: Final = 112


def main() -> int:
    """Renew the README; 1 when a round broke a promise, which is then not pasted."""
    for_people = _play(ROUND, stderr=subprocess.STDOUT)
    for_programs = _play((*ROUND, "--json"), stderr=subprocess.DEVNULL)
    if for_people is None or for_programs is None:
        print("A round of the demonstration failed; the README stays as it is.", file=sys.stderr)
        return 1
    lines = textwrap.wrap(for_programs.strip(), WIDTH, break_long_words=False, break_on_hyphens=False)
    text = README.read_text(encoding="utf-8")
    README.write_text(pasted(pasted(text, "text", for_people), "json", "\n".join(lines)), encoding="utf-8")
    return 0


def pasted(text: str, kind: str, output: str) -> str:
    """The README's text with this output between its marks, indented as code."""
    block = "\n".join(f"    {line}".rstrip() for line in output.strip("\n").splitlines())
    begin, end = f"<!-- demo: {kind} -->", f"<!-- end of demo: {kind} -->"
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n\n{block}\n\n{end}", text, flags=re.DOTALL)


def _play(command: tuple[str, ...], stderr: int) -> str | None:
    played = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False)
    return played.stdout if played.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
