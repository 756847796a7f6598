"""Run the program again with the remedy applied from outside, and see whether it was the cause.

A remedy is a change of what torch is handed, made over the recorder's hooks, in a process of its own. A finding is
borne out when the second run no longer shows the cause and scores no worse; otherwise it is withdrawn and says so.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from wordfit.doctor.remedies import REMEDIES
from wordfit.record import Record


def verify_findings(
    found: dict[str, Any], record: Record, program: str, arguments: list[str], module: bool
) -> dict[str, Any]:
    """Try the remedies of the first findings; those that the second run does not bear out lose their severity."""
    for finding in found["findings"][:3]:
        if finding["severity"] != "error":
            continue
        if finding["cause"] not in REMEDIES:
            finding["remedy"]["not_verified"] = "this remedy cannot be applied from outside the program"
            continue
        before = scores(record) | {"causes": [f["cause"] for f in found["findings"]]}
        after = again(finding, program, arguments, module)
        if not reached(before, after):
            finding["remedy"]["not_verified"] = "the change from outside did not reach what this program does"
            continue
        finding["remedy"]["verified"] = {"before": before, "after": after}
        if not borne_out(finding["cause"], before, after):
            finding["severity"] = "info"
            finding["withdrawn"] = "the run with the remedy does not bear it out"
        else:
            break
    found["healthy"] = not any(f["severity"] == "error" for f in found["findings"])
    return found


def scores(record: Record) -> dict[str, Any]:
    """What is compared: the loss's course, the score in the evaluation, the causes found."""
    curve = record.watched.get("curve") or {}
    dev = (record.experiments.get("data") or {}).get("dev") or {}
    findings = record.diagnosis.get("findings") if record.diagnosis else None
    means = curve.get("means") or [None]
    return {
        "first_loss": curve.get("first"),
        "last_loss": means[-1],
        "dev_accuracy": dev.get("accuracy"),
        "dev_balanced": dev.get("balanced"),
        "raised": (record.program.get("error") or {}).get("type"),
        "causes": [f["cause"] for f in findings or []],
    }


def reached(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the second run differs from the first: a remedy that changed nothing speaks for nothing."""
    return any(before.get(key) != after.get(key) for key in ("last_loss", "dev_accuracy", "raised", "causes"))


def borne_out(cause: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """The cause is gone and the score in the evaluation has not fallen; or it is there in part, and the score rose."""
    if after.get("raised") and not before.get("raised"):
        return False
    key = "dev_balanced" if cause == "class_imbalance" else "dev_accuracy"
    old, new = before.get(key), after.get(key)
    if cause in after.get("causes", []) and cause not in ("lr_too_high", "lr_too_low"):
        return isinstance(old, float) and isinstance(new, float) and new > old + 0.03
    if isinstance(old, float) and isinstance(new, float):
        return new >= old - 0.03
    if cause.startswith("lr_") and isinstance(before["last_loss"], float):
        return isinstance(after["last_loss"], float) and after["last_loss"] < before["last_loss"]
    return True


def again(finding: dict[str, Any], program: str, arguments: list[str], module: bool) -> dict[str, Any]:
    """The program once more, in a process of its own, with the remedy."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.json"
        order = {
            "cause": finding["cause"],
            "finding": finding,
            "program": program,
            "arguments": arguments,
            "module": module,
            "out": str(out),
        }
        subprocess.run(
            [sys.executable, "-m", "wordfit.doctor.verify", json.dumps(order)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if not out.exists():
            return {"raised": "the second run ended early", "causes": []}
        return json.loads(out.read_text(encoding="utf-8"))


def _main(order: dict[str, Any]) -> None:
    from wordfit.doctor.diagnose import diagnosis
    from wordfit.doctor.examine import examine
    from wordfit.doctor.run import run_watched
    from wordfit.doctor.watch import Recorder
    from wordfit.record import plain

    recorder = Recorder()
    prepare = REMEDIES[order["cause"]]
    ran = run_watched(
        order["program"], order["arguments"], recorder, order["module"], prepare=lambda: prepare(order["finding"])
    )
    record = examine(recorder, ran, Path(order["program"]).name, 30.0)
    record.diagnosis = plain(diagnosis(record))
    Path(order["out"]).write_text(json.dumps(plain(scores(record))), encoding="utf-8")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _main(json.loads(sys.argv[1]))
