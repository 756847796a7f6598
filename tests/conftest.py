"""Where the real data are, and small things that many tests need."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from wordfit.cli.main import main
from wordfit.vectors import WordVectors

# a busy machine, or a kernel that compiles at its first call, is no fault of the code under test
settings.register_profile("wordfit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wordfit")

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


TOPICS = {
    "cooking": "bread soup oven butter knife salt onion recipe spoon bake",
    "music": "guitar song drum melody concert piano choir rhythm singer album",
}
FILLER = ["the", "a", "of", "and", "with", "some", "very", "this", "is", "for"]


@pytest.fixture(scope="session")
def topic_vectors() -> WordVectors:
    """Vectors of 16 values in which the words of a topic lie together; `album` and `bake` are left out."""
    random = np.random.default_rng(7)
    words, rows = [], []
    for text in TOPICS.values():
        centre = random.normal(size=16)
        for word in text.split()[:-1]:
            words.append(word)
            rows.append(centre + 0.5 * random.normal(size=16))
    words += FILLER
    rows += list(0.3 * random.normal(size=(len(FILLER), 16)))
    return WordVectors(words, np.array(rows, dtype=np.float32))


def topic_rows(count: int, seed: int) -> list[tuple[str, str]]:
    """Texts of 3 to 9 words about cooking or music, with their topic."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        topic = list(TOPICS)[i % 2]
        words = [*random.choice(TOPICS[topic].split(), 2), *random.choice(FILLER, random.integers(1, 8))]
        rows.append((" ".join(random.permutation(words)), topic))
    return rows


@pytest.fixture
def topic_files(tmp_path: Path, topic_vectors: WordVectors) -> Path:
    """A folder with train.tsv, dev.tsv and vectors.txt about two topics."""
    for name, count, seed in (("train", 200, 0), ("dev", 60, 1)):
        lines = [f"{text}\t{topic}" for text, topic in topic_rows(count, seed)]
        (tmp_path / f"{name}.tsv").write_text("\n".join(["text\tlabel", *lines]) + "\n", "utf-8")
    topic_vectors.save(tmp_path / "vectors.txt", format="glove")
    return tmp_path


@pytest.fixture
def wordfit_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command line in this process: arguments in, (exit code, output, errors) out."""

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["wordfit", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return command
