"""What the experiments on tables, vectors and mappings found, in a line or two each."""

from __future__ import annotations

from wordfit.report.measured.phrases import Lines, line, tell
from wordfit.report.page import Data


def vectors(r: Data) -> Lines:
    said = []
    for table in r.get("tables") or []:
        for s in [s for s in table.get("sources") or [] if s.get("right") is not None][:1]:
            said.append(
                line(
                    tell(
                        "{}: {:%} of {:n} rows hold their word's vector of {}",
                        table["table"],
                        s.get("right"),
                        s.get("known"),
                        s["source"],
                    ),
                    tell("{:%} of the running words have a vector", s.get("coverage")),
                )
            )
    if said:
        return said[:2]
    read = r.get("files") or r.get("dictionaries") or r.get("held")
    return ["no table could be compared with vectors" if read else "no vectors were read"]


def encoding(r: Data) -> Lines:
    said = [
        tell(
            "{}: {:n} words with other letters than ASCII, {:n} held rightly, {:n} garbled",
            f["file"],
            f["words"],
            f["right"],
            f["garbled"],
        )
        for f in (r.get("files") or [])[:2]
    ]
    return said or ["every file was read with the encoding it is written in"]


def layout(r: Data) -> Lines:
    t = max(r.get("tables") or [{}], key=lambda t: t.get("best", 0) - t.get("own", 0))
    return [
        tell(
            "{}: its columns stand out by {:n} with its width of {:n}, at best by {:n}, with a width of {:n}",
            t.get("table"),
            t.get("own"),
            t.get("width"),
            t.get("best"),
            t.get("best_width"),
        )
    ]


def recoding(r: Data) -> Lines:
    best, counts, overlap = (r.get(k) or {} for k in ("best", "counts", "overlap"))
    right = tell("{:%} of the evaluation is right as encoded", r.get("before"))
    with_other = tell("{:%} with the ids of the other mapping", best.get("after"))
    return [
        line(
            tell("mappings that could be meant: {:n}", r.get("pairs")),
            tell("words agree by {:%} with one, by {:%} with two", overlap.get("as_one"), overlap.get("as_two")),
            right,
            with_other or "none does better than the one in use",
            tell(
                "{:%} of {:n} words told by their counts have the same id in both splits",
                counts.get("same"),
                counts.get("words"),
            ),
        )
    ]
