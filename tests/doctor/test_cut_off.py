"""Words that have an id and never occur in rows without a signal were cut off."""

import pytest

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge

NOTHING = {"crossed": 0.25, "crossed_majority": 0.26, "rows": 2000, "shifted": {"1": 0.26}, "of": "rows"}
CLASSES = {"classes": {str(n): 250 for n in range(4)}}
DEV = CLASSES | {"accuracy": 0.25, "balanced": 0.25, "rows": 500, "majority": {"share": 0.26}}


@pytest.mark.parametrize(
    ("seen_rows", "at_max", "first"),
    [
        (41, 1.0, "truncation_removes_signal"),
        (110, 1.0, "no_signal"),  # all words occur
        (41, 0.2, "no_signal"),  # rows end at lengths of their own
    ],
)
def test_words_that_were_never_fed_tell_cut_rows_from_rows_without_a_signal(seen_rows, at_max, first):
    found = record(
        data={"train": CLASSES, "dev": DEV, "lengths": {"max": 32, "at_max": at_max}},
        reference=NOTHING,
        tables={"tables": [{"name": "emb", "rows": 112, "seen_rows": seen_rows, "width": 24}]},
        vectors={"tables": [{"table": "emb", "words": 112, "sources": []}]},
    )
    assert [f.cause for f in judge(found)][:1] == [first]
