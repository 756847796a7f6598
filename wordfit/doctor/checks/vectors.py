"""Vectors and vocabulary: does the table hold what the program believes, for the words it believes?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import ERROR, INFO, WARNING, Finding, Findings, View, number, seen


def _sources(view: View) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Tables beside the source that fits them best."""
    found = []
    for table in view.of("vectors").get("tables", []):
        rows = [s for s in table.get("sources", []) if s.get("known", 0) >= 8]
        if rows:
            best = max(rows, key=lambda s: (s.get("right", s.get("cut_share", 0)), s["known"]))
            found.append((table, best))
    return found


def _table_place(view: View, name: str) -> dict[str, Any]:
    for table in view.tables:
        if table["name"] == name:
            made = table.get("made")
            return {
                "module": table["module"],
                "file": made[0] if made else table.get("file"),
                "line": made[1] if made else table.get("line"),
            }
    return {"module": name}


def _file_place(view: View, name: str | None = None) -> dict[str, Any]:
    for file in view.of("vectors").get("files", []):
        if (name is None or file["name"] == name) and file.get("file"):
            return {"module": None, "file": file.get("file"), "line": file.get("line")}
    return {}


def header_line_as_vector(view: View) -> Findings:
    """The first line of a word2vec text file (how many, how wide) became a word or the width."""
    for file in view.of("vectors").get("files", []):
        if not file.get("header"):
            continue
        count = file["header"][0]
        dictionaries = [d for d in view.of("vectors").get("dictionaries", []) if d["file"] == file["name"]]
        word = [d for d in dictionaries if d["header_word"]]
        narrow = [d for d in dictionaries if d["held_width"] == 1 and file["width"] > 1]
        tables = [t for t in view.tables if t["width"] == 1]
        mapped = count in view.of("vectors").get("header_mapped", [])
        if word or narrow or tables or mapped:
            yield Finding(
                "header_line_as_vector",
                0.96,
                [
                    seen(
                        "vectors",
                        {"width": file["width"]},
                        header=file["header"],
                        held_as_word=bool(word),
                        widths=[d["held_width"] for d in narrow] + [t["width"] for t in tables],
                    )
                ],
                f"skip the first line of {file['name']} ('{' '.join(file['header'])}'): it says "
                "how many words and how wide, and is no vector",
                _file_place(view, file["name"]),
            )
            return
    text = (view.error or {}).get("message", "")
    if (
        view.error
        and any(f.get("header") for f in view.of("vectors").get("files", []))
        and any(w in text for w in ("shape", "size", "inhomogeneous", "expand", "match", "stack"))
    ):
        yield Finding(
            "header_line_as_vector",
            0.6,
            [seen("error", None, message=text[:200])],
            "skip the first line of the vector file",
            _file_place(view),
        )


def glove_token_with_spaces(view: View) -> Findings:
    """Words with spaces were cut at the first space, and overwrote or lost others."""
    for file in view.of("vectors").get("files", []):
        if not file.get("spaced_count"):
            continue
        for held in [d for d in view.of("vectors").get("dictionaries", []) if d["file"] == file["name"]]:
            if held["cut_only"] >= 2 or (held["cut_words"] and held["same"] < 0.999):
                yield Finding(
                    "glove_token_with_spaces",
                    0.93,
                    [
                        seen(
                            "vectors",
                            {"same_vectors": 1.0},
                            words_with_spaces=file["spaced_count"],
                            examples=file["spaced"][:5],
                            same_vectors=held["same"],
                        )
                    ],
                    f"take the last {file['width']} fields of a line as the vector and the rest, joined, as the word",
                    _file_place(view, file["name"]),
                )
                return
        for _table, source in _sources(view):
            if source["source"] == file["name"] and source.get("others", {}).get("pieces"):
                yield Finding(
                    "glove_token_with_spaces",
                    0.9,
                    [
                        seen(
                            "vectors",
                            {"right": 1.0},
                            rows_of_longer_words=source["others"]["pieces"],
                            examples=source["others"]["examples"],
                        )
                    ],
                    f"take the last {file['width']} fields of a line as the vector and the rest, joined, as the word",
                    _file_place(view, file["name"]),
                )
                return
        if view.error and (
            "could not convert string to float" in view.error["message"]
            or "inhomogeneous" in view.error["message"]
            or "invalid literal" in view.error["message"]
        ):
            yield Finding(
                "glove_token_with_spaces",
                0.9,
                [seen("error", None, message=view.error["message"][:200], words_with_spaces=file["spaced_count"])],
                f"take the last {file['width']} fields of a line as the vector and the rest, joined, as the word",
                _file_place(view, file["name"]),
            )
            return


