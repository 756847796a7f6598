"""Every claim of the four articles as an experiment: verdicts with figures and pictures, and the rule of `advise`.

    python benchmarks/claims.py --out FOLDER [--reduced] [--workers 2]     # run it again to go on
    python benchmarks/claims.py --out FOLDER --reduced --write             # docs/claims.md, its pictures, the rule
    python benchmarks/claims.py --out FOLDER --kept docs/claims/cells.jsonl    # judge the cells of record, run the rest
    python benchmarks/claims.py --out FOLDER --sample 40                   # a cell in 40: how long would all take?

The full form is for a night on two cores, the reduced one for twenty minutes. Cells are kept in FOLDER by their
content; what is judged of each can be kept in one file as well, from which the rest is run elsewhere. What is judged,
and by which criterion, stands in `claims_question1.py` to `4`; the cells in `claims_cells.py`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from itertools import compress
from pathlib import Path
from typing import Any

import claims_question1
import claims_question2
import claims_question3
import claims_question4
import torch
from claims_cells import FORMS, Form, Place, places
from claims_data import OF_VECTORS, SOURCES, VECTORS
from claims_direct import DIRECT
from claims_fast import fast_cells
from claims_kept import judged_part, keep, kept
from claims_rule import surveyed, write
from claims_verdicts import Verdict

from wordfit.record import plain
from wordfit.training.cells import run_cells

CLAIMS = claims_question1.CLAIMS | claims_question2.CLAIMS | claims_question3.CLAIMS | claims_question4.CLAIMS
ROOT = Path(__file__).parent.parent
RULE = ROOT / "wordfit" / "selection" / "rule.json"
QUESTIONS = {
    "1": ("Why do GloVe embeddings lead to constant predictions on GLUE tasks?", "questions/constant_predictions.md"),
    "2": ("Why do they give the same output across tasks?", "questions/same_output.md"),
    "3": ("Should GloVe be fine-tuned in torch.nn.Embedding?", "questions/freeze_or_tune.md"),
    "4": ("Why does a pre-trained embedding lead to a negative seq2seq loss?", "negative_loss.md"),
}


def main() -> None:
    """Run what is missing, judge, print; with `--write` also the page, its pictures and the rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reduced", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--done", action="store_true", help="judge what is there, run no further cell")
    parser.add_argument("--write", action="store_true", help="write docs/claims.md and wordfit/selection/rule.json")
    parser.add_argument("--kept", type=Path, help="a file of cells that are not run again; what is run is added to it")
    parser.add_argument("--sample", type=int, help="run a cell in so many, and say what the whole form would take")
    options = parser.parse_args()
    torch.set_num_threads(1)
    name = "reduced" if options.reduced else "full"
    if options.sample:
        sampled(FORMS[name], options.out, options.sample)
        return
    known = kept(options.kept) if options.kept and options.kept.exists() else {}
    results = run(FORMS[name], options.out, options.workers, options.done, known)
    if options.kept:
        keep(known | dict(results), options.kept)
    direct = {key: measured(key, options.out, name == "full", options.done) for key in DIRECT}
    with_coverage(results, options.out)
    pictures = ROOT / "docs" / "claims" if options.write else options.out / "pictures"
    verdicts = {key: judged(key, results, direct, pictures) for key in CLAIMS}
    rule = write(results, options.out, name, RULE if options.write else options.out / "rule.json")
    (options.out / "claims.json").write_text(
        json.dumps(plain({"verdicts": {k: vars(v) for k, v in verdicts.items()}, "rule": rule}), indent=1), "utf-8"
    )
    for key, verdict in verdicts.items():
        print(f"{key} {verdict.verdict}\n   {CLAIMS[key].says}\n   {verdict.figures}\n")
    print(json.dumps(rule["evidence"]["held_out"], indent=1))
    if options.write:
        about = described(results, name, [place for place in places(FORMS[name], options.out) if place.vectors])
        (ROOT / "docs" / "claims.md").write_text(page(verdicts, about), "utf-8")


def run(
    form: Form, folder: Path, workers: int, done: bool, known: dict[Place, dict[str, Any]]
) -> list[tuple[Place, dict[str, Any]]]:
    """The judged part of every cell of the form, with its place; with `done` only of those that are kept already."""
    every = places(form, folder)
    wanted = [place for place in every if place not in known]

    def said(place: Place, result: dict[str, Any]) -> None:
        print(*vars(place).values(), f"{result.get('seconds', 0):.1f} s", file=sys.stderr, flush=True)

    found = dict(fast_cells([place for place in wanted if place.fast], folder, done, said))
    slow = [place for place in wanted if not place.fast]
    slow.sort(key=lambda place: place.dear)  # last, so that least is missing where it is stopped
    cells = [place.cell(folder) for place in slow]
    if done:
        there = [(folder / "cells" / f"{cell.key()}.json").exists() for cell in cells]
        slow, cells = list(compress(slow, there)), list(compress(cells, there))
    listen = None if done else lambda i, result: said(slow[i], result)
    found |= zip(slow, run_cells(cells, folder / "cells", workers, on_done=listen))
    found = {place: judged_part(place, result) for place, result in found.items()} | known
    results = [(place, found[place]) for place in every if place in found]
    print(f"{len(results)} of {len(every)} cells are there", file=sys.stderr)
    return results


