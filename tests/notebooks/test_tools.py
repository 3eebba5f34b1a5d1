"""make notebooks, make start and make address, on small copies."""

import base64
import io
import subprocess

import nbformat
import pytest
from PIL import Image

from tools import address, notebooks, start


def notebook(*sources):
    nb = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_code_cell(s) for s in sources]
    return nb


def test_execution_rewrites_only_what_changed(tmp_path):
    file = tmp_path / "a.ipynb"
    nbformat.write(notebook("1 + 1", "print('a')"), file)
    assert notebooks.execute(file)
    first = file.read_text()
    assert not notebooks.execute(file)
    assert file.read_text() == first
    nb = nbformat.read(file, as_version=4)
    nb.cells[1].source = "print('b')"
    nbformat.write(nb, file)
    assert notebooks.execute(file)
    assert "b\\n" in file.read_text()


def png(shade, size=(4, 4)):
    out = io.BytesIO()
    Image.new("RGB", size, (shade,) * 3).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_pictures_are_compared_by_their_pixels():
    assert notebooks.same_picture(png(100), png(104))
    assert not notebooks.same_picture(png(100), png(120))
    assert not notebooks.same_picture(png(100), png(100, (4, 5)))


def test_start_never_overwrites_an_answer(tmp_path):
    source, work = tmp_path / "exercises", tmp_path / "work"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "a.ipynb").write_text("stub")
    assert start.start(source, work) == (["deep/a.ipynb"], [])
    (work / "deep" / "a.ipynb").write_text("my answer")
    (source / "b.ipynb").write_text("new")
    assert start.start(source, work) == (["b.ipynb"], ["deep/a.ipynb"])
    assert (work / "deep" / "a.ipynb").read_text() == "my answer"


def test_address_changes_every_place(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    texts = {
        "_config.yml": "url: https://github.com/OWNER/course\n",
        "README.md": "github.com/OWNER/course, x/github/OWNER/course/",
        "a.ipynb": '"%pip install git+https://github.com/OWNER/course"',
        "other.md": "github.com/someone/else",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)
    changed = address.change("me/mine", tmp_path)
    assert {f.name for f in changed} == set(texts) - {"other.md"}
    assert address.current(tmp_path) == "me/mine"
    for name in set(texts) - {"other.md"}:
        assert "OWNER" not in (tmp_path / name).read_text()


@pytest.mark.parametrize("bad", ["", "alone", "a/b/c", "a b/c"])
def test_a_bad_address_changes_nothing(bad, tmp_path):
    with pytest.raises(SystemExit, match="REPO=owner/name"):
        address.change(bad, tmp_path)
