"""Remedies that can be applied from outside: a change of what torch is handed, one small function for each cause.

They are put over the recorder's hooks before the program runs again, in a process of its own, and are never undone.
Each says through `acted` that it changed something: a remedy that the program never passes through speaks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_TIMES = {"acted": 0}


def acted() -> None:
    """A remedy changed what torch is handed."""
    _TIMES["acted"] += 1


def times_acted() -> int:
    """How often a remedy changed something in this process."""
    return _TIMES["acted"]


def _change(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    setattr(owner, name, wrap(getattr(owner, name)))


def _input(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Hand another input to a loss."""

    def remedy(finding: dict[str, Any]) -> None:
        import torch.nn.functional as F

        def wrap(original: Any) -> Any:
            def loss(input: Any, *a: Any, **k: Any) -> Any:
                changed = change(input)
                if changed is not input:
                    acted()
                return original(changed, *a, **k)

            return loss

        _change(F, name, wrap)

    return remedy


def _each_optimizer(act: Callable[[Any], None]) -> Callable[[dict[str, Any]], None]:
    """Do something with every optimiser when it is made."""

    def remedy(finding: dict[str, Any]) -> None:
        import torch

        def wrap(original: Any) -> Any:
            def __init__(self: Any, *a: Any, **k: Any) -> None:
                original(self, *a, **k)
                act(self)

            return __init__

        _change(torch.optim.Optimizer, "__init__", wrap)

    return remedy


def _scale_rate(factor: float) -> Callable[[Any], None]:
    def act(optimizer: Any) -> None:
        acted()
        for group in optimizer.param_groups:
            group["lr"] = group["lr"] * factor

    return act


def _no_decay(optimizer: Any) -> None:
    for group in optimizer.param_groups:
        if group.get("weight_decay"):
            acted()
            group["weight_decay"] = 0.0


def _clear_after_step(finding: dict[str, Any]) -> None:
    from torch.optim.optimizer import register_optimizer_step_post_hook

    def after(optimizer: Any, a: Any, k: Any) -> None:
        acted()
        optimizer.zero_grad()

    register_optimizer_step_post_hook(after)


def _clip(finding: dict[str, Any]) -> None:
    import torch
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    def before(optimizer: Any, a: Any, k: Any) -> None:
        acted()
        torch.nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], 1.0)

    register_optimizer_step_pre_hook(before)


def _hold_the_rest(finding: dict[str, Any]) -> None:
    """Give weights that get gradients, but that no optimiser holds, to the first one that steps."""
    import torch
    from torch.nn.modules import module as modules
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    called: dict[int, torch.nn.Module] = {}
    given: set[int] = set()  # two optimisers may each hold a part of the rest

    def called_now(module: Any, a: Any) -> None:
        called.setdefault(id(module), module)

    modules.register_module_forward_pre_hook(called_now)

    def before(optimizer: Any, a: Any, k: Any) -> None:
        held = {id(p) for g in optimizer.param_groups for p in g["params"]} | given
        rest = {
            id(p): p
            for m in called.values()
            for p in m.parameters(recurse=False)
            if p.requires_grad and p.grad is not None and id(p) not in held
        }
        if rest:
            acted()
            given.update(rest)
            optimizer.add_param_group({"params": list(rest.values())})

    register_optimizer_step_pre_hook(before)


def _quiet_evaluation(finding: dict[str, Any]) -> None:
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

    _change(torch.nn.Module, "__call__", wrap)


def _unfreeze(finding: dict[str, Any]) -> None:
    import torch

    original = torch.nn.Embedding.from_pretrained

    def from_pretrained(embeddings: Any, *a: Any, **k: Any) -> Any:
        made = original(embeddings, *a, **k)
        acted()
        made.weight.requires_grad_(True)
        return made

    torch.nn.Embedding.from_pretrained = staticmethod(from_pretrained)  # type: ignore[assignment, method-assign]


def _no_max_norm(finding: dict[str, Any]) -> None:
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

    _change(F, "embedding", wrap)
    _change(F, "embedding_bag", wrap_bag)


