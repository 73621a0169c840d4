"""What several tests need: the shared files, where they are present."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from funnel_analytics.languages import set_language

SHARED = Path(__file__).parents[1].parent / "shared"


# A law is right or wrong, not late: how long an example takes depends on what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

# Without --lang the command line speaks the language of the system: the tests are written for English.
os.environ["LC_ALL"] = "C.UTF-8"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that wait for browsers and kernels begin first: at the end nobody waits for them."""
    items.sort(key=lambda item: not {"browser", "notebooks", "warehouse"} & set(item.path.parts))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English, whatever language the one before it has set."""
    yield
    set_language("en")


@pytest.fixture
def shared() -> Path:
    """The folder of real exports and golden values that is kept beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with real exports is not present")
    return SHARED
