"""What being watched costs a program: its own seconds of CPU and its peak memory, with the doctor and without.

Each turn runs a program twice, each time in a process forked from one that has torch imported: plain, then watched
(no experiments). Seconds of CPU, since machines are shared; the smallest of the turns counts, with and without.
Peak memory is that of the process, with its libraries. Programs of a moment and most of some seconds are healthy ones
of `tests/doctor/programs`; the others stand in `watched/`, most of them on real rows.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MOMENTS = (
    "a_accumulated_tagger",
    "a_bfloat16_autocast",
    "a_char_rnn_batch_one",
    "a_high_dropout_cnn",
    "a_linear_probe_glove",
    "a_sick_relatedness",
    "a_sparse_embedding_bag",
    "a_tied_language_model",
    "b_contrastive_inbatch",
    "b_multitask_tagger",
    "b_seq2seq_attention",
    "b_transformer_translate",
)
SECONDS = (
    "seconds_bag",
    "seconds_cnn",
    "seconds_pairs",
    "a_loglines_charlm",
    "a_sst_textcnn",
    "b_code_completion_listwise",
    "b_crf_listing_parser",
    "b_kaggle_toxic_kfold",
    "b_keras_port_sst",
    "b_numerals_seq2seq",
    "b_phd_order_transformer",
)
MINUTES = ("minute_lstm", "minute_transformer")
KINDS = {"moments": MOMENTS, "seconds": SECONDS, "minutes": MINUTES}


def source(name: str) -> str:
    """The text of a program to run."""
    from tests.doctor.programs import FOLDER, render

    own = HERE / "watched" / f"{name}.py"
    if own.exists():
        return own.read_text(encoding="utf-8")
    return render(FOLDER / "healthy" / f"{name}.py", "mended")


def one(script: Path, watched: bool) -> dict[str, Any]:
    """Run a program in this process; seconds of CPU and of the clock, peak memory in MiB."""
    from wordfit.doctor.run import run_plain, run_watched
    from wordfit.doctor.watch import Recorder

    began, clock = time.process_time(), time.perf_counter()
    ran = run_watched(str(script), [], Recorder()) if watched else run_plain(str(script), [])
    seconds, clock = time.process_time() - began, time.perf_counter() - clock
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return {"seconds": seconds, "clock": clock, "peak": peak, "error": ran.error}


def forked(script: Path, watched: bool) -> dict[str, Any]:
    """The same in a process of its own."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.chdir(script.parent)
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            os.write(writer, json.dumps(one(script, watched), default=str).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(said)


def compare(name: str, turns: int) -> dict[str, Any]:
    """One program, plain and watched, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / f"{name}.py"
        script.write_text(source(name), encoding="utf-8")
        runs: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
        for turn in range(turns):
            for watched in ((False, True), (True, False))[turn % 2]:
                runs[watched].append(forked(script, watched))
    plain, seen = (min(r["seconds"] for r in runs[w]) for w in (False, True))
    peaks = [statistics.median(r["peak"] for r in runs[w]) for w in (False, True)]
    spread = max(r["seconds"] for r in runs[False]) / plain - 1
    row = {
        "program": name,
        "plain": plain,
        "watched": seen,
        "slower": seen / plain - 1,
        "noise": spread,
        "plain_mib": peaks[0],
        "more_memory": peaks[1] / peaks[0] - 1,
        "failed": any(r["error"] for both in runs.values() for r in both),
    }
    print(
        f"{name:32s} {plain:7.2f} s {seen:7.2f} s {row['slower']:+7.1%} (turns differ by {spread:.1%})"
        f" {peaks[0]:6.0f} MiB {row['more_memory']:+7.1%}{' FAILED' if row['failed'] else ''}",
        flush=True,
    )
    return row


def cost(turns: int, names: list[str] | None = None) -> dict[str, Any]:
    """Print the table and give its summary."""
    rows = [compare(name, turns) for name in names or (name for kind in KINDS.values() for name in kind)]
    summary: dict[str, Any] = {"turns": turns}
    for kind, members in KINDS.items():
        part = [r for r in rows if r["program"] in members]
        if part:
            summary[kind] = {
                "programs": len(part),
                "slower_median": round(statistics.median(r["slower"] for r in part), 4),
                "slower_max": round(max(r["slower"] for r in part), 4),
                "more_memory_median": round(statistics.median(r["more_memory"] for r in part), 4),
                "more_memory_max": round(max(r["more_memory"] for r in part), 4),
            }
    print(json.dumps(summary, indent=1))
    return summary | {"rows": rows}