def _batch_first(finding: dict[str, Any]) -> None:
    import torch

    def wrap(original: Any) -> Any:
        def __init__(self: Any, *a: Any, **k: Any) -> None:
            original(self, *a, **k)
            if getattr(self, "batch_first", True) is False:
                acted()
                self.batch_first = True

        return __init__

    for kind in (torch.nn.RNNBase, torch.nn.MultiheadAttention):
        _change(kind, "__init__", wrap)


def _against_sign(finding: dict[str, Any]) -> None:
    import torch

    def wrap(original: Any) -> Any:
        def backward(tensors: Any, *a: Any, **k: Any) -> Any:
            if isinstance(tensors, torch.Tensor):
                acted()
                tensors = -tensors
            return original(tensors, *a, **k)

        return backward

    _change(torch.autograd, "backward", wrap)


def _all_classes(finding: dict[str, Any]) -> None:
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def loss(*a: Any, **k: Any) -> Any:
            if k.get("ignore_index", -100) != -100:
                acted()
            return original(*a, **{**k, "ignore_index": -100})

        return loss

    for name in ("cross_entropy", "nll_loss"):
        _change(F, name, wrap)


def _same_shape(finding: dict[str, Any]) -> None:
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def loss(input: Any, target: Any, *a: Any, **k: Any) -> Any:
            if input.numel() == target.numel() and input.shape != target.shape:
                acted()
                input = input.reshape(target.shape)
            return original(input, target, *a, **k)

        return loss

    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy_with_logits"):
        _change(F, name, wrap)


def _weigh_classes(finding: dict[str, Any]) -> None:
    """Weights by inverse frequency, counted as the batches come."""
    import torch
    import torch.nn.functional as F

    counts: dict[int, int] = {}

    def wrap(original: Any) -> Any:
        def cross_entropy(input: Any, target: Any, weight: Any = None, *a: Any, **k: Any) -> Any:
            if weight is None and target.dtype == torch.int64:
                acted()
                values, numbers = target.unique(return_counts=True)
                for v, n in zip(values.tolist(), numbers.tolist()):
                    counts[v] = counts.get(v, 0) + n
                total = sum(counts.values())
                weight = torch.tensor(
                    [total / max(counts.get(c, 1), 1) for c in range(input.shape[1])], dtype=input.dtype
                )
                weight = weight / weight.mean()
            return original(input, target, weight, *a, **k)

        return cross_entropy

    def wrap_binary(original: Any) -> Any:
        def loss(
            input: Any,
            target: Any,
            weight: Any = None,
            size_average: Any = None,
            reduce: Any = None,
            reduction: str = "mean",
            pos_weight: Any = None,
        ) -> Any:
            counts[1] = counts.get(1, 0) + int(target.sum())
            counts[0] = counts.get(0, 0) + int(target.numel() - target.sum())
            if pos_weight is None:
                acted()
                pos_weight = torch.tensor(counts[0] / max(counts[1], 1), dtype=input.dtype)
            return original(input, target, weight=weight, reduction=reduction, pos_weight=pos_weight)

        return loss

    _change(F, "cross_entropy", wrap)
    _change(F, "binary_cross_entropy_with_logits", wrap_binary)


def _targets_in_range(finding: dict[str, Any]) -> None:
    import torch.nn.functional as F

    seen = [0.0, 1.0]

    def wrap(original: Any) -> Any:
        def loss(input: Any, target: Any, *a: Any, **k: Any) -> Any:
            seen[0], seen[1] = min(seen[0], float(target.min())), max(seen[1], float(target.max()))
            if seen != [0.0, 1.0]:
                acted()
            return original(input, (target - seen[0]) / (seen[1] - seen[0]), *a, **k)

        return loss

    for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        _change(F, name, wrap)


def _hold_tables(finding: dict[str, Any]) -> None:
    """No gradient for the tables that ids are looked up in."""
    import torch.nn.functional as F
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    tables: dict[int, Any] = {}

    def wrap(original: Any) -> Any:
        def embedding(input: Any, weight: Any, *a: Any, **k: Any) -> Any:
            tables.setdefault(id(weight), weight)
            return original(input, weight, *a, **k)

        return embedding

    def before(optimizer: Any, a: Any, k: Any) -> None:
        for table in tables.values():
            if table.grad is not None:
                acted()
            table.grad = None

    _change(F, "embedding", wrap)
    _change(F, "embedding_bag", wrap)
    register_optimizer_step_pre_hook(before)


