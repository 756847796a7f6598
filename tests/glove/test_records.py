"""Stanford's co-occurrence file: its bytes, reading, sorting, refusing, merging."""

import struct

import numpy as np
import pytest

from wordfit.errors import InputError
from wordfit.glove.counts import Counts, SavedCounts
from wordfit.glove.model import GloVe
from wordfit.glove.records import RECORD, merge, open_records

GLOVE = GloVe(window=4, min_count=1, threads=1)


def test_records_are_two_int32_from_one_and_a_float64(tmp_path):
    GLOVE.count(["b a", "b b"]).save(tmp_path / "c")
    assert (tmp_path / "c" / "vocab.txt").read_text() == "b 3\na 1\n"
    written = (tmp_path / "c" / "cooccurrence.bin").read_bytes()
    assert written == struct.pack("<iid", 1, 1, 2.0) + struct.pack("<iid", 1, 2, 1.0) + struct.pack("<iid", 2, 1, 1.0)


def test_a_shuffled_file_reads_as_the_sorted_one(lines, tmp_path):
    counts = GLOVE.count(lines)
    counts.save(tmp_path / "c")
    records = np.fromfile(tmp_path / "c" / "cooccurrence.bin", RECORD)
    np.random.default_rng(1).permutation(records).tofile(tmp_path / "shuffled.bin")
    saved = SavedCounts.open(tmp_path / "shuffled.bin", tmp_path / "c" / "vocab.txt", tmp_path)
    read = Counts.of_bands(counts.vocabulary, counts.window, saved.bands())
    assert (read.matrix != counts.matrix).nnz == 0


def test_merging_adds_up_in_bands_of_any_size(lines, tmp_path):
    words = GLOVE.cut(GLOVE.count_words(lines))
    files = []
    for k in range(3):
        GLOVE.count(lines[k::3], words).save(tmp_path / f"c{k}")
        files.append(open_records(tmp_path / f"c{k}" / "cooccurrence.bin", len(words), tmp_path))
    whole = GLOVE.count(lines, words)
    for cut in ([0, len(words)], [0, 1, 5, len(words)], range(len(words) + 1)):
        merged = Counts.of_bands(words, whole.window, merge(files, whole.window.units, list(zip(cut, cut[1:]))))
        assert (merged.matrix != whole.matrix).nnz == 0


@pytest.mark.parametrize(
    ("record", "said"),
    [((1, 3, 2.0), "record 2"), ((0, 1, 2.0), "record 2"), ((1, 1, np.inf), "inf"), ((1, 1, 0.0), "above 0")],
)
def test_a_record_that_cannot_be_is_refused(tmp_path, record, said):
    np.array([(1, 2, 1.0), record], RECORD).tofile(tmp_path / "bad.bin")
    with pytest.raises(InputError, match=said):
        open_records(tmp_path / "bad.bin", 2, tmp_path)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    (tmp_path / "bad.bin").write_bytes(b"x" * 40)
    with pytest.raises(InputError, match="16 bytes, found 40"):
        open_records(tmp_path / "bad.bin", 2, tmp_path)
