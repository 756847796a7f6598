"""Training: what it learns, the same bytes again, from disk, after a kill, and a cost that is not finite."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from wordfit.errors import InputError
from wordfit.glove.counts import SavedCounts
from wordfit.glove.model import GloVe
from wordfit.glove.settings import Watch
from wordfit.glove.tiles import TileWriter, tiler
from wordfit.glove.train import CostNotFinite, Plan, State, Tables, train

GLOVE = GloVe(dim=10, window=5, min_count=1, x_max=10, iterations=30, threads=1)


def test_words_of_a_topic_come_to_stand_together(lines, topics):
    vectors = replace(GLOVE, dim=6, iterations=100, eta=0.1).fit(lines).vectors
    nearest = [vectors.most_similar(word, topn=1)[0][0] in topic for topic in topics for word in topic]
    assert np.mean(nearest) > 0.9  # by chance it is 0.2


def test_the_cost_falls_in_every_epoch_and_is_said(lines):
    said = []
    trained = replace(GLOVE, iterations=8).fit(lines, watch=Watch(progress=said.append))
    assert list(trained.costs) == sorted(trained.costs, reverse=True)
    ends = [p for p in said if p.share == 1]
    assert [p.epoch for p in ends] == list(range(1, 9))
    assert [p.cost for p in ends] == pytest.approx(trained.costs)


def test_one_thread_gives_the_same_bytes_and_another_seed_gives_others(lines):
    one, again, other = (
        replace(GLOVE, iterations=2, seed=seed).fit(lines).vectors.vectors.tobytes() for seed in (1, 1, 2)
    )
    assert one == again != other


def test_two_threads_reach_the_cost_of_one(lines):
    one, two = (replace(GLOVE, threads=threads).fit(lines).costs[-1] for threads in (1, 2))
    assert two == pytest.approx(one, rel=0.25)


def test_saved_counts_train_to_the_same_bytes(lines, tmp_path):
    glove = replace(GLOVE, iterations=2)
    direct = glove.fit(lines, save_counts=tmp_path / "c").vectors
    saved = SavedCounts.open(tmp_path / "c", None, tmp_path)
    for corpus in (saved, glove.count(lines)):
        assert glove.fit(corpus).vectors.vectors.tobytes() == direct.vectors.tobytes()


def test_entries_read_from_disk_train_as_those_in_memory(lines, tmp_path):
    counts = replace(GLOVE, min_count=1).count([[f"w{i % 3000}" for i in range(4000)]])
    writer, tile = TileWriter(tmp_path / "e.bin"), tiler(len(counts.vocabulary), 10.0, 0.75, 1)
    for band in counts.bands():
        writer.add(*tile(band))
    file, tables = writer.close(), []
    for memory in (1 << 30, 50_000):  # all 240 kB of entries, or tiles of about 80 kB, two at a time
        state = train(file, State(Tables.random(3000, 5, 1)), Plan(2, 0.05, 1, 1, memory))
        tables.append(b"".join(array.tobytes() for array in vars(state.tables).values()))
    assert len(file.tiles) > 5
    assert tables[0] == tables[1]


def test_unknown_words_get_the_mean_of_the_rarest(lines):
    trained = replace(GLOVE, iterations=1).fit(lines)
    vectors = trained.vectors
    assert vectors.index_to_key[-1] == "<unk>"
    rarest = (trained.words + trained.contexts)[-100:]
    np.testing.assert_allclose(vectors["<unk>"], rarest.mean(axis=0), rtol=1e-4, atol=1e-6)
    assert "<unk>" not in replace(trained, unknown=False).vectors
    np.testing.assert_array_equal(replace(trained, combine="context").vectors.vectors[:-1], trained.contexts)


def test_a_cost_that_is_not_finite_stops_with_the_entry_and_the_last_checkpoint(lines, tmp_path):
    replace(GLOVE, iterations=3).fit(lines, tmp_path / "work", checkpoint_seconds=0)
    with pytest.raises(CostNotFinite, match=r"entry of '\w+' with '\w+' \(count .*after epoch 2.*checkpoint"):
        replace(GLOVE, eta=1e18).fit(lines, tmp_path / "work", resume=True)
    assert State.load(tmp_path / "work" / "checkpoint.npz").tables.finite()
    with pytest.raises(CostNotFinite, match="there is no checkpoint before it"):
        replace(GLOVE, eta=1e18).fit(lines)


SLOW = """
import sys, time
from dataclasses import replace
from pathlib import Path
from wordfit.glove import model, train
save = train.State.save
def slow(self, path):
    save(self, path)
    print(self.epoch, flush=True)
    time.sleep(0.2)
train.State.save = slow
glove = model.GloVe(dim=10, window=5, min_count=1, x_max=10, iterations=30, threads=1)
glove.fit(Path(sys.argv[1]), sys.argv[2], checkpoint_seconds=0)
"""


def test_a_run_that_was_killed_goes_on_to_the_same_bytes(lines, tmp_path):
    (tmp_path / "text").write_text("\n".join(lines))
    run = subprocess.Popen(
        [sys.executable, "-c", SLOW, tmp_path / "text", tmp_path / "work"], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert [run.stdout.readline().strip() for _ in range(3)] == ["1", "2", "3"]
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    said: list[str] = []
    resumed = GLOVE.fit(tmp_path / "text", tmp_path / "work", resume=True, watch=Watch(stage=said.append))
    assert "goes on after epoch" in said[0]
    assert len(resumed.costs) == 30
    assert resumed.vectors.vectors.tobytes() == GLOVE.fit(tmp_path / "text").vectors.vectors.tobytes()


def test_a_resumed_run_must_be_the_same_run(lines, tmp_path):
    (tmp_path / "text").write_text("\n".join(lines))
    replace(GLOVE, iterations=2).fit(tmp_path / "text", tmp_path / "work", checkpoint_seconds=0)
    with pytest.raises(InputError, match="window 5, this one has 6"):
        replace(GLOVE, window=6).fit(tmp_path / "text", tmp_path / "work", resume=True)
    time.sleep(0.01)
    (tmp_path / "text").write_text("\n".join(lines[1:]))
    with pytest.raises(InputError, match="corpus"):
        GLOVE.fit(tmp_path / "text", tmp_path / "work", resume=True)


def test_a_folder_with_other_things_in_it_is_not_cleared(lines, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="letter.txt"):
        GLOVE.fit(lines, tmp_path)


def test_memory_that_cannot_do_is_refused_with_what_would(lines):
    with pytest.raises(InputError, match=r"--memory allows 0.01: give --memory \d"):
        replace(GLOVE, memory=0.01).fit(lines)


def test_lines_of_one_word_are_refused():
    with pytest.raises(InputError, match="one word a line"):
        GLOVE.fit(["a", "b", "a"])