def sampled(form: Form, folder: Path, every: int) -> None:
    """Run a cell in `every` of each kind, one after the other, and say what the kind would take (CPU seconds).

    A kind is an encoder and a number of rows, or an encoder and all rows of a data set. Each cell pays for reading
    its data anew, which the whole form shares.
    """
    kinds: dict[tuple[str, int, str], list[Place]] = {}
    for place in places(form, folder):
        kinds.setdefault((place.encoder, place.size, "" if place.size else place.data), []).append(place)
    total = 0.0
    for (encoder, size, data), members in sorted(kinds.items()):
        chosen = random.Random(f"{encoder} {size} {data}").sample(members, max(1, round(len(members) / every)))
        began = time.process_time()
        fast_cells([p for p in chosen if p.fast], folder, False, lambda place, result: None)
        run_cells([p.cell(folder) for p in chosen if not p.fast], folder / "cells", workers=1)
        each = (time.process_time() - began) / len(chosen)
        total += each * len(members)
        row = {"encoder": encoder, "rows": size or f"all of {data}", "cells": len(members), "run": len(chosen)}
        print(
            json.dumps(row | {"cpu_s_each": round(each, 1), "cpu_min": round(each * len(members) / 60, 1)}), flush=True
        )
    print(json.dumps({"cells": sum(map(len, kinds.values())), "cpu_hours": round(total / 3600, 2)}))


def judged(key: str, results: list[tuple[Place, dict[str, Any]]], direct: dict[str, Any], out: Path) -> Verdict:
    """The verdict of a claim; of one whose figures are not there yet, that they are not."""
    try:
        return CLAIMS[key].judge(results, direct, out)
    except (KeyError, StopIteration):
        if key.startswith("4"):
            return Verdict("see [negative_loss.md](negative_loss.md)", "judged there, by `benchmarks/negative_loss.py`")
        return Verdict("not run yet", "its figures are not there: run without --done")


def measured(key: str, folder: Path, full: bool, done: bool) -> dict[str, Any]:
    """A direct experiment, kept as JSON; with `done` an empty one where it is not there."""
    kept = folder / "direct" / f"{key}-{'full' if full else 'reduced'}.json"
    if done and not kept.exists():
        return {}
    if not kept.exists():
        print(key, file=sys.stderr, flush=True)
        figures = plain(DIRECT[key](folder, full))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(figures), "utf-8")
    return json.loads(kept.read_text("utf-8"))


def with_coverage(results: list[tuple[Place, dict[str, Any]]], folder: Path) -> None:
    """Give every cell with vectors the share of running words that they cover."""
    for place, result in results:
        if place.vectors in VECTORS:
            result["tokens_covered"] = surveyed(place.data, place.size, place.vectors, folder)["tokens_covered"]


def described(results: list[tuple[Place, dict[str, Any]]], form: str, wanted: list[Place]) -> str:
    """What was run, in words; of what is not there yet, where it belongs."""
    trained = [place for place, _ in results if place.vectors]
    models = f"{len(trained):,} trained models"
    there = set(trained)
    if left := [place for place in wanted if place not in there]:
        kinds = Counter(place.encoder + (" on all of SST-2" if place.dear else "") for place in left)
        seeds = sorted({place.seed for place in left})
        models = f"{len(trained):,} of {len(wanted):,} models trained so far (left: "
        models += f"{', '.join(f'{n} {kind}' for kind, n in kinds.most_common())}; of seeds {seeds})"
    runs = {place.seed for place in trained}
    sets = [SOURCES[name].about for name in dict.fromkeys(place.data for place in trained)]
    return (
        f"The {form} form, {models}: {'; '.join(sets)}. Vectors: "
        f"{', '.join(about for name, about in OF_VECTORS.items() if any(place.vectors == name for place in trained))}. "
        f"Up to {len(runs)} seeds. Training stops on dev; accuracy is of test rows "
        "that nothing was chosen by, except in 1a and 1b (dev). Intervals are 95 %, from resampling data sets and then "
        "their runs."
    )


def page(verdicts: dict[str, Verdict], about: str) -> str:
    """`docs/claims.md`."""
    text = [
        "# The claims, with a verdict each",
        "",
        "Written by `python benchmarks/claims.py --out FOLDER --write`; run it again to check.",
        "",
    ]
    text += [about, "", "| | claim | verdict |", "|---|---|---|"]
    text += [f"| [{key}](#{key}) | {CLAIMS[key].says} | {verdict.verdict} |" for key, verdict in verdicts.items()]
    for number, (question, link) in QUESTIONS.items():
        text += ["", f"## {number}. {question}", "", f"In plain words: [{link}]({link})."]
        for key, verdict in verdicts.items():
            if key.startswith(number):
                claim = CLAIMS[key]
                text += [
                    "",
                    f"### {key}",
                    "",
                    f"*{claim.says}.* **{verdict.verdict[0].upper()}{verdict.verdict[1:]}.**",
                    "",
                ]
                text += [f"{verdict.figures[0].upper()}{verdict.figures[1:]}.", "", f"Criterion: {claim.criterion}."]
                text += ["", f"![{claim.says}](claims/{verdict.picture})"] if verdict.picture else []
    return "\n".join(text) + "\n"


if __name__ == "__main__":
    main()
