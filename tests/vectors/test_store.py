"""The cache of tables: by content, opened without numba, never broken."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.vectors.conftest import same
from wordfit import WordVectors
from wordfit.vectors import loading, store
from wordfit.vectors.tables import table_folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Its own cache for each test, used for small files too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(loading, "SMALL", 0)


@pytest.fixture
def file(some, tmp_path) -> Path:
    some.save(tmp_path / "v.txt")
    return tmp_path / "v.txt"


def tables() -> list[Path]:
    return sorted(table_folder().glob("*.safetensors"))


def test_a_second_reading_opens_the_table(some, file, monkeypatch):
    assert same(WordVectors.load(file), some)
    monkeypatch.setattr(loading, "read", None)  # reading again would fail
    again = WordVectors.load(file)
    assert same(again, some)
    assert again.notes.total == 300
    assert again.indices(["café", "none", "word7"]).tolist() == [1, -1, some.key_to_index["word7"]]
    assert list(WordVectors.load(file, words=["word9", "the"])) == ["the", "word9"]
    assert list(WordVectors.load(file, limit=2)) == ["the", "café"]


def test_opening_again_loads_no_compiler_and_rebuilds_no_index(some, file):
    WordVectors.load(file)
    code = (
        "import sys; from wordfit import WordVectors; from wordfit.vectors import loading; loading.SMALL = 0\n"
        f"v = WordVectors.load({str(file)!r}); v['word7']; 'none' in v\n"
        "print([m for m in ('numba', 'torch', 'scipy', 'pickle5') if m in sys.modules], type(v.key_to_index).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] WordIndex"


def test_a_changed_file_of_the_same_size_and_time_is_read_anew(some, file):
    WordVectors.load(file)
    status = file.stat()
    content = file.read_bytes()
    file.write_bytes(content.replace(b"word200 ", b"WORD200 "))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "WORD200" in WordVectors.load(file)
    assert len(tables()) == 2


def test_the_same_content_at_another_place_shares_the_table(some, file, tmp_path, monkeypatch):
    WordVectors.load(file)
    copy = tmp_path / "copy"
    copy.write_bytes(file.read_bytes())
    monkeypatch.setattr(loading, "read", None)
    assert same(WordVectors.load(copy), some)
    assert len(tables()) == 1


def test_a_lenient_reading_is_not_taken_for_a_strict_one(file):
    with open(file, "ab") as out:
        out.write(b"ragged 1 2\n")
    assert len(WordVectors.load(file, lenient=True).notes.left_out) == 1
    with pytest.raises(ValueError, match="ragged|line 301"):
        WordVectors.load(file)


def test_the_cache_can_be_switched_off(some, file, monkeypatch):
    assert same(WordVectors.load(file, cache=False), some)
    monkeypatch.setenv("WORDFIT_CACHE", "off")
    assert same(WordVectors.load(file), some)
    assert not table_folder().exists()


@pytest.mark.parametrize("damage", [lambda d: d[:-100], lambda d: b"", lambda d: b"x" * len(d), lambda d: d[:4000]])
def test_a_damaged_table_is_made_anew(some, file, damage):
    WordVectors.load(file)
    table = tables()[0]
    table.write_bytes(damage(table.read_bytes()))
    assert same(WordVectors.load(file), some)
    assert same(WordVectors.load(file), some)


def test_a_full_disk_leaves_nothing_and_the_vectors_are_read_all_the_same(some, file, monkeypatch):
    class Full(store.RowsInFile):
        def add(self, values: np.ndarray) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "RowsInFile", Full)
    vectors = WordVectors.load(file)
    assert same(vectors, some)
    assert "No space left" in vectors.notes.remarks[0]
    assert [p for p in table_folder().rglob("*") if p.is_file()] == []


def test_a_cache_that_may_not_be_written_is_done_without(some, file, tmp_path, monkeypatch):
    (tmp_path / "occupied").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "occupied"))
    vectors = WordVectors.load(file)
    assert same(vectors, some)
    assert "no copy was kept" in vectors.notes.remarks[0]


def test_a_killed_writer_leaves_no_table_and_its_leftovers_go_after_a_day(some, file):
    code = (
        "import os; from wordfit.vectors import loading, store; loading.SMALL = 0\n"
        "from wordfit import WordVectors\n"
        "store.RowsInFile.finish = lambda *given: os._exit(9)\n"
        f"WordVectors.load({str(file)!r})"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    leftovers = list(table_folder().glob(".*.part"))
    assert len(leftovers) == 1
    assert tables() == []
    os.utime(leftovers[0], (0, 0))
    assert same(WordVectors.load(file), some)
    assert list(table_folder().glob(".*.part")) == []


def test_processes_that_read_at_once_all_get_the_vectors(some, file):
    code = (
        "from wordfit.vectors import loading; loading.SMALL = 0\n"
        f"from wordfit import WordVectors; print(float(WordVectors.load({str(file)!r}).vectors.sum()))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    sums = [float(process.communicate(timeout=120)[0]) for process in running]
    assert sums == [float(some.vectors.sum())] * 3
    assert len(tables()) == 1


def test_a_member_of_a_zip_is_kept_too(some, file, tmp_path, monkeypatch):
    import zipfile

    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(file, "a.txt")
        archive.writestr("b.txt", b"x 1\n")
    assert same(WordVectors.load(tmp_path / "two.zip" / "a.txt"), some)
    assert list(WordVectors.load(tmp_path / "two.zip" / "b.txt")) == ["x"]
    monkeypatch.setattr(loading, "read", None)
    assert same(WordVectors.load(tmp_path / "two.zip" / "a.txt"), some)


def test_a_hash_of_content_sees_every_byte_and_the_order_of_blocks(tmp_path):
    rng = np.random.default_rng(0)
    content = bytearray(rng.integers(0, 256, 3 * store.BLOCK + 77, dtype=np.uint8))
    path = tmp_path / "f"

    def hashed() -> str:
        path.write_bytes(content)
        return store.content_hash(path)

    seen = {hashed()}
    for place in [0, 31, 32, store.BLOCK - 1, store.BLOCK, len(content) - 1]:
        content[place] ^= 1
        seen.add(hashed())
    content[: store.BLOCK], content[store.BLOCK : 2 * store.BLOCK] = (
        content[store.BLOCK : 2 * store.BLOCK], content[: store.BLOCK],
    )  # fmt: skip
    seen.add(hashed())
    assert len(seen) == 8
