"""No test here writes to the progress file of whoever runs it."""

import pytest


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("NORMLIB_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"
