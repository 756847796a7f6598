"""The doctor against its programs: faulty ones with one planted cause each, their mended twins, and healthy ones.

    python benchmarks/doctor.py [--part tuning|heldback|all] [--causes a,b] [--limit N] [--jobs N] [--out FILE]
    python benchmarks/doctor.py --cost [--turns N] [--only program,program]

Each program runs in a process forked from one that has torch imported. Prints the table per cause; programs that
come out wrong are named unless they are held back (`--names` names them too).
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("WORDFIT_DATA", str(ROOT.parent / "shared" / "data"))

from tests.doctor.programs import Program, programs  # noqa: E402


def warm() -> None:
    """Import what every child needs."""
    import sklearn.linear_model
    import sklearn.model_selection  # noqa: F401
    import torch
    import torch._dynamo

    import wordfit.doctor.diagnose
    import wordfit.doctor.examine  # noqa: F401

    torch.set_num_threads(1)


def one(program: Program, out: Path, budget: float) -> None:
    """Run the doctor on one program and write the diagnosis and the record."""
    from wordfit.doctor.diagnose import diagnosis
    from wordfit.doctor.examine import examine
    from wordfit.doctor.run import run_watched
    from wordfit.doctor.watch import Recorder
    from wordfit.record import plain

    folder = Path(tempfile.mkdtemp(prefix="doctor-"))
    script = folder / f"{program.path.stem}.py"
    script.write_text(program.source(), encoding="utf-8")
    os.chdir(folder)
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
        recorder = Recorder()
        ran = run_watched(str(script), [], recorder)
        record = examine(recorder, ran, script.name, budget)
        record.diagnosis = plain(diagnosis(record))
    record.save(out)
    os.chdir(out.parent)
    shutil.rmtree(folder, ignore_errors=True)


def child(program: Program, out: Path, budget: float) -> int:
    """Fork, run, leave."""
    pid = os.fork()
    if pid:
        return pid
    try:
        one(program, out, budget)
        os._exit(0)
    except BaseException:
        out.with_suffix(".error").write_text(traceback.format_exc())
        os._exit(1)


def run_all(chosen: list[Program], folder: Path, jobs: int, budget: float, limit_seconds: float = 240.0) -> None:
    """At most `jobs` at a time; one that takes too long is ended."""
    waiting, running = list(chosen), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            program = waiting.pop(0)
            running[child(program, folder / f"{program.name.replace('/', '+').replace(':', '+')}.json", budget)] = (
                program,
                time.time(),
            )
        done = [pid for pid in running if os.waitpid(pid, os.WNOHANG)[0]]
        for pid, (program, began) in list(running.items()):
            if pid in done:
                running.pop(pid)
            elif time.time() - began > limit_seconds:
                os.kill(pid, 9)
                os.waitpid(pid, 0)
                print(f"ended after {limit_seconds:.0f} s: {program.name}", flush=True)
                running.pop(pid)
        time.sleep(0.05)


def judge(program: Program, folder: Path) -> dict[str, Any]:
    """How one program came out."""
    file = folder / f"{program.name.replace('/', '+').replace(':', '+')}.json"
    row: dict[str, Any] = {
        "program": program.name,
        "cause": program.cause,
        "variant": program.variant,
        "heldback": program.heldback,
    }
    if not file.exists():
        return row | {"failed": True, "causes": [], "healthy": False, "doctor": 0.0, "seconds": 0.0}
    content = json.loads(file.read_text(encoding="utf-8"))
    found = content["diagnosis"]
    errors = [f["cause"] for f in found["findings"] if f["severity"] == "error"]
    return row | {
        "failed": False,
        "healthy": found["healthy"],
        "errors": errors,
        "causes": [f["cause"] for f in found["findings"]],
        "doctor": found["seconds"]["doctor"],
        "seconds": found["seconds"]["program"],
        "troubles": content["watched"].get("troubles", []),
    }


def table(rows: list[dict[str, Any]], names: bool) -> dict[str, Any]:
    """Print the figures, per cause and together."""
    faulty = [r for r in rows if r["variant"] == "faulty"]
    mended = [r for r in rows if r["variant"] == "mended"]
    healthy = [r for r in rows if r["variant"] == "healthy"]
    for row in rows:
        row["first"] = row["causes"][:1] == [row["cause"]] and not row["healthy"]
        row["third"] = row["cause"] in row["causes"][:3]
    print(f"{'cause':34s} programs first in3 mended-healthy")
    for cause in sorted({r["cause"] for r in rows if r["cause"]}):
        f, m = [r for r in faulty if r["cause"] == cause], [r for r in mended if r["cause"] == cause]
        print(
            f"{cause:34s} {len(f):8d} {sum(r['first'] for r in f):5d} {sum(r['third'] for r in f):3d}"
            f" {sum(r['healthy'] for r in m):7d}/{len(m)}"
        )
    summary = {
        "faulty": len(faulty),
        "first": _share(r["first"] for r in faulty),
        "in_three": _share(r["third"] for r in faulty),
        "mended": len(mended),
        "mended_healthy": _share(r["healthy"] for r in mended),
        "healthy": len(healthy),
        "healthy_with_error": _share(r["healthy"] is False for r in healthy),
        "healthy_without_verdict": _share(r["healthy"] is None for r in healthy),  # out of reach, and said to be
        "doctor_median_seconds": statistics.median([r["doctor"] for r in rows]) if rows else 0.0,
        "doctor_max_seconds": max([r["doctor"] for r in rows], default=0.0),
    }
    for row in rows:
        wrong = (row["variant"] == "faulty" and not row["first"]) or (row["variant"] != "faulty" and not row["healthy"])
        if wrong and (names or not row["heldback"]):
            print(f"  wrong: {row['program']:70s} {'FAILED' if row['failed'] else row['causes'][:4]}")
    troubles = [(r["program"], t) for r in rows for t in r.get("troubles", []) if names or not r["heldback"]]
    for program, trouble in troubles[:40]:
        print(f"  trouble: {program}: {trouble[:150]}")
    print(json.dumps(summary, indent=1))
    return summary


def _share(values: Any) -> float | None:
    listed = list(values)
    return round(sum(listed) / len(listed), 4) if listed else None


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["tuning", "heldback", "all"], default="all")
    parser.add_argument("--causes", default="")
    parser.add_argument("--variants", default="faulty,mended,healthy")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--folder", type=Path, help="Where diagnoses are kept; those that are there are not run again.")
    parser.add_argument("--judge-again", action="store_true", help="Judge kept records with the checks of today.")
    parser.add_argument("--names", action="store_true", help="Name held-back programs that come out wrong.")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cost", action="store_true", help="Measure what being watched costs instead.")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", default="", help="Programs to measure the cost on.")
    options = parser.parse_args()
    if options.cost:
        return measure_cost(options)
    causes = [c for c in options.causes.split(",") if c]
    chosen = [p for p in programs() if options.part == "all" or p.heldback == (options.part == "heldback")]
    chosen = [p for p in chosen if not causes or (p.cause or "healthy") in causes]
    chosen = [p for p in chosen if p.variant in options.variants.split(",")]
    place: dict[str, int] = {}
    for program in chosen:
        place[program.name] = sum(1 for p in chosen if p.cause == program.cause and p.name < program.name)
    chosen.sort(key=lambda p: place[p.name])  # one of every cause first
    chosen = chosen[: options.limit] if options.limit else chosen
    if not chosen:
        return print("no such program (see `--part`, `--causes` and `--variants`)")
    folder = options.folder or Path(tempfile.mkdtemp(prefix="doctor-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    warm()
    todo = [p for p in chosen if not (folder / f"{p.name.replace('/', '+').replace(':', '+')}.json").exists()]
    run_all(todo, folder, options.jobs, options.budget)
    if options.judge_again:
        rejudge(folder)
    rows = [judge(p, folder) for p in chosen]
    summary = table(rows, options.names)
    if options.out:
        options.out.write_text(json.dumps({"summary": summary, "rows": rows}, indent=1), encoding="utf-8")


def measure_cost(options: argparse.Namespace) -> None:
    """Seconds and memory with the doctor and without."""
    import torch
    import torch._dynamo

    from benchmarks.doctor_cost import cost

    torch.set_num_threads(1)
    gc.freeze()  # or a collection in the fork would copy every page of the libraries
    found = cost(options.turns, [n for n in options.only.split(",") if n] or None)
    if options.out:
        options.out.write_text(json.dumps(found, indent=1), encoding="utf-8")


def rejudge(folder: Path) -> None:
    """Checks are pure: kept records are judged anew without their programs."""
    from wordfit.doctor.diagnose import diagnosis
    from wordfit.record import Record, plain

    for file in folder.glob("*.json"):
        record = Record.load(file)
        record.diagnosis = plain(diagnosis(record))
        record.save(file)


if __name__ == "__main__":
    main()
