"""What was compared with answers, read after them or joined from several batches: which batch it belongs to."""

from __future__ import annotations

import torch
from torch import Tensor

from wordfit.doctor.id_layout import joined
from wordfit.doctor.seen import Batch
from wordfit.doctor.tape import dense


def tidied(batch: Batch) -> None:
    """Let go of tensors without values, which Keras builds its models with; write sparse and nested ones out; lay
    steps side by side."""
    batch.lookups = [k for k in batch.lookups if not (k.ids.is_meta or k.table.is_meta)]
    for name in ("inputs", "outputs", "fed", "targets", "read", "yielded"):
        setattr(batch, name, [_flat(t) for t in getattr(batch, name) if not t.is_meta])
    compared = {r.shape for r in batch.read}
    told = [*batch.targets, *batch.yielded] or [t for t in batch.outputs if t.shape[:1] in compared]
    batch.lookups = joined(batch.lookups, {len(t) for t in told if t.dim()})


def _flat(tensor: Tensor) -> Tensor:
    """Numbers side by side: sparse tensors written out, nested ones with zeros at their ends."""
    return torch.nested.to_padded_tensor(tensor, 0) if tensor.is_nested else dense(tensor)


def give_back(evaluation: list[Batch]) -> None:
    """What was read after the answers to several sets of unlike sizes belongs to the set that has as many rows."""
    for number, batch in enumerate(evaluation):
        for before in evaluation[max(0, number - 3) : number]:
            heard = before.read or before.targets or before.compared
            if before.step != batch.step or heard or not before.outputs or not batch.outputs:
                continue
            rows, own = before.outputs[0].shape[:1], batch.outputs[0].shape[:1]
            theirs = [t for t in batch.read if rows != own and t.shape[:1] == rows]
            if theirs:
                before.read, before.compared = theirs, batch.compared
                batch.read = [t for t in batch.read if t.shape[:1] != rows]


def give_out(evaluation: list[Batch]) -> None:
    """What the answers to several batches were compared with, put together, belongs to each of them, part by part."""
    parts: list[Batch] = []
    for batch in evaluation:
        last = parts[-1] if parts else batch
        if last.read or (last.step, last.called_at) != (batch.step, batch.called_at):
            parts = []
        if batch.targets or not batch.outputs:
            parts = []
            continue
        parts.append(batch)
        sizes = [part.outputs[0].shape[0] if part.outputs[0].dim() else 0 for part in parts] if batch.read else []
        whole = [t for t in batch.read if len(parts) > 1 and t.dim() and len(t) == sum(sizes)]
        if whole:
            for part, *pieces in zip(parts, *(t.split(sizes) for t in whole)):
                part.read, part.compared = pieces, batch.compared


def forget_doubtful(evaluation: list[Batch]) -> None:
    """Let go of what was read after two answers to as many rows each: it may belong to either of them."""
    for before, batch in zip(evaluation, evaluation[1:]):
        alone = before.step == batch.step and not (before.targets or before.compared or batch.targets or batch.compared)
        if not alone or not before.inputs or not batch.inputs or before.yielded or batch.yielded:
            continue
        fed = before.inputs[0], batch.inputs[0]
        answers = [is_answer(t, before) for t in before.read]
        if answers and all(answers) and fed[0].shape == fed[1].shape and not torch.equal(*fed):
            batch.read = [t for t in batch.read if is_answer(t, batch)]


def is_answer(tensor: Tensor, batch: Batch) -> bool:
    """Whether a tensor is what the model answered, in place of a target."""
    whole = not tensor.is_floating_point() or bool(
        ((tensor == 0) | (tensor == 1)).all()
    )  # decisions, whatever their type
    alone = not batch.compared and len({t.data_ptr() for t in batch.read}) == 1  # taken out, and nothing beside it
    if not whole and any(o.numel() == tensor.numel() for o in batch.outputs):
        alike = [o for o in batch.outputs if o.numel() == tensor.numel()]
        return any(_follows(tensor.reshape(-1), o) for o in alike)
    for output in batch.outputs:
        for axis in range(output.dim()):
            if output.shape[axis] > 1 and output.numel() == tensor.numel() * output.shape[axis]:
                guess = output.argmax(axis).reshape(-1)
                if len(guess) == tensor.numel() and torch.equal(guess, tensor.reshape(-1).long()):
                    return alone or any(
                        t is not tensor and t.numel() == tensor.numel() and not torch.equal(t.reshape(-1).long(), guess)
                        for t in batch.read
                    )
        if output.numel() == tensor.numel() and (whole or tensor.dtype in (torch.bool, torch.int64)):
            positive = (output.reshape(-1) > 0).long()
            half = (output.reshape(-1) > 0.5).long()
            flat = tensor.reshape(-1).long()
            if torch.equal(flat, positive) or torch.equal(flat, half):
                others = (t for t in batch.read if t is not tensor)
                return alone or any(not torch.equal(t.reshape(-1).long(), flat) for t in others)
    return False


def _follows(values: Tensor, output: Tensor) -> bool:
    """Whether numbers are an answer as it is, or as probabilities."""
    if not output.is_floating_point():
        return False
    flat = output.reshape(-1).to(values)
    made = [flat, flat.sigmoid(), flat.exp()]
    if output.dim() > 1:
        made.append(output.softmax(-1).reshape(-1).to(values))
    return any(torch.allclose(values, m, rtol=1e-3, atol=1e-5) for m in made)


def are_two(answer: Tensor, target: Tensor) -> bool:
    """Whether two tensors that are equal are two, and not one that was read twice."""
    return answer.data_ptr() != target.data_ptr() and torch.equal(answer.reshape(-1), target.reshape(-1).to(answer))


def differ(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors of one shape hold different numbers."""
    return first.dim() > 0 and first.shape == second.shape and not torch.equal(first, second.to(first))
