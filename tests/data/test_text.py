"""The text is the same everywhere, split by file, cut by a seed."""

import hashlib
import sysconfig
import tarfile
from pathlib import Path

import pytest
import torch

from normlib.data import Text, crops, sources, text
from normlib.experiments import fingerprint

PINNED = {0: "905e7b141b38827a", 1: "a65de89b711cc609"}


def digest(parts):
    joined = b"|".join(bytes(part.tolist()) for part in parts)
    return hashlib.sha256(joined).hexdigest()[:16]


def test_the_same_on_every_machine():
    assert {s: digest(sources(s)) for s in PINNED} == PINNED
    assert sources.data_digest() == "f04dc593319041ce"


def test_every_file_is_in_one_part():
    files = text.read()
    for seed in range(3):
        parts = [bytes(part.tolist()) for part in sources(seed)]
        for name, body in files.items():
            assert [body in part for part in parts].count(True) == 1, name
        assert sum(map(len, parts)) == sum(map(len, files.values()))
        shares = [len(part) / 1_640_343 for part in parts]
        assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.04)


def test_tokens_are_bytes_of_plain_text():
    parts = sources(0)
    assert isinstance(parts, Text)
    for part in parts:
        assert part.dtype == torch.uint8 and part.ndim == 1
    seen = torch.cat(list(parts)).unique().tolist()
    assert seen == [10, *range(32, 127)]


def test_seeds_draw_other_splits():
    assert len({len(sources(seed).test) for seed in range(6)}) > 3


def test_the_licence_travels_along():
    with tarfile.open(text.FILE) as archive:
        licence = archive.extractfile(text.LICENCE).read()
    assert b"PSF License Version 2" in licence
    assert not any(map(text.NOTICE.search, text.read().values()))


def test_they_are_sources_of_the_standard_library():
    """Most of their lines stand in the Python that runs this, too."""
    library, shared, total = Path(sysconfig.get_path("stdlib")), 0, 0
    for name, body in text.read().items():
        if (library / name).exists():  # some have left since 3.11
            lines = set(body.splitlines())
            own = set((library / name).read_bytes().splitlines())
            shared, total = shared + len(lines & own), total + len(lines)
    assert total > 15_000 and shared / total > 0.7


def test_choosing_takes_plain_modules_and_the_licence():
    licence, *modules = text.choose()
    assert licence.name == "LICENSE.txt"
    names = {path.name for path in modules}
    assert {"queue.py", "threading.py", "wave.py"} <= names
    assert not {"_strptime.py", "typing.py", "this.py"} & names


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def test_crops_are_pieces_of_the_text():
    tokens = torch.arange(50, dtype=torch.uint8)
    found = crops(tokens, 400, 7, draw())
    assert found.shape == (400, 8) and found.dtype == torch.int64
    assert (found.diff(dim=1) == 1).all()
    assert found[:, 0].unique().tolist() == list(range(43))
    assert torch.equal(found, crops(tokens, 400, 7, draw()))
    assert not torch.equal(found, crops(tokens, 400, 7, draw(1)))


def test_a_text_that_is_too_short_is_named():
    with pytest.raises(ValueError, match="length is 50; wanted: less than"):
        crops(torch.zeros(50, dtype=torch.uint8), 1, 50, draw())


def test_a_record_notices_another_text(monkeypatch):
    def measure(config, unit, device):
        return sources(0)

    before = fingerprint.of(measure)
    monkeypatch.setattr(text, "read", lambda: {"a.py": b"pass\n"})
    text._sources_digest.cache_clear()
    changed = fingerprint.changed(before, fingerprint.of(measure))
    monkeypatch.undo()
    text._sources_digest.cache_clear()
    assert "normlib.data.text.sources: data" in changed
