"""The file of cells that the claims are judged from: what goes in comes out, and cells of other settings do not."""

import sys
from pathlib import Path

import pytest

from wordfit.errors import InputError

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import claims_kept
from claims_cells import Place

PRINTED = Place("cr", 0, "glove", "mean", "linear", 0)
SCORES = Place("stsb", 200, "word2vec", "mean", "tuned", 3)


def result(metric, **more):
    return {"metrics": {metric: 2 / 3, "other": 0.1}, "also": {"test": {metric: 0.7}}, "seconds": 3.0} | more


def parts():
    unseen = [{"seen": True, "rows": 9, "score": 0.9}, {"seen": False, "rows": 7, "score": 0.8}]
    runs = {PRINTED: result("accuracy", answers=[1, 1, 0, 1]), SCORES: result("spearman", by_seen=unseen, drift=0.25)}
    return {place: claims_kept.judged_part(place, run) for place, run in runs.items()}


def test_of_a_cell_stays_what_is_judged():
    found = parts()
    assert found[PRINTED] == {"metrics": {"accuracy": 0.666667}, "also": {"test": {"accuracy": 0.7}}, "commonest": 0.75}
    assert found[SCORES]["by_seen"] == [{"seen": False, "rows": 7, "score": 0.8}]
    assert found[SCORES]["metrics"] == {"spearman": 0.666667}
    assert found[SCORES]["drift"] == 0.25


def test_kept_cells_come_back(tmp_path):
    claims_kept.keep(parts(), tmp_path / "cells.jsonl")
    assert claims_kept.kept(tmp_path / "cells.jsonl") == parts()


def test_cells_of_other_settings_are_refused(tmp_path, monkeypatch):
    claims_kept.keep(parts(), tmp_path / "cells.jsonl")
    monkeypatch.setitem(claims_kept.SETTINGS, "large", {"batch_size": 8})
    with pytest.raises(InputError, match="line 1: .*other settings"):
        claims_kept.kept(tmp_path / "cells.jsonl")
