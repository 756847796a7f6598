"""The table: does it hold the vectors that the program believes, whole, for the words it believes?"""

from __future__ import annotations

import re
from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, number, seen

ACROSS = 0.25
"""Share of rows that begin amid a vector: half of them where two rows hold one vector; of cut vectors none."""


def sources(view: View) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Tables beside the source that fits them best."""
    found = []
    for table in view.of("vectors").get("tables", []):
        rows = [s for s in table.get("sources", []) if s.get("known", 0) >= 8]
        if rows:
            best = max(rows, key=lambda s: (s.get("right", s.get("cut_share", 0)), s["known"]))
            found.append((table, best))
    return found


def table_place(view: View, name: str) -> dict[str, Any]:
    """Where a table was made."""
    for table in view.tables:
        if table["name"] == name:
            made = table.get("made")
            return {
                "module": table["module"],
                "file": made[0] if made else table.get("file"),
                "line": made[1] if made else table.get("line"),
            }
    return {"module": name}


def file_place(view: View, name: str | None = None) -> dict[str, Any]:
    """Where the program opened a file of vectors: the named one, or the first."""
    for file in view.of("vectors").get("files", []):
        if (name is None or file["name"] == name) and file.get("file"):
            return {"module": None, "file": file.get("file"), "line": file.get("line")}
    return {}


def loaded(view: View, name: str) -> bool:
    """Whether the table started from vectors, by any sign."""
    facts = view.of("vectors")
    for table in facts.get("tables", []):
        if table["table"] == name and any(s.get("right", 0) > 0.3 for s in table.get("sources", [])):
            return True
    if any(m["table"] == name and m["same"] > 0.8 for m in facts.get("matrices", [])):
        return True
    width = next((t["width"] for t in view.tables if t["name"] == name), None)
    calls = [c for c in facts.get("pretrained_calls", []) if c["in_model"]]
    return any(width in (None, *(c.get("shape") or [width])[-1:]) for c in calls) or any(
        w["table"] == name and w["call"] in ("copy_", "data.__set__", "__setitem__") for w in facts.get("writes", [])
    )


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
        told = [s for s in rows if _speaks(table, s)]
        if any(number(s.get("structure") or 0) > 0.3 for s in rows):
            continue
        if any(s["right"] > 0.3 or _held_otherwise(s) > 0.3 for s in rows):
            continue
        if told and not _meant(view, table["table"]):
            continue
        if not told and any(m["same"] > 0.3 or number(m.get("structure") or 0) > 0.3 for m in matrices):
            continue  # a matrix was loaded, of which no file of vectors can say whether it holds any
        for source in rows:
            if _used_elsewhere(facts, table["table"], source["source"]):
                continue
            others = source.get("others", {})
            if (
                source["right"] < 0.05
                and source["zero"] < 0.8
                and _speaks(table, source)
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


def _speaks(table: dict[str, Any], source: dict[str, Any]) -> bool:
    """Whether a source has vectors for enough of a table's words to say what the table should hold."""
    return bool(source["known"] >= 0.3 * max(table.get("words", 0), 1))


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


def _held_otherwise(source: dict[str, Any]) -> float:
    """Share of the words that hold a vector of the source, but under another spelling."""
    return float(source.get("held_otherwise", 0) / max(source["known"] + source["unknown"], 1))


def _used_elsewhere(facts: dict[str, Any], name: str, source: str) -> bool:
    """Another table holds these vectors: this one may be meant to be learned beside it."""
    others = [t for t in facts.get("tables", []) if t["table"] != name]
    return any(s["source"] == source and s.get("right", 0) > 0.5 for t in others for s in t.get("sources", []))


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


def embedding_dtype_mismatch(view: View) -> Findings:
    """The table is float64 beside a float32 model."""
    message = (view.error or {}).get("message", "")
    kinds = view.watched.get("error_state", {}).get("dtypes", {})
    mixed = "torch.float64" in kinds and "torch.float32" in kinds
    words = ("dtype", "Double", "double", "Float")
    if view.error and mixed and any(w in message for w in words):
        name = kinds["torch.float64"][0]
        yield Finding(
            "embedding_dtype_mismatch",
            0.97,
            [
                seen(
                    "error",
                    None,
                    message=message[:200],
                    float64=kinds["torch.float64"],
                    float32=kinds["torch.float32"][:3],
                )
            ],
            "make the vectors float32 before they become a layer (matrix.astype(np.float32), or "
            "torch.tensor(matrix, dtype=torch.float32))",
            view.site_of_module(name.rsplit(".", 1)[0]) | {"module": name.rsplit(".", 1)[0]},
        )
    elif view.error and re.search(r"\bdouble\b", message, re.I) and re.search(r"\bfloat\b", message, re.I):
        yield Finding(
            "embedding_dtype_mismatch",
            0.85,
            [seen("error", None, message=message[:200])],
            "make the vectors float32 before they enter the model",
            _error_place(view),
        )


