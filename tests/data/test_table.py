"""Rows come out of every format the same, and a bad row stops the work with its line."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wordfit import InputError
from wordfit.data.table import read_table
from wordfit.data.task import KNOWN_NAMES

ROWS = [('a "good" film', "1"), ("dull, and long", "0"), ("", "0")]


def written(tmp_path, format):
    path = tmp_path / f"rows.{format}"
    if format == "tsv":
        path.write_text("sentence\tlabel\n" + "".join(f"{t}\t{y}\n" for t, y in ROWS))
    elif format == "csv":
        path.write_text('sentence,label\n"a ""good"" film",1\n"dull, and long",0\n"",0\n')
    elif format == "jsonl":
        path.write_text("".join(json.dumps({"sentence": t, "label": y}) + "\n" for t, y in ROWS))
    elif format == "parquet":
        pq.write_table(pa.table({"sentence": [t for t, _ in ROWS], "label": [y for _, y in ROWS]}), path)
    elif format == "gz":
        path.write_bytes(gzip.compress(("sentence\tlabel\r\n" + "".join(f"{t}\t{y}\r\n" for t, y in ROWS)).encode()))
    return path


@pytest.mark.parametrize("format", ["tsv", "csv", "jsonl", "parquet", "gz"])
def test_every_format_gives_the_same_rows(tmp_path, format):
    table = read_table(written(tmp_path, format), KNOWN_NAMES)
    assert list(zip(table.columns["sentence"], table.columns["label"])) == ROWS


def test_label_lines_of_fasttext_are_read(tmp_path):
    (tmp_path / "f").write_text("__label__pos a fine film\n\n__label__neg __label__long  dull\n")
    table = read_table(tmp_path / "f")
    assert table.columns == {"label": [["pos"], ["neg", "long"]], "text": ["a fine film", "dull"]}
    assert table.lines == [1, 3]


def test_a_quotation_mark_in_a_tsv_is_text(tmp_path):
    (tmp_path / "f").write_text('sentence\tlabel\n"open\t1\nnext\t0\n')
    assert read_table(tmp_path / "f", KNOWN_NAMES).columns["sentence"] == ['"open', "next"]


def test_a_quoted_csv_row_keeps_its_line_breaks_and_its_line_number(tmp_path):
    (tmp_path / "f").write_text('text,label\n"two\nlines",1\nplain,0\n')
    table = read_table(tmp_path / "f", KNOWN_NAMES)
    assert table.columns["text"] == ["two\nlines", "plain"]
    assert table.lines == [2, 4]


def test_a_file_without_header_numbers_its_columns(tmp_path):
    (tmp_path / "f").write_text("x1\t0\tsome words\nx2\t1\tother words\n")
    table = read_table(tmp_path / "f", KNOWN_NAMES)
    assert not table.header
    assert list(table.columns) == ["1", "2", "3"]


def test_bare_lines_keep_their_commas(tmp_path):
    (tmp_path / "f").write_text("well, yes\nno\n")
    assert read_table(tmp_path / "f", KNOWN_NAMES, bare=True).columns == {"1": ["well, yes", "no"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"sentence\tlabel\ngood\t1\nno label\n", "line 3: expected 2 columns as in line 1, found 1. Is the separator"),
        (b'text,label\n"never closed,1\n', "expected a CSV row"),
        (b'{"text": "a", "label": 1}\n{"text": ', "line 2: expected one JSON object"),
        (b'{"text": "a", "label": 1}\n{"text": "b"}\n', "line 2: expected the fields text, label, found no 'label'"),
        (b"__label__a good\nbad\n", "line 2: expected __label__NAME"),
        (b"sentence\tlabel\ncaf\xe9\t1\n", "line 2: expected UTF-8, found the byte 0xe9"),
        (b"PAR1 this is none", "expected Parquet, found a damaged file"),
        (b"label\tlabel\n1\t2\n", "names the column 'label' twice"),
        (b"\n", "found an empty file"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path, content, message):
    path = tmp_path / "rows"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        read_table(path, KNOWN_NAMES)
    assert str(path) in str(error.value)
