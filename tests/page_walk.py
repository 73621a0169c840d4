"""Follow a page of docs/extending literally: write what it shows, run what it runs, compare what it promises.

``python page_walk.py PAGE`` works in the present folder, a copy of the project. The sentence before a block says what is
to be done with it:

- "Write `file`:", "At the end of `file`:", "In `file`, behind the line `…`:", "In `file`, the line `…` becomes:";
- a python block is run, a bash block holds lines of ``funnel-analytics``;
- the lines of a text block stand in the output of what was run before it, in this order.

A command must end with 0 unless the sentence names another exit code.
"""

import contextlib
import functools
import gc
import io
import re
import shlex
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")


def steps(page: str) -> list[tuple[str, str, str]]:
    """(sentence before it, language, text) of every block."""
    found, end = [], 0
    for match in BLOCK.finditer(page):
        before = [line for line in page[end : match.start()].splitlines() if line.strip()]
        found.append((before[-1] if before else "", match[1], match[2]))
        end = match.end()
    return found


def edit(sentence: str, text: str) -> bool:
    """Do to a file what the sentence says; False where it is about none."""
    starts = list(re.finditer(r"(?:Write|At the end of|In) `", sentence))
    if not starts or not sentence.endswith(":"):
        return False
    sentence = sentence[starts[-1].start() :]
    named = CODE.findall(sentence)
    if not sentence.startswith("In"):
        path = Path(named[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        appended = sentence.startswith("At") and path.read_text(encoding="utf-8")
        path.write_text(f"{appended}\n{text}" if appended else text, encoding="utf-8")
        return True
    if "behind the line" in sentence or "becomes:" in sentence:
        path, line = Path(named[0]), named[1]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        places = [number for number, old in enumerate(lines) if old.strip() == line.strip()]
        assert len(places) == 1, f"{path} has the line {line!r} {len(places)} times"
        first = places[0] + (1 if "behind the line" in sentence else 0)
        lines[first : places[0] + 1] = [text]
        path.write_text("".join(lines), encoding="utf-8")
        return True
    return False


def forget() -> None:
    """A command in a terminal starts afresh: what was remembered of the package's files is forgotten."""
    for remembered in (thing for thing in gc.get_objects() if isinstance(thing, functools._lru_cache_wrapper)):
        if remembered.__module__.startswith("funnel_analytics"):
            remembered.cache_clear()


def run(sentence: str, language: str, text: str, names: dict[str, object]) -> str:
    """What a block says when it is run."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        if language == "python":
            exec(compile(text, "page", "exec"), names)
            return said.getvalue()
        from funnel_analytics.cli import main

        wanted = re.search(r"exit code (\d)", sentence)
        for line in text.splitlines():
            forget()
            command, *words = shlex.split(line, comments=True)
            assert command == "funnel-analytics", line
            code = main(words)
            assert code == int(wanted[1] if wanted else 0), f"{line} ended with {code}: {said.getvalue()}"
    return said.getvalue()


def walk(page: Path) -> int:
    """Follow a page; the number of its steps."""
    names: dict[str, object] = {"__name__": "page"}
    output, done = "", steps(page.read_text(encoding="utf-8"))
    for sentence, language, text in done:
        if edit(sentence, text):
            # A changed package is read when Python is started anew.
            forget()
            continue
        if language == "text":
            place = 0
            for line in filter(None, map(str.strip, text.splitlines())):
                place = output.find(line, place)
                assert place >= 0, f"the page promises {line!r}, but it says:\n{output}"
        else:
            assert language in ("python", "bash"), f"nothing says what to do with the block behind {sentence!r}"
            output = run(sentence, language, text, names)
    return len(done)


if __name__ == "__main__":
    print(f"{walk(Path(sys.argv[1]))} steps")