def _error_place(view: View) -> dict[str, Any]:
    places = [p for p in (view.error or {}).get("places", []) if p["users"]]
    return {"module": None, "file": places[-1]["file"], "line": places[-1]["line"]} if places else {}


def wrong_vectors_width(view: View) -> Findings:
    """The table is not as wide as the vectors: values belong to other words, or are missing."""
    for look in (_cut_or_across, _across_whatever_mapping, _held_narrower, _laid_out_otherwise, _width_in_error):
        if (finding := next(look(view), None)) is not None:
            yield finding
            return


def _wrong_width(confidence: float, evidence: dict[str, Any], remedy: str, place: dict[str, Any]) -> Finding:
    return Finding("wrong_vectors_width", confidence, [evidence], remedy, place)


def _cut_or_across(view: View) -> Findings:
    """Rows of a table that hold parts of their words' vectors, or of two."""
    for table in view.of("vectors").get("tables", []):
        for source in table.get("sources", []):
            if "table_width" not in source or source.get("known", 0) < 8:
                continue
            across = source.get("across", 0) > ACROSS
            fits = any(s.get("right", 0.0) > 0.3 for s in table["sources"])
            beside = source.get("beyond", 0) > 0.5  # other features stand beside the vectors
            if not across and (fits or beside or source["cut_share"] <= 0.5):
                continue
            how = "values run across the borders of words" if across else "vectors were cut or filled up"
            found = {"share_cut": source["cut_share"], "share_across": source["across"]}
            evidence = seen("vectors", {"width": source["width"]}, width=source["table_width"], **found)
            remedy = f"{how}: make the layer as wide as the vectors ({source['width']})"
            yield _wrong_width(0.95, evidence, remedy, table_place(view, table["table"]))


def _across_whatever_mapping(view: View) -> Findings:
    """Rows that begin amid a vector of the file, whatever words they are said to hold."""
    for table in view.of("vectors").get("tables", []):
        for file, found in table.get("across", {}).items():
            if found["share"] > ACROSS:
                of_table = {"width": table["width"], "rows_across_words": found["share"]}
                evidence = seen("vectors", {"width": found["width"]}, **of_table)
                remedy = f"values run across the borders of words: read {file} with {found['width']} values a word"
                yield _wrong_width(0.95, evidence, remedy, table_place(view, table["table"]))


def _held_narrower(view: View) -> Findings:
    """A mapping of words to vectors that are not as wide as the file's."""
    for held in view.of("vectors").get("dictionaries", []):
        if held["held_width"] != held["file_width"] and held["held_width"] > 1 and held["shared"] >= 8:
            evidence = seen("vectors", {"width": held["file_width"]}, width=held["held_width"], same=held["same"])
            remedy = f"read all {held['file_width']} values of a line"
            yield _wrong_width(0.9, evidence, remedy, file_place(view, held["file"]))


def _width_in_error(view: View) -> Findings:
    """An error about shapes that names the width of a file."""
    error = (view.error or {}).get("message", "")
    for width in {f["width"] for f in view.of("vectors").get("files", [])} - {t["width"] for t in view.tables}:
        if re.search(rf"\b{width}\b", error) and re.search("shape|size|broadcast|expand|match", error):
            evidence = seen("error", None, message=error[:200], width_of_vectors=width)
            yield _wrong_width(0.7, evidence, f"make the layer as wide as the vectors ({width})", _error_place(view))


def _laid_out_otherwise(view: View) -> Findings:
    """The table's values fit another width, or stand column by column, far better than as they are."""
    for row in view.of("layout").get("tables", []):
        parts = row.get("spread") or {}
        if number(parts.get("alike") or 0) > 0.15:
            yield Finding(
                "wrong_vectors_width",
                0.9,
                [seen("layout", {"rows_a_word": 1}, rows_a_word=parts["rows_a_word"], parts_agree=parts["alike"])],
                f"a word's vector lies over {parts['rows_a_word']} rows: "
                f"read {parts['rows_a_word'] * row['width']} values a word",
                table_place(view, row["table"]),
            )
            return
        own, width = max(number(row["own"]), 4.0), row["width"]
        turned, best = number(row["column_by_column"]), number(row["best"])
        if turned > max(15.0, 4 * own):
            how = "the values stand column by column: turn the matrix (values.reshape(width, words).T)"
        elif best > max(15.0, 2.5 * own) and row["best_width"] % width:
            how = f"the values repeat every {row['best_width']}, not every {width}: read them with that width"
        else:
            continue
        yield Finding(
            "wrong_vectors_width",
            0.93,
            [
                seen(
                    "layout",
                    {"own": "the largest"},
                    own=row["own"],
                    best=row["best"],
                    best_width=row["best_width"],
                    column_by_column=row["column_by_column"],
                )
            ],
            how,
            table_place(view, row["table"]),
        )
        return


CHECKS = [
    vocab_row_misaligned,
    pretrained_not_loaded,
    uninitialised_embedding_rows,
    embedding_dtype_mismatch,
    wrong_vectors_width,
]
