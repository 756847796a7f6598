"""Run the program again with the remedy applied from outside, and see whether it was the cause.

A remedy is a change of what torch is handed, made over the recorder's hooks, in a process of its own. What bears a
finding out depends on the cause: its sign is gone and the scores have not fallen; or, where the remedy takes the sign
away by itself, the scores are better. Otherwise the finding is withdrawn and says so.
"""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wordfit.doctor.diagnose import ORDER, diagnosis, healthy
from wordfit.doctor.finding import INFO
from wordfit.doctor.remedies import FACTORS, REMEDIES
from wordfit.doctor.remedies.acting import times_acted
from wordfit.record import Record

EARLY = "the second run ended early"


BY_SCORE = (
    "lr_too_high",
    "lr_too_low",
    "class_imbalance",
    "finetune_overfit_small_data",
    "catastrophic_forgetting",
    "init_scale_too_large",
    "symmetric_init",
    "exploding_gradient",
    "unshuffled_training_data",
)
"""The remedy takes the sign of these away by itself: only better scores bear them out."""

BY_SIGN = (
    "frozen_by_default",
    "freeze_flag_ineffective",
    "missing_causal_mask",
    "weight_decay_unseen_rows",
    "adam_momentum_stale_rows",
    "max_norm_inplace_renorm",
)
"""The program does what it was not meant to, and may score well by it: that the sign is gone bears them out."""

OTHER_LOSS = (
    "class_imbalance",
    "finetune_overfit_small_data",
    "catastrophic_forgetting",
    "freeze_flag_ineffective",
    "frozen_by_default",
    "double_softmax",
    "double_sigmoid",
    "nll_loss_on_probabilities",
    "kl_div_not_log_prob",
    "ctc_raw_logits",
    "bce_target_out_of_range",
    "flipped_loss_sign",
    "loss_shape_broadcast",
    "ignore_index_drops_class",
    "missing_causal_mask",
    "unshuffled_training_data",
)
"""With these remedies the training loss is another one, or speaks of memory only: it is not compared."""


def verify_findings(
    found: dict[str, Any], record: Record, program: str, arguments: list[str], module: bool, budget: float = 30.0
) -> dict[str, Any]:
    """Try the remedies of the first findings; those that the second run does not bear out lose their severity."""
    before = scores(record)
    for finding in found["findings"][:3]:
        if finding["severity"] != "error":
            continue
        if finding["cause"] not in REMEDIES:
            finding["remedy"]["not_verified"] = "this remedy cannot be applied from outside the program"
            continue
        after, note = best_run(finding, before, lambda of: again(of, program, arguments, module, budget))
        if why := not_to_be_told(finding["cause"], before, after):
            finding["remedy"]["not_verified"] = why
            continue
        finding["remedy"]["verified"] = {"before": before, "after": _shown(after)} | ({"note": note} if note else {})
        if borne_out(finding["cause"], before, after):
            break
        finding["severity"] = "info"
        finding["withdrawn"] = "the run with the remedy does not bear it out"
    found["healthy"], reason = healthy(found["findings"], record)
    return found | {"reason": reason} if reason else found


def best_run(
    finding: dict[str, Any], before: dict[str, Any], run: Callable[[dict[str, Any]], dict[str, Any]]
) -> tuple[dict[str, Any], str]:
    """The second run, and what was changed by how much; of several strengths the first that bears the finding out.

    One that bears it out with fewer right answers than before is taken only if no other does better.
    """
    tried: list[tuple[int, dict[str, Any], str]] = []
    for factor in FACTORS.get(finding["cause"], (None,)):
        after = run(finding | {"factor": factor})
        why = not_to_be_told(finding["cause"], before, after)
        good = 0 if why or not borne_out(finding["cause"], before, after) else 1 if _fewer_right(before, after) else 2
        tried.append((good, after, f"learning rates times {factor:g}" if factor else ""))
        if why or good == 2:
            break
    return max(tried, key=lambda second: second[0])[1:]