def wrong_encoding(view: View) -> Findings:
    """The file was decoded wrongly: words with other letters than ASCII are held garbled or not at all."""
    for held in view.of("vectors").get("dictionaries", []):
        if (
            held["accents"] >= 5
            and held["garbled"] >= 0.3 * held["accents"]
            and held["accents_held"] < 0.5 * held["accents"]
        ):
            yield Finding(
                "wrong_encoding",
                0.95,
                [
                    seen(
                        "vectors",
                        {"accents_held": held["accents"]},
                        words=held["accents"],
                        held_right=held["accents_held"],
                        held_garbled=held["garbled"],
                    )
                ],
                f"open {held['file']} with encoding='utf-8'",
                _file_place(view, held["file"]),
            )
            return
    for _table, source in _sources(view):
        if source.get("decoded", 0) - source.get("coverage", 0) >= 0.02:
            yield Finding(
                "wrong_encoding",
                0.93,
                [
                    seen(
                        "vectors",
                        None,
                        coverage=source["coverage"],
                        coverage_decoded_rightly=source["decoded"],
                        missing=source["missing"],
                    )
                ],
                "open texts and vectors with the encoding they are written in (encoding='utf-8')",
                _file_place(view, source["source"]),
            )
            return
    if view.error and view.error["type"] == "UnicodeDecodeError":
        yield Finding(
            "wrong_encoding",
            0.8,
            [seen("error", None, message=view.error["message"][:200])],
            "open the file with the encoding it is written in",
            _file_place(view),
        )


def duplicate_key_overwrite(view: View) -> Findings:
    """A later, rarer spelling replaced the vector of a frequent word."""
    for held in view.of("vectors").get("dictionaries", []):
        if (
            held["several_spellings"] >= 3
            and held["overwritten"] >= 0.2 * held["several_spellings"]
            and held["overwritten"] >= 3
        ):
            yield Finding(
                "duplicate_key_overwrite",
                0.93,
                [
                    seen(
                        "vectors",
                        {"overwritten": 0},
                        overwritten=held["overwritten"],
                        of=held["several_spellings"],
                        examples=held["overwritten_examples"],
                    )
                ],
                "keep the first spelling (vectors.setdefault(word.lower(), vector)): files are sorted by frequency",
                _file_place(view, held["file"]),
            )
            return
    for _table, source in _sources(view):
        others = source.get("others", {})
        if (
            others.get("variants", 0) >= 3
            and others["variants"] >= 0.5 * max(others["wrong"], 1)
            and source.get("right", 0) + others["variants"] / source["known"] > 0.6
        ):
            yield Finding(
                "duplicate_key_overwrite",
                0.9,
                [
                    seen(
                        "vectors",
                        {"rows_of_other_spellings": 0},
                        rows_of_other_spellings=others["variants"],
                        examples=others["examples"],
                        token_share=others["variant_tokens"],
                    )
                ],
                "keep the first spelling (vectors.setdefault(word.lower(), vector)): files are sorted by frequency",
                _file_place(view, source["source"]),
            )
            return


def vocab_row_misaligned(view: View) -> Findings:
    """Rows hold vectors of the file, but of other words than those whose ids look them up."""
    for table, source in _sources(view):
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
                _table_place(view, table["table"]),
                ruled_out=["pretrained_not_loaded: the rows are vectors of the source"],
            )
            return


def train_test_vocab_mismatch(view: View) -> Findings:
    """Training and evaluation were encoded with different mappings."""
    facts = view.of("recoding")
    if (
        facts
        and facts.get("best")
        and facts["best"]["gain"] > 0.1 + 1 / max(view.of("data").get("dev", {}).get("rows", 1), 1) ** 0.5
    ):
        best = facts["best"]
        yield Finding(
            "train_test_vocab_mismatch",
            0.95,
            [
                seen(
                    "recoding",
                    {"gain": 0.0},
                    accuracy=best["before"],
                    recoded=best["after"],
                    mappings=[best["first"], best["second"]],
                    same_ids=best["same"],
                )
            ],
            f"encode every split with one mapping, built on the training texts ({best['first']})",
            {},
        )


