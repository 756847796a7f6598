"""Sets in layouts of their own become plain rows, split the same way every time; nothing is lost between the splits."""

import gzip

import pytest

from wordfit import InputError
from wordfit.glue.layouts import LAYOUTS, as_rows


def rows(file):
    return [tuple(line.split("\t")) for line in file.read_text("utf-8").splitlines()[1:]]


def test_every_tenth_row_of_a_class_is_dev_and_the_others_train(tmp_path):
    (tmp_path / "x.neg").write_bytes("".join(f"bad caf\u00e9 {i}\n" for i in range(20)).encode("latin-1") + b"\n")
    (tmp_path / "x.pos").write_bytes("".join(f"good {i}\n" for i in range(30)).encode())
    train, dev = map(rows, as_rows("a file per class", tmp_path, tmp_path / "kept"))
    assert len(train) == 45
    assert sorted(dev) == sorted(
        [(f"bad caf\u00e9 {i}", "neg") for i in (0, 10)] + [(f"good {i}", "pos") for i in (0, 10, 20)]
    )
    assert not set(train) & set(dev)


def test_each_layout_gives_texts_with_their_labels(tmp_path):
    (tmp_path / "a.train").write_text("3 a fine film\n0 no\n")
    (tmp_path / "a.dev").write_text("4 yes\n")
    assert rows(as_rows("label first", tmp_path, tmp_path / "first")[0]) == [("a fine film", "3"), ("no", "0")]
    (tmp_path / "a.txt").write_text("write to me@home , he said .@neutral\r\nprofit rose .@positive\r\n")
    _, dev = as_rows("label after @", tmp_path, tmp_path / "at")
    assert rows(dev) == [("write to me@home , he said .", "neutral"), ("profit rose .", "positive")]
    for split in ("train", "val"):
        (tmp_path / f"{split}_text.txt").write_text("one\ttweet\ntwo\n")
        (tmp_path / f"{split}_labels.txt").write_text("1\n0\n")
    assert rows(as_rows("labels beside", tmp_path, tmp_path / "beside")[1]) == [("one tweet", "1"), ("two", "0")]


def test_a_packed_table_without_dev_is_split(tmp_path):
    lines = ["label\trating\tid\ttext", *(f"{i % 2}\t3\tneg/{i}\treview {i}" for i in range(30))]
    (tmp_path / "train.tsv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    train, dev = map(rows, as_rows("without dev", tmp_path, tmp_path / "kept"))
    assert dev == [("review 0", "0"), ("review 10", "0"), ("review 20", "0")]
    assert len(train) == 27


def test_what_is_missing_or_does_not_fit_is_said(tmp_path):
    (tmp_path / "train_text.txt").write_text("one\ntwo\n")
    (tmp_path / "train_labels.txt").write_text("1\n")
    with pytest.raises(InputError, match="expected 2 labels, one a text, found 1"):
        as_rows("labels beside", tmp_path, tmp_path / "kept")
    assert not (tmp_path / "kept" / "train.tsv").exists()
    with pytest.raises(InputError, match=r"expected a file \*.train, found none"):
        list(LAYOUTS["label first"](tmp_path, True))
