"""Remedies in layers: how they are made, in which mode and precision they run."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.remedies.acting import acted, wrap_over


def quiet_evaluation(finding: dict[str, Any]) -> None:
    """Evaluation mode while gradients are off."""
    import torch

    def wrap(original: Any) -> Any:
        def call(self: Any, *a: Any, **k: Any) -> Any:
            if torch.is_grad_enabled() or not self.training:
                return original(self, *a, **k)
            acted()
            self.eval()
            try:
                return original(self, *a, **k)
            finally:
                self.train()

        return call

    wrap_over(torch.nn.Module, "__call__", wrap)


def unfreeze(finding: dict[str, Any]) -> None:
    """Tables made from vectors learn."""
    import torch

    original = torch.nn.Embedding.from_pretrained

    def from_pretrained(embeddings: Any, *a: Any, **k: Any) -> Any:
        made = original(embeddings, *a, **k)
        acted()
        made.weight.requires_grad_(True)
        return made

    torch.nn.Embedding.from_pretrained = staticmethod(from_pretrained)  # type: ignore[assignment, method-assign]


def no_max_norm(finding: dict[str, Any]) -> None:
    """Lookups without `max_norm`."""
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def embedding(input: Any, weight: Any, padding_idx: Any = None, max_norm: Any = None, *a: Any, **k: Any) -> Any:
            if max_norm is not None:
                acted()
            return original(input, weight, padding_idx, None, *a, **k)

        return embedding

    def wrap_bag(original: Any) -> Any:
        def embedding_bag(input: Any, weight: Any, offsets: Any = None, max_norm: Any = None, *a: Any, **k: Any) -> Any:
            if max_norm is not None:
                acted()
            return original(input, weight, offsets, None, *a, **k)

        return embedding_bag

    wrap_over(F, "embedding", wrap)
    wrap_over(F, "embedding_bag", wrap_bag)


def zero_padding_row(finding: dict[str, Any]) -> None:
    """The table's padding row is zero whenever the model that holds it is called."""
    from torch.nn.modules import module as modules

    model, _, path = (finding["where"].get("module") or "").partition(".")
    ids = [row["found"]["padding_id"] for row in finding["evidence"] if "padding_id" in row["found"]]

    def before(module: Any, a: Any) -> None:
        if type(module).__name__ == model and ids:
            row = module.get_submodule(path).weight.data[ids[0]]
            if bool(row.any()):
                acted()
                row.zero_()

    modules.register_module_forward_pre_hook(before)


def batch_first(finding: dict[str, Any]) -> None:
    """Recurrent and attention layers take rows first."""
    import torch

    def wrap(original: Any) -> Any:
        def __init__(self: Any, *a: Any, **k: Any) -> None:
            original(self, *a, **k)
            if getattr(self, "batch_first", True) is False:
                acted()
                self.batch_first = True

        return __init__

    for kind in (torch.nn.RNNBase, torch.nn.MultiheadAttention):
        wrap_over(kind, "__init__", wrap)


def dense(finding: dict[str, Any]) -> None:
    """Tables give dense gradients."""
    import torch

    def wrap(original: Any) -> Any:
        def __init__(self: Any, *a: Any, **k: Any) -> None:
            original(self, *a, **k)
            if self.sparse:
                acted()
            self.sparse = False

        return __init__

    for kind in (torch.nn.Embedding, torch.nn.EmbeddingBag):
        wrap_over(kind, "__init__", wrap)


def in_one_precision(finding: dict[str, Any]) -> None:
    """Weights, and numbers that modules are handed, in torch's usual precision."""
    import torch
    from torch.nn.modules import module as modules

    usual = torch.get_default_dtype()

    def usual_precision(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.is_floating_point() and value.dtype != usual:
            acted()
            return value.to(usual)
        return value

    def before(module: Any, a: Any) -> Any:
        for weight in module.parameters(recurse=False):
            weight.data = usual_precision(weight.data)
        for name, kept in list(module._buffers.items()):
            module._buffers[name] = usual_precision(kept)
        return tuple(usual_precision(value) for value in a)

    modules.register_module_forward_pre_hook(before)


def shuffled(finding: dict[str, Any]) -> None:
    """Loaders shuffle; where rows come in another way this changes nothing."""
    from torch.utils.data import DataLoader, IterableDataset

    def wrap(original: Any) -> Any:
        def __init__(self: Any, dataset: Any, batch_size: Any = 1, shuffle: Any = None, *a: Any, **k: Any) -> None:
            free = not a and not k.get("sampler") and not k.get("batch_sampler")
            if free and not shuffle and not isinstance(dataset, IterableDataset):
                acted()
                shuffle = True
            original(self, dataset, batch_size, shuffle, *a, **k)

        return __init__

    wrap_over(DataLoader, "__init__", wrap)