def _fewer_right(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return _direction(before.get("dev_accuracy"), after.get("dev_accuracy"), _margin(before.get("dev_rows"))) == -1


def scores(record: Record) -> dict[str, Any]:
    """What is compared: the loss's course, the scores in the evaluation, the causes found."""
    curve = record.watched.get("curve") or {}
    data = record.experiments.get("data") or {}
    dev = data.get("dev") or {}
    if "accuracy" not in dev:
        dev = (data.get("words") or {}).get("dev") or {}
    findings = (record.diagnosis or {}).get("findings") or []
    means = curve.get("means") or [None]
    return {
        "first_loss": curve.get("first"),
        "last_loss": means[-1],
        "dev_accuracy": dev.get("accuracy"),
        "dev_balanced": dev.get("balanced"),
        "dev_rows": dev.get("rows"),
        "raised": (record.program.get("error") or {}).get("type"),
        "causes": _causes(findings),
    }


def _causes(findings: list[dict[str, Any]]) -> list[str]:
    """Causes that were found, notes aside, and those that were put under another as following from it."""
    under = [text.split(":")[0] for f in findings for text in f.get("explains", [])]
    return [f["cause"] for f in findings if f["severity"] != INFO] + [cause for cause in under if cause in ORDER]


def _shown(after: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if name != "acted"}


def not_to_be_told(cause: str, before: dict[str, Any], after: dict[str, Any]) -> str | None:
    """Why the second run speaks neither for the finding nor against it."""
    if after.get("raised") == EARLY:
        return EARLY
    same = all(before.get(key) == after.get(key) for key in ("last_loss", "dev_accuracy", "raised", "causes"))
    broken = math.isinf(_loss(before.get("last_loss")) or 0.0)  # a loss that is no number may be so again for another
    if (same and not broken) or not after.get("acted", 1):
        return "the change from outside did not reach what this program does"
    if after.get("raised") and not before.get("raised"):
        return f"the program does not stand the change from outside: it raised {after['raised']}"
    if cause in BY_SCORE and compared(cause, before, after) is None:
        return "there is no score to compare by"
    return None


def borne_out(cause: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """The sign of the cause is gone and the scores have not fallen; or the scores are better."""
    if after.get("raised"):
        return cause not in after["causes"] and after["raised"] != before.get("raised")
    change = compared(cause, before, after)
    if cause in BY_SCORE:
        return change == 1
    if cause in after.get("causes", []):
        return change == 1 and cause not in BY_SIGN
    return cause in BY_SIGN or change != -1


def compared(cause: str, before: dict[str, Any], after: dict[str, Any]) -> int | None:
    """1 if the second run scored better, -1 worse, 0 neither; None if the runs have no score in common.

    A change of the accuracy that the balanced one does not share is of which class is answered most: the loss speaks.
    """
    margin = _margin(before.get("dev_rows"))
    right, balanced = (_direction(before.get(k), after.get(k), margin) for k in ("dev_accuracy", "dev_balanced"))
    said = [balanced if cause in ("class_imbalance", "unshuffled_training_data") else right]
    if cause not in OTHER_LOSS:
        old, new = _loss(before.get("last_loss")), _loss(after.get("last_loss"))
        said.append(None if old is None or new is None else _direction(-old, -new, 0.1 * abs(old), infinite=True))
        if said[1] is not None and balanced is not None and balanced != right:
            said.reverse()
    return next((s for s in said if s), next((s for s in said if s is not None), None))


def _margin(rows: int | None) -> float:
    """By how much a score must change to say something: a standard error of the difference, at least 0.02."""
    return max(0.02, (0.5 / rows) ** 0.5) if rows else 0.03


def _loss(value: Any) -> float | None:
    """A loss; one that is no number counts as infinite."""
    if value is None:
        return None
    number = float(value)
    return math.inf if math.isnan(number) else number


def _direction(old: float | None, new: float | None, margin: float, infinite: bool = False) -> int | None:
    if old is None or new is None:
        return None
    if infinite and (math.isinf(old) or math.isinf(new)):
        return (new > old) - (new < old)
    return (new > old + margin) - (new < old - margin)


def again(
    finding: dict[str, Any], program: str, arguments: list[str], module: bool, budget: float = 30.0
) -> dict[str, Any]:
    """The program once more, in a process of its own, with the remedy; what it prints is not shown."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.json"
        order = {
            "cause": finding["cause"],
            "finding": finding,
            "program": program,
            "arguments": arguments,
            "module": module,
            "budget": budget,
            "out": str(out),
        }
        subprocess.run(
            [sys.executable, "-m", "wordfit.doctor.verify", json.dumps(order)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if not out.exists():
            return {"raised": EARLY, "causes": []}
        return json.loads(out.read_text(encoding="utf-8"))


def _main(order: dict[str, Any]) -> None:
    from wordfit.doctor.examine import examine
    from wordfit.doctor.run import run_watched
    from wordfit.doctor.watch import Recorder
    from wordfit.record import plain

    recorder = Recorder()
    prepare = REMEDIES[order["cause"]]
    ran = run_watched(
        order["program"], order["arguments"], recorder, order["module"], prepare=lambda: prepare(order["finding"])
    )
    record = examine(recorder, ran, Path(order["program"]).name, order["budget"], order.get("only"))
    record.diagnosis = plain(diagnosis(record))
    Path(order["out"]).write_text(json.dumps(plain(scores(record) | {"acted": times_acted()})), encoding="utf-8")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _main(json.loads(sys.argv[1]))
