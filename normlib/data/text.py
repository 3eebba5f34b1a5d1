"""Text for a small language model: sources of the standard library.

They differ from one Python to the next, so those of Python 3.11.7 are
committed, with the licence that they stand under (PSF License Version 2,
in the archive). `python -m normlib.data.text` packs those of the Python
that runs it.
"""

from __future__ import annotations

import hashlib
import io
import re
import sysconfig
import tarfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

FILE = Path(__file__).with_name("sources.tar.xz")
LICENCE = "LICENSE.txt"
NOTICE = re.compile(rb"copyright|licen[sc]e|\(c\)", re.IGNORECASE)
SIZES = range(5_000, 64_000)  # bytes; larger ones are tables, or too much
SHARES = (0.8, 0.9)  # where training ends, and validation


class Text(NamedTuple):
    """One seed's division: bytes (n,), uint8."""

    train: torch.Tensor
    val: torch.Tensor
    test: torch.Tensor


def choose() -> list[Path]:
    """Return the modules to pack: plain ASCII, without a notice inside.

    Top-level ones that are not private, of 5 to 64 thousand bytes.
    """
    library = Path(sysconfig.get_path("stdlib"))
    found = []
    for path in sorted(library.glob("[!_]*.py")):
        text = path.read_bytes()
        if (
            len(text) in SIZES
            and text.isascii()
            and not NOTICE.search(text)
        ):
            found.append(path)
    return [library / LICENCE, *found]


def main() -> None:
    """Write the archive; the same files give the same bytes."""
    with tarfile.open(FILE, "w:xz", preset=9) as archive:
        for path in choose():
            text, entry = path.read_bytes(), tarfile.TarInfo(path.name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))


@cache
def read() -> dict[str, bytes]:
    """Return the text of each file by its name, without the licence."""
    with tarfile.open(FILE) as archive:
        found = {e.name: archive.extractfile(e).read() for e in archive}
    return {name: text for name, text in found.items() if name != LICENCE}


def sources(seed: int) -> Text:
    """Split 79 modules of Python's standard library, 1.64 MB, by file.

    A token is a byte; 96 different ones occur, all below 128. Each seed
    puts the files into another order: those in the first 80 % of the
    bytes are for training, 10 % for validation, the rest for the test. A
    file belongs where its first byte falls.
    """

    def place(name: str) -> bytes:
        return hashlib.sha256(f"{seed} {name}".encode()).digest()

    files, seen = read(), 0
    total = sum(map(len, files.values()))
    parts = bytearray(), bytearray(), bytearray()
    for name in sorted(files, key=place):
        part = sum(seen >= share * total for share in SHARES)
        parts[part].extend(files[name])
        seen += len(files[name])
    return Text(*(torch.frombuffer(p, dtype=torch.uint8) for p in parts))


@cache
def _sources_digest() -> str:
    seen = hashlib.sha256()
    for name, text in read().items():
        seen.update(name.encode() + text)
    return seen.hexdigest()[:16]


sources.data_digest = _sources_digest


def crops(
    tokens: torch.Tensor, batch: int, length: int, draw: torch.Generator
) -> torch.Tensor:
    """Cut pieces (batch, length + 1) from tokens (n,), int64, anywhere.

    The last `length` of a piece are what is to be predicted from those
    before. Raises ValueError where the text is too short.
    """
    if length >= len(tokens):
        raise ValueError(
            f"length is {length}; wanted: less than {len(tokens)}, the text"
        )
    starts = torch.randint(len(tokens) - length, (batch, 1), generator=draw)
    return tokens[starts + torch.arange(length + 1)].long()


if __name__ == "__main__":
    main()
