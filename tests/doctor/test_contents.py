"""What a program read, cut into rows and columns."""

import json

import pytest

from wordfit.doctor.experiments.texts.contents import Content
from wordfit.doctor.experiments.texts.lines import _merged

TEXTS = [f"a text of number {n} with words" for n in range(60)]


@pytest.mark.parametrize(
    "lines",
    [
        [f"{n % 2}\t{text}" for n, text in enumerate(TEXTS)],
        [f"{n % 2};{text}" for n, text in enumerate(TEXTS)],
        [f"{n % 2} {text}" for n, text in enumerate(TEXTS)],
        [json.dumps({"label": n % 2, "text": text}) for n, text in enumerate(TEXTS)],
    ],
    ids=["tabs", "semicolons", "label first", "json lines"],
)
def test_rows_are_cut_into_label_and_text(lines):
    rows = Content("rows", "\n".join(lines).encode()).rows
    assert rows[3] == ["1", TEXTS[3]]
    assert len(rows) == len(TEXTS)


def test_lines_without_columns_stay_whole():
    assert Content("texts", "\n".join(TEXTS).encode()).rows[5] == [TEXTS[5]]


def test_what_is_not_utf8_is_read_all_the_same():
    assert Content("old", "caf\xe9\n".encode("latin-1")).text == "caf\xe9\n"


def test_open_quotation_marks_merge_lines():
    text = "".join(f"{n % 2}\t{chr(34) if n % 3 == 0 else ''}{text}\n" for n, text in enumerate(TEXTS))
    found = _merged(Content("posts", text.encode()), chr(34))
    assert found["lines"] == 60 > found["rows_merged"]
    assert found["longest_merged"] > 2 * found["longest_line"]


def test_closed_quotation_marks_merge_nothing():
    text = "".join(f'{n % 2}\t"{text}"\n' for n, text in enumerate(TEXTS))
    assert _merged(Content("posts", text.encode()), chr(34)) is None


def test_other_marks_of_a_break_do_not_end_a_line():
    lines = [f'{n % 2}\t"so" said\x85 number {n}' for n in range(60)]
    assert _merged(Content("x.tsv", "\n".join(lines).encode()), '"') is None
