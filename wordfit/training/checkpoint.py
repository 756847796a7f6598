"""A trainer's state in one safetensors file: network, best network, optimisers, random state, place in the epoch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from wordfit.errors import InputError
from wordfit.files import write_whole

if TYPE_CHECKING:
    from wordfit.training.trainer import Trainer

EVERY = 30.0  # seconds between two checkpoints within an epoch


def save(path: Path, trainer: Trainer) -> None:
    """Write the state of a trainer, whole or not at all."""
    tensors = {f"network/{name}": value for name, value in trainer.network.state_dict().items()}
    tensors |= {f"best/{name}": value for name, value in trainer.best_state.items()}
    tensors["random"] = torch.get_rng_state()
    numbers: dict[str, Any] = {}
    for i, optimizer in enumerate(trainer.optimizers):
        for parameter, state in optimizer.state_dict()["state"].items():
            for name, value in state.items():
                key = f"optimizer/{i}/{parameter}/{name}"
                (tensors if isinstance(value, Tensor) else numbers)[key] = value
    place = {"epoch": trainer.epoch, "step": trainer.step, "total_loss": trainer.total_loss, "best": trainer.best}
    state = {**place, "rows": trainer.rows, "numbers": numbers, "settings": trainer.settings.to_config()}
    content = to_bytes({k: v.detach().contiguous().clone() for k, v in tensors.items()}, {"state": json.dumps(state)})
    with write_whole(path, "wb") as file:
        file.write(content)


def load(path: Path, trainer: Trainer) -> bool:
    """Put a saved state into a trainer that was made with the same settings; False where there is no checkpoint."""
    if not path.exists():
        return False
    try:
        with safe_open(path, "pt") as file:
            state = json.loads(file.metadata()["state"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: expected a checkpoint, found: {error}. Delete it to start anew.") from None
    if state["settings"] != json.loads(json.dumps(trainer.settings.to_config())):
        raise InputError(f"{path}: the checkpoint was made with other settings. Delete it to start anew.")
    try:
        trainer.network.load_state_dict(_below(tensors, "network/"))
    except RuntimeError:
        raise InputError(
            f"{path}: the checkpoint was made with other data or vectors. Delete it to start anew."
        ) from None
    trainer.best_state = _below(tensors, "best/")
    for i, optimizer in enumerate(trainer.optimizers):
        saved: dict[int, dict[str, Any]] = {}
        for key, value in {**_below(tensors, f"optimizer/{i}/"), **_below(state["numbers"], f"optimizer/{i}/")}.items():
            parameter, name = key.split("/")
            saved.setdefault(int(parameter), {})[name] = value
        optimizer.load_state_dict(optimizer.state_dict() | {"state": saved})
    for name in ("epoch", "step", "total_loss", "best", "rows"):
        setattr(trainer, name, state[name])
    torch.set_rng_state(tensors["random"])
    return True


def _below(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}
