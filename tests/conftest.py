"""Where the real data are, and small things that many tests need."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data; a test that asks for it is skipped where there is none."""
    if not DATA.is_dir():
        pytest.skip(f"no real data at {DATA}: set WORDFIT_DATA")
    return DATA


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests keep their converted vectors to themselves."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