def _rows_of_the_step(finding: dict[str, Any]) -> None:
    """Rows of a table that got no gradient stay where they were."""
    from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    still: list[tuple[Any, Any, Any]] = []

    def before(optimizer: Any, a: Any, k: Any) -> None:
        still.clear()
        for weight in [p for g in optimizer.param_groups for p in g["params"]]:
            if weight.dim() == 2 and weight.grad is not None and not weight.grad.is_sparse:
                rows = (weight.grad == 0).all(dim=1)
                if bool(rows.any()):
                    acted()
                    still.append((weight, rows, weight.detach()[rows].clone()))

    def after(optimizer: Any, a: Any, k: Any) -> None:
        for weight, rows, values in still:
            weight.data[rows] = values

    register_optimizer_step_pre_hook(before)
    register_optimizer_step_post_hook(after)


def _fresh_start(scale: bool) -> Callable[[Any], None]:
    """Weights drawn anew before training: those far too large (`scale`), or those whose rows are all the same."""

    def act(optimizer: Any) -> None:
        import torch

        for weight in [p for g in optimizer.param_groups for p in g["params"] if p.dim() >= 2]:
            width = weight[0].numel()
            large = float(weight.detach().std()) > 3 * max(width**-0.5, 0.1)
            alike = len(weight) > 1 and bool((weight.detach() == weight.detach()[:1]).all())
            if large if scale else alike:
                acted()
                with torch.no_grad():
                    weight.copy_(torch.randn_like(weight) * width**-0.5)

    return act


HIDDEN = -1e3
"""Scores at most this large are hidden from a softmax."""


def _turn_masks(finding: dict[str, Any]) -> None:
    """The padding mask the other way round: where attention is handed one, and where scores are filled by one."""
    import torch
    import torch.nn.functional as F

    def turned(mask: Any) -> Any:
        if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool:
            return mask
        acted()
        return ~mask

    def wrap(original: Any) -> Any:
        def attend(*a: Any, **k: Any) -> Any:
            return original(*a, **{**k, "key_padding_mask": turned(k.get("key_padding_mask"))})

        return attend

    def wrap_scaled(original: Any) -> Any:
        def attend(query: Any, key: Any, value: Any, attn_mask: Any = None, *a: Any, **k: Any) -> Any:
            return original(query, key, value, turned(attn_mask), *a, **k)

        return attend

    inside: list[int] = []  # a call on tape comes by a second time

    def wrap_fill(original: Any) -> Any:
        def fill(self: Any, mask: Any, value: Any) -> Any:
            hides = isinstance(value, (int, float)) and value <= HIDDEN and not inside
            inside.append(1)
            try:
                return original(self, turned(mask) if hides else mask, value)
            finally:
                inside.pop()

        return fill

    torch.backends.mha.set_fastpath_enabled(False)
    _change(F, "multi_head_attention_forward", wrap)
    _change(F, "scaled_dot_product_attention", wrap_scaled)
    for name in ("masked_fill", "masked_fill_"):
        _change(torch.Tensor, name, wrap_fill)


def _causal(finding: dict[str, Any]) -> None:
    """Attention of a sequence to itself looks back only."""
    import torch
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def attend(query: Any, key: Any, *a: Any, **k: Any) -> Any:
            if k.get("attn_mask") is None and query is key:
                acted()
                length = query.shape[0]
                k["attn_mask"] = torch.ones(length, length, dtype=torch.bool, device=query.device).triu(1)
            return original(query, key, *a, **k)

        return attend

    def wrap_scaled(original: Any) -> Any:
        def attend(query: Any, key: Any, value: Any, attn_mask: Any = None, *a: Any, **k: Any) -> Any:
            if attn_mask is None and query.shape[-2] == key.shape[-2] and not a and not k.get("is_causal"):
                acted()
                k["is_causal"] = True
            return original(query, key, value, attn_mask, *a, **k)

        return attend

    def wrap_softmax(original: Any) -> Any:
        def softmax(input: Any, dim: Any = None, *a: Any, **k: Any) -> Any:
            square = input.dim() >= 3 and input.shape[-1] == input.shape[-2] > 1 and dim in (-1, input.dim() - 1)
            if square and bool((input[..., 0, -1] > HIDDEN).any()):  # the first word sees the last
                acted()
                later = torch.ones(input.shape[-2:], dtype=torch.bool, device=input.device).triu(1)
                input = input.masked_fill(later, float("-inf"))
            return original(input, dim, *a, **k)

        return softmax

    torch.backends.mha.set_fastpath_enabled(False)
    _change(F, "multi_head_attention_forward", wrap)
    _change(F, "scaled_dot_product_attention", wrap_scaled)
    for owner in (F, torch, torch.Tensor):
        _change(owner, "softmax", wrap_softmax)


