"""`wordfit translate`: lines in, what a seq2seq run makes of them out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import typer

from wordfit.data.parallel import Parallel, encode_parallel
from wordfit.errors import InputError
from wordfit.files import open_bytes, write_whole
from wordfit.models.decoding import Beam
from wordfit.training.seq2seq import forced
from wordfit.training.seq2seq_model import TrainedSeq2Seq, Translation, load_seq2seq, written

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
CHUNK = 1000  # lines that are translated together


@app.command()
def translate(
    run: Path = typer.Argument(..., help="A run folder of `wordfit train --task seq2seq`."),
    file: str = typer.Argument("-", help="A text on every line; standard input when left out."),
    beam: int = typer.Option(1, min=1, help="Hypotheses side by side; 1 is greedy."),
    nbest: int = typer.Option(1, min=1, help="Answers for each line: LINE ||| ANSWER ||| SCORE, the best first."),
    penalty: float = typer.Option(1.0, help="Length penalty: 0 favours short answers."),
    no_repeat: int = typer.Option(0, min=0, help="No sequence of so many words twice in an answer."),
    copy_unknown: bool = typer.Option(False, help="For an unknown word, the source word most looked at."),
    attention: Path | None = typer.Option(None, help="Write where each word looked, a JSON line for each answer."),
    reference: Path | None = typer.Option(None, help="Right answers, line by line: says the metrics at the end."),
) -> None:
    """Translate lines with a trained seq2seq run, from a file or standard input to standard output."""
    if nbest > beam:
        raise InputError(f"--nbest {nbest} needs a beam at least as wide: --beam {nbest}")
    model = load_seq2seq(run)
    settings = Beam(beam, penalty, no_repeat)
    sources: list[str] = []
    best: list[Translation] = []
    with open_bytes(file) as lines:
        for chunk in _chunks(lines):
            answers = model.translate(chunk, settings, copy_unknown)
            for number, found in enumerate(answers, len(sources) + 1):
                for answer in found[:nbest]:
                    print(answer.text if nbest == 1 else f"{number} ||| {answer.text} ||| {answer.score:.4f}")
            sys.stdout.flush()
            if attention is not None or reference is not None:
                best += [found[0] for found in answers]
                sources += chunk
    if attention is not None:
        with write_whole(attention) as out:
            out.writelines(json.dumps(_looked(answer), ensure_ascii=False) + "\n" for answer in best)
    if reference is not None:
        _say_metrics(model, sources, [answer.text for answer in best], reference)


def _chunks(lines: BinaryIO) -> Iterator[list[str]]:
    r"""Lines end in \n alone, so that line i of the answers answers line i of the input."""
    try:
        while chunk := [line.rstrip(b"\r\n").decode("utf-8-sig") for line in islice(lines, CHUNK)]:
            yield chunk
    except UnicodeDecodeError as error:
        raise InputError(f"expected UTF-8, found: {error.reason} at byte {error.start} of a line") from None


def _looked(answer: Translation) -> dict[str, Any]:
    weights = [[round(value, 4) for value in row] for row in answer.attention.tolist()]
    return {"source": answer.source_words, "answer": answer.words, "attention": weights}


def _say_metrics(model: TrainedSeq2Seq, sources: list[str], said: list[str], reference: Path) -> None:
    with open_bytes(reference) as file:
        right = [line for chunk in _chunks(file) for line in chunk]
    if len(right) != len(sources):
        raise InputError(f"{reference} has {len(right):,} lines, the input has {len(sources):,}: expected as many")
    split = encode_parallel(Parallel(str(reference), sources, right), model.source_tokenizer, model.target_tokenizer)
    metrics = written(said, right, model.target_tokenizer) | forced(model.network, split)
    print(", ".join(f"{name} {value:.4f}" for name, value in metrics.items()), file=sys.stderr)