def _loaded_elsewhere(view: View) -> list[dict[str, Any]]:
    return view.of("vectors").get("matrices", [])


def pretrained_not_loaded(view: View) -> Findings:
    """Vectors for the table's words are there, but the table started with something else."""
    facts = view.of("vectors")
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
                {"module": _table_place(view, table).get("module"), "file": last["file"], "line": last["line"]},
            )
            return
        dropped = [c for c in facts.get("pretrained_calls", []) if not c["in_model"]]
        place = (
            {"module": _table_place(view, table).get("module"), "file": dropped[0]["file"], "line": dropped[0]["line"]}
            if dropped
            else _table_place(view, table)
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
    for table in facts.get("tables", []):
        matrices = [m for m in facts.get("matrices", []) if m["table"] == table["table"]]
        rows = [s for s in table.get("sources", []) if s.get("known", 0) >= 8 and "right" in s]
        structure = max(
            [number(s.get("structure") or 0) for s in rows] + [number(m.get("structure") or 0) for m in matrices],
            default=0.0,
        )
        if structure > 0.3 or any(s["right"] > 0.3 for s in rows) or any(m["same"] > 0.3 for m in matrices):
            continue
        for source in rows:
            others = source.get("others", {})
            enough = source["known"] >= 0.3 * max(table.get("words", 0), 1)
            if (
                source["right"] < 0.05
                and source["zero"] < 0.8
                and enough
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
                if matrix["same"] < 0.05 and _is_vectors(view, matrix):
                    yield (
                        table["table"],
                        seen("vectors", {"same": 1.0}, same=matrix["same"], matrix=matrix["matrix"]),
                        False,
                    )
                    break


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
                _table_place(view, table["name"]),
            )
            return


def oov_scale_mismatch(view: View) -> Findings:
    """Rows of words without a vector are drawn at another scale than the vectors."""
    for table, source in _sources(view):
        scale = source.get("unknown_scale")
        if not scale or source.get("right", 0) < 0.5 or not scale.get("drawn"):
            continue
        ratio = number(scale["ratio"])
        if (ratio > 3 or ratio < 0.1) and scale.get("token_share", 0) > 0.01 and scale["drawn"] >= 3:
            yield Finding(
                "oov_scale_mismatch",
                0.9 if ratio > 3 else 0.6,
                [
                    seen(
                        "vectors",
                        {"ratio": "0.3 to 3"},
                        ratio=ratio,
                        rows=scale["drawn"],
                        token_share=scale["token_share"],
                    )
                ],
                "draw unknown rows with the mean and standard deviation of the vectors "
                "(torch.randn(D) * vectors.std() + vectors.mean())",
                _table_place(view, table["table"]),
                severity=ERROR if ratio > 3 else WARNING,
            )
            return


def case_and_token_mismatch(view: View) -> Findings:
    """Words are missing from the vectors only because of letter case, or of how texts were cut."""
    told = view.of("vectors").get("unknown") or {}
    if told.get("share", 0) > 0.12 and "coverage" in told:
        known = 1 - told["share"]
        case = max(told["coverage"], told["lower"]) - known
        marks = max(told["stripped"], told["pieces"], told["both"], told.get("joined", 0.0)) - known
        if told.get("decoded", 0) - told["coverage"] > 0.05:
            case = marks = 0.0
        if max(case, marks) >= 0.1:
            name = "case_mismatch_oov" if case >= marks - 0.03 else "tokenizer_mismatch_oov"
            yield Finding(
                name,
                0.93,
                [
                    seen(
                        "vectors",
                        {"unknown": "a few per cent"},
                        unknown=told["share"],
                        with_vector_as_written=told["coverage"],
                        with_case_folded=told["lower"],
                        with_marks_split=max(told["stripped"], told["pieces"]),
                        missing=told["missing"],
                    )
                ],
                "write the texts' words as the vectors write them (lower only where the vectors are lower-cased)"
                if name.startswith("case")
                else "cut texts as the vector set was cut (marks, clitics and numbers as words of their own)",
                _file_place(view, told.get("source")),
            )
            return
    for table, source in _sources(view) or _any_source(view):
        plain, lower = source.get("coverage", 1.0), source.get("lower", 1.0)
        marks = max(source.get("stripped", 0.0), source.get("pieces", 0.0))
        both = source.get("both", 0.0)
        gain_case, gain_marks = lower - plain, marks - plain
        if both - plain < 0.1 and max(gain_case, gain_marks) < 0.1:
            continue
        if source.get("decoded", 0) - plain >= 0.5 * max(both - plain, 1e-9):
            continue
        name = "case_mismatch_oov" if gain_case >= gain_marks else "tokenizer_mismatch_oov"
        evidence = [
            seen(
                "vectors",
                None,
                tokens_with_vector=plain,
                with_case_folded=lower,
                with_marks_split=marks,
                missing=source["missing"],
            )
        ]
        remedy = (
            "lower the texts before looking words up, as the vectors are lower-cased"
            if name == "case_mismatch_oov"
            else "cut texts as the vector set was cut (marks, clitics and numbers as words of their own)"
        )
        yield Finding(
            name, 0.93, evidence, remedy, _file_place(view, source["source"]) or _table_place(view, table["table"])
        )
        return


def _any_source(view: View) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = []
    for table in view.of("vectors").get("tables", []):
        rows = [s for s in table.get("sources", []) if s.get("known", 0) + s.get("unknown", 0) >= 20]
        if rows:
            found.append((table, max(rows, key=lambda s: s["known"])))
    return found


def quoting_merges_lines(view: View) -> Findings:
    """Quotation marks made the reader join lines: the program holds fewer, longer rows than the file."""
    for file in view.of("lines").get("files", []):
        if file.get("merged") and file["rows_held_like_merged"]:
            yield Finding(
                "quoting_merges_lines",
                0.95,
                [
                    seen(
                        "lines",
                        {"rows": file["lines"]},
                        rows=file["rows_merged"],
                        lines=file["lines"],
                        longest=file["longest_merged"],
                    )
                ],
                "read it with quoting=csv.QUOTE_NONE (pandas: quoting=3): quotation marks are text there",
                {"module": None, "file": file["file"], "line": file["line"]},
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
    elif view.error and ("Double" in message and "Float" in message):
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
    for table in view.of("vectors").get("tables", []):
        for source in table.get("sources", []):
            if "table_width" not in source or source.get("known", 0) < 8:
                continue
            fits = [s for s in table["sources"] if "right" in s and s["right"] > 0.3]
            if fits and not source.get("across", 0) > 0.5:
                continue
            if source.get("across", 0) > 0.5 or source["cut_share"] > 0.5:
                how = (
                    "values run across the borders of words"
                    if source["across"] > 0.5
                    else "vectors were cut or filled up"
                )
                yield Finding(
                    "wrong_vectors_width",
                    0.95,
                    [
                        seen(
                            "vectors",
                            {"width": source["width"]},
                            width=source["table_width"],
                            share_cut=source["cut_share"],
                            share_across=source["across"],
                        )
                    ],
                    f"{how}: make the layer as wide as the vectors ({source['width']})",
                    _table_place(view, table["table"]),
                )
                return
    for held in view.of("vectors").get("dictionaries", []):
        if held["held_width"] != held["file_width"] and held["held_width"] > 1 and held["shared"] >= 8:
            yield Finding(
                "wrong_vectors_width",
                0.9,
                [seen("vectors", {"width": held["file_width"]}, width=held["held_width"], same=held["same"])],
                f"read all {held['file_width']} values of a line",
                _file_place(view, held["file"]),
            )
            return


del INFO
CHECKS = [
    header_line_as_vector,
    glove_token_with_spaces,
    wrong_encoding,
    duplicate_key_overwrite,
    vocab_row_misaligned,
    train_test_vocab_mismatch,
    pretrained_not_loaded,
    uninitialised_embedding_rows,
    oov_scale_mismatch,
    case_and_token_mismatch,
    quoting_merges_lines,
    embedding_dtype_mismatch,
    wrong_vectors_width,
]
