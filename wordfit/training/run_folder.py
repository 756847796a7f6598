"""A run on disk: safetensors and JSON only, in a folder that appears whole or not at all.

`config.json` says how to build the model again, `model.safetensors` holds its state, `tokenizer.json` its words,
`record.json` what happened, `predictions.tsv` the answers for dev, `README.md` a page for people.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes

from wordfit import __version__
from wordfit.data import Task, Tokenizer
from wordfit.data.answers import named
from wordfit.errors import InputError
from wordfit.files import write_folder_whole
from wordfit.record import Record, plain

if TYPE_CHECKING:
    from wordfit.data import Dataset
    from wordfit.training.model import TrainedModel

FORMAT = "wordfit-run-1"


def save(
    model: TrainedModel,
    folder: str | os.PathLike[str],
    dev: Dataset | None = None,
    report: Callable[[Record, Path], None] | None = None,
) -> None:
    """Write a run folder; `report` draws the page from the record, since drawing is not this room's."""
    config = {
        "format": FORMAT,
        "version": __version__,
        "task": model.task.to_config(),
        "settings": model.settings.to_config(),
        "network": model.config,
        "tokenizer": model.tokenizer.to_config(),
    }
    state = {name: value.detach().cpu().numpy() for name, value in model.network.state_dict().items()}
    with write_folder_whole(folder) as part:
        (part / "config.json").write_text(json.dumps(plain(config), indent=1, ensure_ascii=False) + "\n", "utf-8")
        (part / "model.safetensors").write_bytes(to_bytes({k: np.ascontiguousarray(v) for k, v in state.items()}))
        (part / "tokenizer.json").write_text(model.tokenizer.to_json(), "utf-8")
        model.record.save(part / "record.json")
        (part / "README.md").write_text(card(model), "utf-8")
        if dev is not None:
            (part / "predictions.tsv").write_text(_predictions(model, dev), "utf-8")
        if report is not None:
            report(model.record, part / "report.html")


class RunFolder:
    """A run folder, read: its configuration, state as NumPy arrays, task and tokenizer; torch is not needed."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.path = Path(folder)
        self.config = self._config()
        self.task = Task.from_config(self.config["task"])
        self.state = self._state()
        try:
            text = (self.path / "tokenizer.json").read_text("utf-8")
            self.tokenizer = Tokenizer.from_json(text, self.config["tokenizer"])
        except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise self._damaged("tokenizer.json", error) from None
        if len(self.tokenizer.words) != len(self.state["embedding.weight"]):
            raise self._damaged("tokenizer.json", "its words do not fit the table of vectors")

    def _config(self) -> dict[str, Any]:
        file = self.path / "config.json"
        if not self.path.is_dir() or not file.is_file():
            raise InputError(f"{self.path}: expected a run folder of `wordfit train`, found no config.json in it")
        try:
            config = json.loads(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise self._damaged("config.json", error) from None
        if not isinstance(config, dict) or config.get("format") != FORMAT:
            found = config.get("format", "another program's") if isinstance(config, dict) else "no object"
            raise InputError(f"{file}: expected the configuration of a run ('{FORMAT}'), found {found}")
        missing = [name for name in ("task", "settings", "network", "tokenizer") if name not in config]
        if missing:
            raise self._damaged("config.json", f"no '{missing[0]}' in it")
        return config

    def _state(self) -> dict[str, np.ndarray]:
        try:
            state = load_file(self.path / "model.safetensors")
        except (OSError, SafetensorError) as error:
            raise self._damaged("model.safetensors", error) from None
        if "embedding.weight" not in state:
            raise self._damaged("model.safetensors", "no table of vectors in it")
        return state

    def _damaged(self, name: str, why: object) -> InputError:
        return InputError(f"{self.path / name}: this run folder is damaged ({why}). Train again, or restore the file.")

    def record(self) -> Record:
        """What happened in the run."""
        return Record.load(self.path / "record.json")

    def model(self) -> TrainedModel:
        """The trained model, in torch."""
        import torch

        from wordfit.embedding import WordEmbedding
        from wordfit.models import build_network
        from wordfit.training.model import TrainedModel
        from wordfit.training.settings import Settings

        settings = Settings.from_config(self.config["settings"])
        embedding = WordEmbedding(self.state["embedding.weight"], settings.tuning)
        network = build_network(self.config["network"], embedding)
        try:
            network.load_state_dict({name: torch.from_numpy(value) for name, value in self.state.items()})
        except RuntimeError as error:
            raise self._damaged("model.safetensors", str(error).splitlines()[0]) from None
        return TrainedModel(self.task, settings, self.tokenizer, network.eval(), self.config["network"], self.record())


def _predictions(model: TrainedModel, dev: Dataset) -> str:
    answers = named(model.task, model.scores(dev.texts))
    lines = ["line\ttarget\tprediction"]
    for line, target, answer in zip(dev.lines, dev.targets, answers):
        lines.append(f"{line}\t{_cell(target)}\t{_cell(answer)}")
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else f"{value:.6g}" if isinstance(value, float) else str(value)


def card(model: TrainedModel) -> str:
    """The run folder's README: what the model does, its scores, how to use it and how it was made."""
    record, task = model.record, model.task
    answers = f"a score from {task.low:g} to {task.high:g}" if task.kind == "score" else ", ".join(task.labels[:20])
    evaluation = record.evaluation
    scores = "\n".join(f"| {name} | {value:.4f} |" for name, value in evaluation.get("metrics", {}).items())
    vectors = ", ".join(Path(v["file"]).name or "from memory" for v in record.settings.get("vectors", []))
    what = "pairs of texts" if task.pair else "texts"
    return f"""# A model of word vectors for {what}

Answers: {answers}. Encoder {model.settings.encoder}, head {model.settings.head}, vectors {vectors or "from memory"}.

| {evaluation.get("split", "dev")}, {evaluation.get("rows", 0)} rows | |
|---|---|
{scores}

Use it: `wordfit predict FOLDER FILE`. What happened in training stands in `record.json` and `report.html`.
Made with wordfit {__version__}, seed {model.settings.seed}.
"""
