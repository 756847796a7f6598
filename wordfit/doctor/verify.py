"""Run the program again with the remedy applied from outside, and see whether it was the cause.

A remedy is a change of what torch is handed, made over the recorder's hooks, in a process of its own. A finding is
borne out when the second run no longer shows the cause and scores no worse; otherwise it is withdrawn and says so.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wordfit.record import Record


def verify_findings(
    found: dict[str, Any], record: Record, program: str, arguments: list[str], module: bool
) -> dict[str, Any]:
    """Try the remedies of the first findings; those that the second run does not bear out lose their severity."""
    for finding in found["findings"][:3]:
        if finding["severity"] != "error":
            continue
        if finding["cause"] not in REMEDIES:
            finding["remedy"]["not_verified"] = "this remedy cannot be applied from outside the program"
            continue
        before = scores(record)
        after = again(finding, program, arguments, module)
        finding["remedy"]["verified"] = {"before": before, "after": after}
        if not borne_out(finding["cause"], before, after):
            finding["severity"] = "info"
            finding["withdrawn"] = "the run with the remedy does not bear it out"
        else:
            break
    found["healthy"] = not any(f["severity"] == "error" for f in found["findings"])
    return found


def scores(record: Record) -> dict[str, Any]:
    """What is compared: the loss's course, the score in the evaluation, the causes found."""
    curve = record.watched.get("curve") or {}
    dev = (record.experiments.get("data") or {}).get("dev") or {}
    findings = record.diagnosis.get("findings") if record.diagnosis else None
    means = curve.get("means") or [None]
    return {
        "first_loss": curve.get("first"),
        "last_loss": means[-1],
        "dev_accuracy": dev.get("accuracy"),
        "dev_balanced": dev.get("balanced"),
        "raised": (record.program.get("error") or {}).get("type"),
        "causes": [f["cause"] for f in findings or []],
    }


def borne_out(cause: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """The cause is gone, and the score in the evaluation has not fallen."""
    if after.get("raised") and not before.get("raised"):
        return False
    if cause in after.get("causes", []) and cause not in ("lr_too_high", "lr_too_low"):
        return False
    key = "dev_balanced" if cause == "class_imbalance" else "dev_accuracy"
    old, new = before.get(key), after.get(key)
    if isinstance(old, float) and isinstance(new, float):
        return new >= old - 0.03
    if cause.startswith("lr_") and isinstance(before["last_loss"], float):
        return isinstance(after["last_loss"], float) and after["last_loss"] < before["last_loss"]
    return True


def again(finding: dict[str, Any], program: str, arguments: list[str], module: bool) -> dict[str, Any]:
    """The program once more, in a process of its own, with the remedy."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.json"
        order = {
            "cause": finding["cause"],
            "finding": finding,
            "program": program,
            "arguments": arguments,
            "module": module,
            "out": str(out),
        }
        subprocess.run(
            [sys.executable, "-m", "wordfit.doctor.verify", json.dumps(order)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if not out.exists():
            return {"raised": "the second run ended early", "causes": []}
        return json.loads(out.read_text(encoding="utf-8"))


def _main(order: dict[str, Any]) -> None:
    from wordfit.doctor.diagnose import diagnosis
    from wordfit.doctor.examine import examine
    from wordfit.doctor.run import run_watched
    from wordfit.doctor.watch import Recorder
    from wordfit.record import plain

    recorder = Recorder()
    prepare = REMEDIES[order["cause"]]
    ran = run_watched(
        order["program"], order["arguments"], recorder, order["module"], prepare=lambda: prepare(order["finding"])
    )
    record = examine(recorder, ran, Path(order["program"]).name, 30.0)
    record.diagnosis = plain(diagnosis(record))
    Path(order["out"]).write_text(json.dumps(plain(scores(record))), encoding="utf-8")


def _change(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    setattr(owner, name, wrap(getattr(owner, name)))


def _input(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Hand another input to a loss."""

    def remedy(finding: dict[str, Any]) -> None:
        import torch.nn.functional as F

        _change(F, name, lambda original: lambda input, *a, **k: original(change(input), *a, **k))

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
        for group in optimizer.param_groups:
            group["lr"] = group["lr"] * factor

    return act


def _no_decay(optimizer: Any) -> None:
    for group in optimizer.param_groups:
        group["weight_decay"] = 0.0


def _clear_after_step(finding: dict[str, Any]) -> None:
    from torch.optim.optimizer import register_optimizer_step_post_hook

    register_optimizer_step_post_hook(lambda optimizer, a, k: optimizer.zero_grad())


def _clip(finding: dict[str, Any]) -> None:
    import torch
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    def before(optimizer: Any, a: Any, k: Any) -> None:
        torch.nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], 1.0)

    register_optimizer_step_pre_hook(before)


