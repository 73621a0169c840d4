"""Reads files in a process of its own, so that a crash, a hang or a flood of memory is seen from outside.

Run as ``python read_all.py files PATH…`` or ``python read_all.py fuzz SEED COUNT PATH…``: prints one JSON line per
reading: what was read, how it ended, the peak memory so far.
"""

import json
import random
import resource
import sys
import tempfile
from pathlib import Path

import funnel_analytics as fa
from funnel_analytics.errors import FunnelError

MEMORY = 3 * 1024**3


def ending(path: Path) -> str:
    try:
        book = fa.read_exports(path, as_of="2026-09-30")
    except FunnelError as problem:
        return f"refused: {problem}"
    kept, rows_in, aside = (int(book.receipt[name].sum()) for name in ("rows_kept", "rows_in", "rows_set_aside"))
    return "read" if kept + aside == rows_in else f"unbalanced: {rows_in} rows in, {kept} kept, {aside} set aside"


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, removed, doubled or inserted; sometimes the end is cut off."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        at = chance.randrange(len(data))
        kind = chance.randrange(5)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 2:
            data[at:at] = data[at : at + chance.randrange(1, 400)]
        elif kind == 3:
            data[at:at] = bytes(chance.choices(b"\x00\xff\"',;\t\n\r<>&[]{}=-0919e", k=chance.randrange(1, 6)))
        else:
            data[at] ^= 1 << chance.randrange(8)
        if not data:
            return b""
    return bytes(data[: chance.randrange(len(data))] if chance.random() < 0.05 else data)


def peak_megabytes() -> int:
    """The peak memory of this process; getrusage would count that of the process which started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)


def say(name: str, ended: str) -> None:
    peak = peak_megabytes()
    print(json.dumps({"name": name, "ended": ended[:300], "megabytes": peak}), flush=True)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if sys.argv[1] == "files":
        for text in sys.argv[2:]:
            say(text, ending(Path(text)))
        return
    seed, count = int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        for text in sys.argv[4:]:
            chance, content = random.Random(f"{seed} {Path(text).name}"), Path(text).read_bytes()
            for number in range(count):
                target = Path(folder) / f"x{Path(text).suffix}"
                target.write_bytes(mutated(content, chance))
                try:
                    say(f"{Path(text).name} #{number}", ending(target))
                except BaseException:
                    keep = Path(tempfile.gettempdir()) / f"fuzz-{seed}-{number}{target.suffix}"
                    keep.write_bytes(target.read_bytes())
                    say(f"{Path(text).name} #{number}", f"kept as {keep}")
                    raise


if __name__ == "__main__":
    main()
