"""Question 2, the same output across tasks: its claims, each with its criterion and its judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from claims_pictures import Dot, dots
from claims_verdicts import UNDECIDED, Claim, Direct, Results, Verdict, said, sign, test_score


def same_input(results: Results, direct: Direct, out: Path) -> Verdict:
    """2a."""
    told, found = direct["probes"]["told_apart"], direct["probes"]["probes"]
    apart = float(np.mean([row["accuracy"] for row in told]))
    shares, parts = [], []
    for row in found:
        trained = [
            test_score(r) for p, r in results if p.data == row["data"] and p.encoder == "lstm" and p.size == 1000
        ]
        best = max([*trained, row["mean"], row["bilstm"]])
        if best > row["majority"] + 0.02:
            shares.append((max(row["mean"] - row["majority"], 0.0), best - row["majority"]))
        lstm = f", trained {np.mean(trained):.3f}" if trained else ""
        parts.append(
            f"{row['data']}: majority {row['majority']:.3f}, mean {row['mean']:.3f}, "
            f"random bilstm {row['bilstm']:.3f}{lstm}"
        )
    title = "Which task is a text from? Frozen mean, linear probe"
    dots([Dot(" / ".join(r["tasks"]), r["accuracy"]) for r in told], title, "accuracy", 0.5, out / "2a.svg")
    found_by_mean = sum(a for a, _ in shares) / max(sum(b for _, b in shares), 1e-9)
    verdict = "refuted" if apart > 0.9 and found_by_mean > 0.5 else UNDECIDED if apart > 0.9 else "holds"
    figures = (
        f"two tasks are told apart by their pooled input in {apart:.3f} of texts; a linear probe without any layer "
    )
    figures += f"finds {found_by_mean:.2f} of what the best finds above the majority ({'; '.join(parts)})"
    return Verdict(verdict, figures, "2a.svg")


def padding(results: Results, direct: Direct, out: Path) -> Verdict:
    """2b."""
    runs = direct["last_state"]["runs"]
    pairs, changed, own = [], [], []
    for run in runs:
        if run["state"] == "as printed":
            other = next(
                r for r in runs if r["state"] != run["state"] and (r["data"], r["seed"]) == (run["data"], run["seed"])
            )
            pairs.append(other["accuracy"] - run["accuracy"])
            changed.append(run["changed_by_padding"])
            own.append(other["changed_by_padding"])
    each = ", ".join(f"{100 * p:+.1f}" for p in pairs)
    figures = f"own end against printed: {100 * np.mean(pairs):+.1f} points (runs {each}); 40 places more of padding "
    figures += f"change {np.mean(changed):.0%} of the printed answers, {np.mean(own):.0%} of the others"
    verdict = "holds when padding is kept out" if np.mean(changed) > 0.02 and max(own) == 0 else UNDECIDED
    return Verdict(verdict, figures)


def domain(results: Results, direct: Direct, out: Path) -> Verdict:
    """2c."""
    found = direct["adapted"]
    gain = tuple(found["adapted_over_published_sif"])
    parts = ", ".join(f"{name} {np.mean(value):.3f}" for name, value in found["spearman"].items())
    verdict = {1: "holds", -1: "refuted", 0: UNDECIDED}[sign(gain)]
    return Verdict(verdict, f"STS-B test, Spearman: {parts}; adapted over published under SIF {said(gain)}")


def encoders_printed(results: Results, direct: Direct, out: Path) -> Verdict:
    """2d."""
    f = direct["printed_encoders"]["moved_by_other_rows"]
    verdict = "holds" if f["printed"] > 0.01 and f["batch_first"] < 1e-5 else UNDECIDED
    return Verdict(
        verdict, f"a row's output moves by {f['printed']:.2f} with other rows as printed, {f['batch_first']:.0e} mended"
    )


CLAIMS = {
    "2a": Claim(
        "The input of every task is the same, so all variation comes from the layers above",
        "refuted where tasks are told apart in over 90 % and a probe without layers finds half of the score",
        same_input,
    ),
    "2b": Claim(
        "LSTM (last state) and Transformer (mean) extract what the task needs",
        "holds only without padding where padding changes over 2 % of the printed answers and none of the mended",
        padding,
    ),
    "2c": Claim(
        "Adapting GloVe to a corpus of the domain before the task (STS-B) helps",
        "adapted minus published under SIF weighting, by its bootstrap interval over test rows",
        domain,
    ),
    "2d": Claim(
        "The printed Transformer attends across the batch",
        "another row moves a row's output as printed, and not with batch_first=True",
        encoders_printed,
    ),
}
