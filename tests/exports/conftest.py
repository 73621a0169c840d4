"""An archive to begin with."""

from pathlib import Path

import pytest

from archives import JUNE, write
from funnel_analytics.exports.archive.archive import add_exports


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with one export."""
    add_exports(tmp_path / "archive", write(tmp_path, JUNE))
    return tmp_path / "archive"
