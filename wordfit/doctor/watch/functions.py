"""Functions of torch that are heard all the time: losses, lookups, and numbers taken out of tensors."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils import rnn
from torch.utils.data.dataloader import _BaseDataLoaderIter

from wordfit.doctor.playing import DROPOUTS
from wordfit.doctor.watch.batches import Batches
from wordfit.doctor.watch.replacing import Replacing, dressed
from wordfit.doctor.watch.watched import Watched, flat_tensors

LOSSES = (
    "cross_entropy",
    "nll_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "kl_div",
    "ctc_loss",
    "gaussian_nll_loss",
    "poisson_nll_loss",
    "cosine_embedding_loss",
    "margin_ranking_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "hinge_embedding_loss",
    "soft_margin_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
)
RANKING = ("margin_ranking_loss",)  # two answers; which of them should be the larger is no class
DECIDING = ("argmax", "topk", "max", "round", "gt", "ge")


class Functions:
    """Tells the open batch what losses, tables and comparisons were given."""

    def __init__(self, watched: Watched, batches: Batches) -> None:
        self.watched = watched
        self.batches = batches
        self.depth = 0  # of calls that run now: a tape that listens calls the function again inside the call

    def install(self, places: Replacing) -> None:
        """Stand in the place of the functions that are heard."""
        for name in (loss for loss in LOSSES if loss not in RANKING):
            places.replace(F, name, self._loss)
        places.replace(F, "embedding", self._embedding)
        places.replace(F, "embedding_bag", self._embedding)
        for name in ("__eq__", "eq", "tolist", "numpy"):
            places.replace(Tensor, name, self._read)
        for name in DECIDING:
            places.replace(Tensor, name, self._decided)
            places.replace(torch, name, self._decided)
        for name in ("__gt__", "__ge__"):
            places.replace(Tensor, name, self._decided)
        for name in DROPOUTS:
            places.replace(F, name, self._drops)
        places.replace(_BaseDataLoaderIter, "__next__", self._next)
        places.replace(rnn, "pack_padded_sequence", self._pack)

    def _loss(self, original: Any) -> Any:
        name = original.__name__

        def loss(*args: Any, **kwargs: Any) -> Any:
            result = self._called(original, *args, **kwargs)
            if not self.depth and self.batches.now is not None and self.watched.on():
                fed = args[0] if args else kwargs.get("input")
                target = args[1] if len(args) > 1 else kwargs.get("target")
                if isinstance(target, Tensor) and isinstance(fed, Tensor):
                    self.batches.add_target(name, fed, target)
            return result

        return dressed(loss, original)

    def _called(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        self.depth += 1
        try:
            return original(*args, **kwargs)
        finally:
            self.depth -= 1

    def _pack(self, original: Any) -> Any:
        """Ids may be packed before they are looked up: remember how to unpack them."""

        def pack_padded_sequence(*args: Any, **kwargs: Any) -> Any:
            packed = original(*args, **kwargs)
            if self.watched.on() and not packed.data.is_floating_point():
                self.batches.packed.append((packed.data, (packed.batch_sizes, packed.unsorted_indices)))
            return packed

        return dressed(pack_padded_sequence, original)

    def _read(self, original: Any) -> Any:
        """Integers compared with answers, or taken out while evaluating, may be the targets of an evaluation."""
        comparing = original.__name__ in ("__eq__", "eq")

        def read(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(tensor, *args, **kwargs)
            batch = self.batches.now
            if not comparing and self.batches.in_bare_evaluation and self.watched.on():
                self.batches.add_scores(tensor)
            if batch is not None and batch.outputs and len(batch.read) < 6 and self.watched.on():
                batch.compared |= comparing and any(isinstance(other, Tensor) and other.dim() for other in args[:1])
                for value in (tensor, *args[:1]):
                    if isinstance(value, Tensor) and not value.requires_grad and 0 < value.dim() < 3:
                        batch.read.append(value)
            return result

        return dressed(read, original)

    def _drops(self, original: Any) -> Any:
        """Dropout that acts in an evaluation of code without modules, which has no mode that would tell."""

        usual = "alpha" not in original.__name__  # whether it acts if nothing is said

        def drops(*args: Any, **kwargs: Any) -> Any:
            batch = self.batches.now
            if batch is not None and batch.root is None and self.watched.on():
                share = args[1] if len(args) > 1 else kwargs.get("p", 0.5)
                if share > 0 and (args[2] if len(args) > 2 else kwargs.get("training", usual)):
                    batch.noise.add(original.__name__)
            return original(*args, **kwargs)

        return dressed(drops, original)

    def _decided(self, original: Any) -> Any:
        """Numbers that a decision is made of may be the answers of code without modules."""

        def decided(*args: Any, **kwargs: Any) -> Any:
            if args and self.batches.in_bare_evaluation and self.watched.on():
                self.batches.add_scores(args[0])
            return original(*args, **kwargs)

        return dressed(decided, original)

    def _next(self, original: Any) -> Any:
        def __next__(loader: Any) -> Any:
            yielded = original(loader)
            if self.watched.on():
                self.batches.yielded = flat_tensors(yielded)[:8]
            return yielded

        return dressed(__next__, original)

    def _embedding(self, original: Any) -> Any:
        bag = original.__name__ == "embedding_bag"

        def embedding(input: Any, weight: Any, *args: Any, **kwargs: Any) -> Any:
            result = self._called(original, input, weight, *args, **kwargs)
            if not self.depth and self.watched.on():
                padding = args[0] if args and not bag else kwargs.get("padding_idx")
                offsets = (args[0] if args else kwargs.get("offsets")) if bag else None
                self.batches.add_lookup(input, weight, padding, bag, offsets)
            return result

        return dressed(embedding, original)
