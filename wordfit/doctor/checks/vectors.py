"""The table: does it hold the vectors that the program believes, whole, for the words it believes?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, number, seen
from wordfit.doctor.vector_facts import held_otherwise, sources, speaks, table_place


def vocab_row_misaligned(view: View) -> Findings:
    """Rows hold vectors of the file, but of other words than those whose ids look them up."""
    for table, source in sources(view):
        others = source.get("others", {})
        if "right" not in source or source["right"] > 0.8:
            continue
        if others.get("other_words", 0) >= 5 and others["other_words"] >= 0.4 * max(others["wrong"], 1):
            shift = (
                f"by {others['offset']} rows"
                if others.get("offset") is not None and others["offset_share"] > 0.6
                else "irregularly"
            )
            yield Finding(
                "vocab_row_misaligned",
                0.97,
                [
                    seen(
                        "vectors",
                        {"right": 1.0},
                        right=source["right"],
                        rows_of_other_words=others["other_words"],
                        examples=others["examples"],
                        offset=others.get("offset"),
                    )
                ],
                f"rows are moved {shift}: fill the table by the ids of the mapping that encodes "
                "the texts (table[word_to_id[word]] = vector)",
                table_place(view, table["table"]),
                ruled_out=["pretrained_not_loaded: the rows are vectors of the source"],
            )
            return


def pretrained_not_loaded(view: View) -> Findings:
    """Vectors for the table's words are there, but the table started with something else."""
    facts = view.of("vectors")
    for row in facts.get("left_out", []):
        found = {"not_loaded": row["key"], "given_under": row["under"]}
        yield Finding(
            "pretrained_not_loaded",
            0.95,
            [seen("vectors", {"keys": "the same"}, **found)],
            f"load the state under the names of the model ({row['under']} is called {row['key']} here), and strictly",
            {"module": row["table"].rpartition(".")[0], "file": row["file"], "line": row["line"]},
        )
        return
    for finding in _unlike(view):
        table, evidence, strong = finding
        written = [w for w in facts.get("writes", []) if w["table"] == table and (w.get("before") or 0) > 0.5]
        if written:
            last = written[-1]
            yield Finding(
                "pretrained_overwritten_by_init",
                0.97,
                [
                    evidence,
                    seen(
                        "vectors", None, call=last["call"], line=last["line"], rows_held_vectors_before=last["before"]
                    ),
                ],
                f"line {last['line']} draws the table anew after the vectors were copied: "
                "initialise first, copy the vectors last",
                {"module": table_place(view, table).get("module"), "file": last["file"], "line": last["line"]},
            )
            return
        dropped = [c for c in facts.get("pretrained_calls", []) if not c["in_model"]]
        place = (
            {"module": table_place(view, table).get("module"), "file": dropped[0]["file"], "line": dropped[0]["line"]}
            if dropped
            else table_place(view, table)
        )
        why = (
            "`from_pretrained` gives back a new layer, which was dropped: assign it "
            "(self.embedding = nn.Embedding.from_pretrained(...))"
            if dropped
            else "copy the vectors into the layer that the model calls, and compare a few rows afterwards"
        )
        extra = [seen("vectors", None, layers_made_and_dropped=len(dropped))] if dropped else []
        yield Finding("pretrained_not_loaded", 0.95 if strong or dropped else 0.8, [evidence, *extra], why, place)
        return


def _unlike(view: View) -> Any:
    """Tables that hold nothing of the vectors that were prepared for them."""
    facts = view.of("vectors")
    if view.error and not view.watched.get("steps"):
        return  # it may have raised while loading
    for table in facts.get("tables", []):
        matrices = [m for m in facts.get("matrices", []) if m["table"] == table["table"]]
        rows = [s for s in table.get("sources", []) if s.get("known", 0) >= 8 and "right" in s]
        told = [s for s in rows if speaks(table, s)]
        if any(number(s.get("structure") or 0) > 0.3 for s in rows):
            continue
        if any(s["right"] > 0.3 or held_otherwise(s) > 0.3 for s in rows):
            continue
        if told and not _meant(view, table["table"]):
            continue
        if not told and any(m["same"] > 0.3 or number(m.get("structure") or 0) > 0.3 for m in matrices):
            continue  # a matrix was loaded, of which no file of vectors can say whether it holds any
        for source in rows:
            if _used_elsewhere(facts, table["table"], source["source"]) or _are_the_targets(view, source):
                continue
            others = source.get("others", {})
            if (
                source["right"] < 0.05
                and source["zero"] < 0.8
                and speaks(table, source)
                and others.get("other_words", 0) < 0.4 * max(others.get("wrong", 1), 1)
            ):
                yield (
                    table["table"],
                    seen(
                        "vectors",
                        {"right": 1.0},
                        right=source["right"],
                        known_words=source["known"],
                        median_cosine=source["median_cosine"],
                        source=source["source"],
                    ),
                    True,
                )
                break
        else:
            for matrix in matrices:
                same = [m for m in facts.get("matrices", []) if m["matrix"] == matrix["matrix"]]
                elsewhere = any(m["same"] > 0.5 or m.get("in_another") for m in same)
                if matrix["same"] < 0.05 and not elsewhere and _is_vectors(view, matrix):
                    yield (
                        table["table"],
                        seen("vectors", {"same": 1.0}, same=matrix["same"], matrix=matrix["matrix"]),
                        False,
                    )
                    break