def _hold_the_rest(finding: dict[str, Any]) -> None:
    """Give weights that get gradients, but that no optimiser holds, to the first one that steps."""
    import torch
    from torch.nn.modules import module as modules
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    called: dict[int, torch.nn.Module] = {}

    def called_now(module: Any, a: Any) -> None:
        called.setdefault(id(module), module)

    modules.register_module_forward_pre_hook(called_now)
    done: list[int] = []

    def before(optimizer: Any, a: Any, k: Any) -> None:
        if not done:
            done.append(1)
            held = {id(p) for g in optimizer.param_groups for p in g["params"]}
            rest = {
                id(p): p
                for m in called.values()
                for p in m.parameters(recurse=False)
                if p.requires_grad and p.grad is not None and id(p) not in held
            }
            if rest:
                optimizer.add_param_group({"params": list(rest.values())})

    register_optimizer_step_pre_hook(before)


def _quiet_evaluation(finding: dict[str, Any]) -> None:
    """Evaluation mode while gradients are off."""
    import torch

    def wrap(original: Any) -> Any:
        def call(self: Any, *a: Any, **k: Any) -> Any:
            if torch.is_grad_enabled() or not self.training:
                return original(self, *a, **k)
            self.eval()
            try:
                return original(self, *a, **k)
            finally:
                self.train()

        return call

    _change(torch.nn.Module, "__call__", wrap)


def _freeze(value: bool) -> Callable[[dict[str, Any]], None]:
    def remedy(finding: dict[str, Any]) -> None:
        import torch

        original = torch.nn.Embedding.from_pretrained

        def from_pretrained(embeddings: Any, *a: Any, **k: Any) -> Any:
            made = original(embeddings, *a, **k)
            made.weight.requires_grad_(not value)
            return made

        torch.nn.Embedding.from_pretrained = staticmethod(from_pretrained)  # type: ignore[assignment, method-assign]

    return remedy


def _no_max_norm(finding: dict[str, Any]) -> None:
    import torch.nn.functional as F

    _change(
        F,
        "embedding",
        lambda original: (
            lambda input, weight, padding_idx=None, max_norm=None, *a, **k: original(
                input, weight, padding_idx, None, *a, **k
            )
        ),
    )


def _batch_first(finding: dict[str, Any]) -> None:
    import torch

    def wrap(original: Any) -> Any:
        def __init__(self: Any, *a: Any, **k: Any) -> None:
            original(self, *a, **k)
            if hasattr(self, "batch_first"):
                self.batch_first = True

        return __init__

    for kind in (torch.nn.RNNBase, torch.nn.MultiheadAttention):
        _change(kind, "__init__", wrap)


def _against_sign(finding: dict[str, Any]) -> None:
    import torch

    _change(
        torch.autograd,
        "backward",
        lambda original: (
            lambda tensors, *a, **k: original(-tensors if isinstance(tensors, torch.Tensor) else tensors, *a, **k)
        ),
    )


def _all_classes(finding: dict[str, Any]) -> None:
    import torch.nn.functional as F

    _change(F, "cross_entropy", lambda original: lambda *a, **k: original(*a, **{**k, "ignore_index": -100}))


def _same_shape(finding: dict[str, Any]) -> None:
    import torch.nn.functional as F

    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy_with_logits"):
        _change(
            F,
            name,
            lambda original: (
                lambda input, target, *a, **k: original(
                    input.reshape(target.shape) if input.numel() == target.numel() else input, target, *a, **k
                )
            ),
        )


def _weigh_classes(finding: dict[str, Any]) -> None:
    """Weights by inverse frequency, counted as the batches come."""
    import torch
    import torch.nn.functional as F

    counts: dict[int, int] = {}

    def wrap(original: Any) -> Any:
        def cross_entropy(input: Any, target: Any, weight: Any = None, *a: Any, **k: Any) -> Any:
            if weight is None and target.dtype == torch.int64:
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
            return original(input, (target - seen[0]) / (seen[1] - seen[0]), *a, **k)

        return loss

    for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
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
    "frozen_by_default": _freeze(False),
    "finetune_overfit_small_data": _freeze(True),
    "catastrophic_forgetting": _freeze(True),
    "max_norm_inplace_renorm": _no_max_norm,
    "batch_first_mismatch": _batch_first,
}

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _main(json.loads(sys.argv[1]))
