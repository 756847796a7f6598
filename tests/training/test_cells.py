"""Cells are run once, kept by content, and give the same results however they are spread."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from wordfit import InputError
from wordfit.data import Dataset, Task
from wordfit.training.baselines import BASELINES, majority, tfidf
from wordfit.training.cells import Cell, Rows, run_cell, run_cells


def cells(folder, **more):
    rows = Rows(str(folder / "train.tsv"), str(folder / "dev.tsv"))
    network = {"settings": {"epochs": 2, "lr": 0.01}, **more}
    return [
        Cell(rows, model="majority"),
        Cell(rows, model="tfidf"),
        *(Cell(rows, (str(folder / "vectors.txt"),), seed=seed, **network) for seed in (0, 1)),
    ]


def metrics(results):
    return [result["metrics"]["accuracy"] for result in results]


def test_a_finished_cell_is_not_run_again(topic_files):
    done = []
    first = run_cells(cells(topic_files), topic_files / "kept", 1, on_done=lambda i, _: done.append(i))
    names = {path.name: path.stat().st_mtime_ns for path in (topic_files / "kept").iterdir()}
    again = run_cells(cells(topic_files), topic_files / "kept", 1)
    assert done == [0, 1, 2, 3]
    assert again == first
    assert names == {path.name: path.stat().st_mtime_ns for path in (topic_files / "kept").iterdir()}
    assert metrics(first)[0] == 0.5
    assert min(metrics(first)[1:]) > 0.9


def test_a_changed_file_or_setting_is_another_cell(topic_files):
    one = cells(topic_files)[2]
    key = one.key()
    assert cells(topic_files, model="network")[2].key() == key
    assert cells(topic_files)[3].key() != key
    with (topic_files / "dev.tsv").open("a") as file:
        file.write("soup\tcooking\n")
    assert cells(topic_files)[2].key() != key


def test_processes_and_a_cluster_give_the_same_results(topic_files):
    distributed = pytest.importorskip("dask.distributed")
    here = run_cells(cells(topic_files), topic_files / "here", 1)
    spread = run_cells(cells(topic_files), topic_files / "spread", 2)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        far = run_cells(cells(topic_files), topic_files / "far", scheduler=cluster.scheduler_address)
    answers = [[result["answers"] for result in results] for results in (here, spread, far)]
    assert answers[0] == answers[1] == answers[2]


def test_a_part_of_the_rows_is_drawn_by_the_seed(topic_files):
    rows = Rows(str(topic_files / "train.tsv"), str(topic_files / "dev.tsv"), most=50)
    result = run_cell(Cell(rows, model="tfidf"))
    assert (result["train_rows"], result["dev_rows"]) == (50, 60)


def test_an_unknown_model_is_refused(topic_files):
    with pytest.raises(InputError, match="the model 'bert' is not known"):
        run_cell(Cell(cells(topic_files)[0].rows, model="bert"))


PAIRS = [("soup", "bread", 4.0), ("soup", "song", 0.5), ("choir", "song", 5.0), ("salt", "piano", 1.0)]
SCORED = Dataset("f", ([a for a, _, _ in PAIRS], [b for _, b, _ in PAIRS]), [s for *_, s in PAIRS], [1, 2, 3, 4])


def test_similarity_without_training_ranks_pairs_by_topic(topic_vectors):
    task = Task("score", "a", "s", "b", low=0.0, high=5.0, metric="spearman")
    found = BASELINES["sif"](task, SCORED, SCORED, [topic_vectors])
    assert spearmanr(found, SCORED.targets)[0] >= 0.6
    assert ((found >= 0) & (found <= 5)).all()


def test_baselines_of_scores_stay_in_range_and_the_majority_is_the_mean():
    task = Task("score", "a", "s", "b", low=0.5, high=5.0, metric="spearman")
    assert majority(task, SCORED, SCORED).tolist() == pytest.approx([np.mean(SCORED.targets)] * 4)
    assert ((tfidf(task, SCORED, SCORED) >= 0.5) & (tfidf(task, SCORED, SCORED) <= 5)).all()