def _meant(view: View, name: str) -> bool:
    """Whether the program made numbers of what it read, and not only a list of words: vectors, a matrix, a layer."""
    facts = view.of("vectors")
    filled = ("copy_", "data.__set__", "__setitem__")
    return bool(
        facts.get("held")
        or facts.get("pretrained_calls")
        or facts.get("matrices")
        or any(
            w["table"] == name and (w["call"] in filled or (w.get("before") or 0) > 0.5)
            for w in facts.get("writes", [])
        )
    )


def _used_elsewhere(facts: dict[str, Any], name: str, source: str) -> bool:
    """Another table holds these vectors: this one may be meant to be learned beside it."""
    others = [t for t in facts.get("tables", []) if t["table"] != name]
    return any(s["source"] == source and s.get("right", 0) > 0.5 for t in others for s in t.get("sources", []))


def _are_the_targets(view: View, source: dict[str, Any]) -> bool:
    """Whether targets are vectors as wide: a student learns what such vectors say, from a table of its own."""
    target = view.of("losses").get("target") or {}
    shape = target.get("shape") or []
    return len(shape) == 2 and "float" in str(target.get("dtype")) and shape[1] == source.get("width")


def _is_vectors(view: View, matrix: dict[str, Any]) -> bool:
    """A matrix of the table's shape counts as vectors when a layer was made of one, or a name says so."""
    name = matrix["matrix"].lower()
    return bool(view.of("vectors").get("pretrained_calls")) or any(
        w in name for w in ("vec", "emb", "glove", "pretrain", "weight", "matrix", "w2v")
    )


def uninitialised_embedding_rows(view: View) -> Findings:
    """Rows that nothing was written to hold whatever memory held."""
    for row in view.of("vectors").get("empties", []):
        if 0 < row["unwritten"] <= row["of"]:
            yield Finding(
                "uninitialised_embedding_rows",
                0.98,
                [seen("vectors", {"unwritten": 0}, unwritten=row["unwritten"], of=row["of"], largest=row["largest"])],
                "start from zeros or small random numbers (torch.randn(...) * vectors.std()), "
                "then copy the vectors found",
                {"module": row["table"], "file": row["file"], "line": row["line"]},
            )
            return
    for table, source in sources(view):  # what memory held is seldom of the vectors' scale
        bare = [b for b in view.of("vectors").get("bare", []) if b["table"] == table["table"]]
        scale = source.get("unknown_scale") or {}
        if bare and scale.get("drawn") and not 0.2 < number(scale["ratio"]) < 3:
            yield Finding(
                "uninitialised_embedding_rows",
                0.93,
                [seen("vectors", {"ratio": "about 1"}, made_as=bare[0]["matrix"], **scale)],
                "start from zeros or small random numbers (torch.zeros(rows, width)), then copy the vectors found",
                {"module": table["table"], "file": bare[0]["file"], "line": bare[0]["line"]},
            )
            return
    for table in view.tables:
        norm = table.get("norm") or {}
        if norm.get("nan_rows") or (
            number(norm.get("max")) > 1e4 * max(number(norm.get("median")), 1e-6) and number(norm.get("median")) > 0
        ):
            yield Finding(
                "uninitialised_embedding_rows",
                0.8,
                [seen("tables", None, **norm)],
                "give every row a start before copying the vectors",
                table_place(view, table["name"]),
            )
            return


CHECKS = [
    vocab_row_misaligned,
    pretrained_not_loaded,
    uninitialised_embedding_rows,
]
