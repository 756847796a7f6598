"""Question 4, negative losses: its claims, each with its criterion and its judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from claims_verdicts import UNDECIDED, Claim, Direct, Results, Verdict


def negative(results: Results, direct: Direct, out: Path) -> Verdict:
    """4a."""
    found = direct["negative_losses"]
    right = [run for run in found["runs"] if run["case"] == "right"]
    lowest = min([found["bounded"]["lowest_cross_entropy"], *(run["lowest"] for run in right)])
    wrong = sorted({run["case"] for run in found["runs"] if run["negative"] and not run["clipped"]})
    figures = (
        f"least cross entropy of {found['bounded']['rows']:,} random rows and {len(right)} runs, frozen and tuned: "
    )
    return Verdict("refuted" if lowest >= 0 else "holds", f"{figures}{lowest:.3g}; below zero went: {', '.join(wrong)}")


def clipped(results: Results, direct: Direct, out: Path) -> Verdict:
    """4b."""
    runs = direct["negative_losses"]["runs"]
    went = {run["case"] for run in runs if run["negative"] and not run["clipped"]}
    still = [run["still"] for run in runs if run["clipped"] and run["case"] in went]
    right = {(r["case"], r["seed"], r["clipped"]): r["accuracy"] for r in runs if r["vectors"] == "frozen"}
    gain = [right[c, s, True] - right[c, s, False] for c, s, cut in right if cut and c in went]
    verdict = "refuted" if np.mean(still) > 0.9 and np.mean(gain) <= 0 else UNDECIDED
    return Verdict(
        verdict,
        f"words without a gradient when clipped {np.mean(still):.0%}; words right {100 * np.mean(gain):+.1f} points",
    )


def tuned_loss(results: Results, direct: Direct, out: Path) -> Verdict:
    """4c."""
    runs = [run for run in direct["negative_losses"]["runs"] if not run["clipped"]]
    went = {run["case"] for run in runs if run["negative"] and run["vectors"] == "frozen"}
    mended = {run["case"] for run in runs if run["case"] in went and run["vectors"] == "tuned" and not run["negative"]}
    verdict = (
        "refuted" if not mended else "holds" if mended == went else f"holds when it is {', '.join(sorted(mended))}"
    )
    return Verdict(verdict, f"{len(went)} losses went below zero frozen, {len(went - mended)} of them also tuned")


def behind(results: Results, direct: Direct, out: Path) -> Verdict:
    """4d."""
    found = direct["negative_losses"]
    other, epsilon = found["imbalance"], found["bounded"]["lowest_of_log_p_plus_1e-7"]
    wrong = any(run["negative"] for run in found["runs"])
    figures = f"99 % of one class, overfitted: least {other['lowest']:.4f}; -log(p + 1e-7): least {epsilon:.1e}; "
    figures += f"wrong losses below zero: {len({r['case'] for r in found['runs'] if r['negative']})}"
    verdict = "holds when it is a wrong loss; refuted for imbalance, instability and overfitting"
    return Verdict(verdict if wrong and not other["negative"] else UNDECIDED, figures)


def one_hot(results: Results, direct: Direct, out: Path) -> Verdict:
    """4e."""
    size = direct["negative_losses"]["one_hot_GB"]
    figures = (
        f"one-hot targets of Multi30k's 29,000 rows take {size:.1f} GB; that its encoder reaches nothing is shown in "
    )
    return Verdict("holds", f"{figures}examples/seq2seq_torch.py and tests/examples")


CLAIMS = {
    "4a": Claim(
        "Vectors that fit the task too well push the cross entropy below zero",
        "refuted where no row and no run with the right loss goes below zero",
        negative,
    ),
    "4b": Claim(
        "Clipping the loss to [0, 10] mends it",
        "refuted where over 90 % of words lose their gradient and no more words are right",
        clipped,
    ),
    "4c": Claim(
        "Tuning the embedding mends it",
        "refuted where every loss that is negative frozen is negative tuned",
        tuned_loss,
    ),
    "4d": Claim(
        "Imbalance, a wrong loss, numerical instability, overfitting are behind it",
        "which of them takes a loss below zero by more than its epsilon",
        behind,
    ),
    "4e": Claim(
        "The printed seq2seq program never sees its source, and its targets do not fit into memory",
        "arithmetic, and the tests of the examples",
        one_hot,
    ),
}
