"""What the experiments on the rows, texts and labels that were fed found, in a line or two each."""

from __future__ import annotations

from wordfit.report.measured.phrases import Lines, line, tell
from wordfit.report.page import Data


def data(r: Data) -> Lines:
    train, dev, order, shared = (r.get(k) or {} for k in ("train", "dev", "order", "shared"))
    words = r.get("words") or {}
    judged, of = (words.get("dev") or {}, "words") if words else (dev, "rows")
    return [
        line(
            tell("{:n} rows in training, {:n} in the evaluation", train.get("rows"), dev.get("rows")),
            tell("the most frequent class has {:%} of them", (train.get("majority") or {}).get("share")),
            tell(f"{{:%}} of the evaluation's {of} are answered rightly", judged.get("accuracy")),
        ),
        line(
            tell(
                "the most frequent label of a batch has {:%} of its rows, shuffled it would have {:%}",
                order.get("purity"),
                order.get("expected"),
            ),
            tell("{:%} of the evaluation's rows are in training as well", shared.get("share")),
        ),
    ]


def reference(r: Data) -> Lines:
    if r.get("explained") is not None:
        return [tell("it explains {:%} of the variance of rows held out", r["explained"])]
    return [
        line(
            tell("right in {:%} of the training rows held out", r.get("crossed")),
            tell("in {:%} of the evaluation", r.get("dev")),
            tell("the most frequent class alone in {:%}", r.get("majority")),
        )
    ]


def ignored(r: Data) -> Lines:
    return [
        tell(
            "{:n} is the target at {:%} of the words and at {:%} of the padding",
            r.get("index"),
            r.get("share_at_words"),
            r.get("share_at_padding"),
        )
    ]


def pairing(r: Data) -> Lines:
    return [
        line(
            tell("as fed, a plain learner is right in {:%} of the rows", r.get("fed")),
            tell("with the best of {:n} other pairings in {:%}", r.get("tried"), r.get("best")),
            tell("the most frequent class alone in {:%}", r.get("majority")),
        ),
        line(
            tell("{:n} rows were found again in the program's lists", r.get("matched")),
            tell("their label there says {:%} of those fed", r.get("agree")),
        ),
    ]


def numbered(r: Data) -> Lines:
    return [
        line(
            tell("{:n} files were read by the letters of their names", r.get("files")),
            tell("a plain learner explains {:%} of the labels as joined", r.get("joined")),
            tell("{:%} by the files' numbers", r.get("by_number")),
        )
    ]


def truncation(r: Data) -> Lines:
    return [
        line(
            tell(
                "{:%} of the rows are cut, at {:n} of up to {:n} words",
                r.get("cut_share"),
                r.get("length"),
                r.get("longest"),
            ),
            tell("a plain learner is right in {:%} of whole texts and {:%} of cut ones", r.get("whole"), r.get("cut")),
        )
    ]


def lines(r: Data) -> Lines:
    return [
        tell("{}: {:n} lines, {:n} rows if quotation marks join lines", f["name"], f["lines"], f["rows_merged"])
        for f in (r.get("files") or [])[:2]
    ] or ["no file has quotation marks that could"]


def classes(r: Data) -> Lines:
    if r.get("rounded_from_scores"):
        return [tell("the classes were cut from {:n} different real numbers", r.get("distinct_scores"))]
    return [
        line(
            tell("a plain learner explains {:%} of the class numbers' variance", r.get("explained")),
            tell("{:%} if they are numbered otherwise", r.get("explained_by_other_numberings")),
            tell("{:%} of the numberings do as well", r.get("numberings_as_good")),
        )
    ]