def _shuffled(finding: dict[str, Any]) -> None:
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

    _change(DataLoader, "__init__", wrap)


def _dense(finding: dict[str, Any]) -> None:
    import torch

    def wrap(original: Any) -> Any:
        def __init__(self: Any, *a: Any, **k: Any) -> None:
            original(self, *a, **k)
            if self.sparse:
                acted()
            self.sparse = False

        return __init__

    for kind in (torch.nn.Embedding, torch.nn.EmbeddingBag):
        _change(kind, "__init__", wrap)


def _in_one_precision(finding: dict[str, Any]) -> None:
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


def _without_empty_batches(finding: dict[str, Any]) -> None:
    """A batch whose targets are all ignored costs nothing."""
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def loss(input: Any, target: Any, *a: Any, **k: Any) -> Any:
            if not target.is_floating_point() and bool((target == k.get("ignore_index", -100)).all()):
                acted()
                return input.sum() * 0.0
            return original(input, target, *a, **k)

        return loss

    for name in ("cross_entropy", "nll_loss"):
        _change(F, name, wrap)


REMEDIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "double_softmax": _input("cross_entropy", lambda x: x.clamp(min=1e-12).log() if bool((x >= 0).all()) else x),
    "double_sigmoid": _input("binary_cross_entropy_with_logits", lambda x: x.clamp(1e-6, 1 - 1e-6).logit()),
    "nll_loss_on_probabilities": _input("nll_loss", lambda x: x.clamp(min=1e-12).log() if bool((x >= 0).all()) else x),
    "kl_div_not_log_prob": _input(
        "kl_div", lambda x: x.clamp(min=1e-12).log() if bool((x >= 0).all()) else x.log_softmax(-1)
    ),
    "ctc_raw_logits": _input("ctc_loss", lambda x: x.log_softmax(-1)),
    "bce_target_out_of_range": _targets_in_range,
    "flipped_loss_sign": _against_sign,
    "loss_shape_broadcast": _same_shape,
    "ignore_index_drops_class": _all_classes,
    "class_imbalance": _weigh_classes,
    "lr_too_high": _each_optimizer(_scale_rate(0.1)),
    "lr_too_low": _each_optimizer(_scale_rate(30.0)),
    "weight_decay_unseen_rows": _each_optimizer(_no_decay),
    "zero_grad_missing": _clear_after_step,
    "exploding_gradient": _clip,
    "params_missing_from_optimizer": _hold_the_rest,
    "eval_mode_missing": _quiet_evaluation,
    "frozen_by_default": _unfreeze,
    "finetune_overfit_small_data": _hold_tables,
    "catastrophic_forgetting": _hold_tables,
    "freeze_flag_ineffective": _hold_tables,
    "adam_momentum_stale_rows": _rows_of_the_step,
    "optimizer_holds_stale_params": _hold_the_rest,
    "init_scale_too_large": _each_optimizer(_fresh_start(scale=True)),
    "symmetric_init": _each_optimizer(_fresh_start(scale=False)),
    "attention_mask_inverted": _turn_masks,
    "missing_causal_mask": _causal,
    "unshuffled_training_data": _shuffled,
    "sparse_grad_unsupported_optimizer": _dense,
    "embedding_dtype_mismatch": _in_one_precision,
    "all_targets_ignored": _without_empty_batches,
    "max_norm_inplace_renorm": _no_max_norm,
    "batch_first_mismatch": _batch_first,
}
