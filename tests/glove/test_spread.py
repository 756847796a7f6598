"""Counting on a Dask cluster of two processes equals counting in one."""

import pytest

from wordfit.errors import InputError
from wordfit.glove.model import GloVe
from wordfit.glove.spread import count_spread

distributed = pytest.importorskip("distributed")


@pytest.mark.filterwarnings("ignore")  # Dask's own, of ports and loops that close
def test_two_workers_count_what_one_process_does(lines, tmp_path):
    files = []
    for k in range(3):
        files.append(tmp_path / f"part{k}.txt")
        files[-1].write_text("\n".join(lines[k::3]))
    glove = GloVe(window=4, min_count=2)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=tmp_path
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        spread = count_spread(glove, files, client)
        assert len(client.scheduler_info()["workers"]) == 2
    whole = glove.count(files)
    assert spread.vocabulary == whole.vocabulary
    assert (spread.matrix != whole.matrix).nnz == 0
    assert spread.matrix.indices.tobytes() == whole.matrix.indices.tobytes()


def test_a_corpus_to_spread_is_a_list_of_files():
    with pytest.raises(InputError, match="paths of files"):
        count_spread(GloVe(), [], None)
