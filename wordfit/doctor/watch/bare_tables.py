"""Tables without a module: a weight of two axes that a program indexes by ids (`table[ids]`) is asked as a layer is."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from wordfit.doctor.survey import sizes_of_vocabularies
from wordfit.doctor.watch.batches import Batches
from wordfit.doctor.watch.graph import behind, is_leaf
from wordfit.doctor.watch.replacing import Replacing, dressed
from wordfit.doctor.watch.watched import Watched

INDEXING = "IndexBackward"


class BareTables:
    """Finds such tables in the first loss of code without modules, and hears what they are asked from there on."""

    def __init__(self, watched: Watched, batches: Batches) -> None:
        self.watched = watched
        self.batches = batches
        self.tables: dict[int, Tensor] = {}
        self.places: Replacing | None = None
        self.frozen = False  # no weight is indexed: a table that is not trained may be
        self.mappings, self.sizes = 0, set[int]()  # how many were found, and how many words they hold
        self.inside = False  # a tape that listens calls the function again inside the call

    def install(self, places: Replacing) -> None:
        """Remember where replacements are kept; nothing is replaced before a table is found."""
        self.places = places

    def look_for(self, loss: Tensor) -> None:
        """Walk back from a loss to the weights that were indexed by a tensor on the way to it."""
        self.tables = {id(t): t for t in _indexed(loss)}
        self.frozen = not self.tables and self.batches.now is None
        if (self.tables or self.frozen) and self.places is not None:
            self.places.replace(Tensor, "__getitem__", self._heard)

    def _heard(self, original: Any) -> Any:
        tables, watched = self.tables, self.watched

        def __getitem__(tensor: Tensor, key: Any) -> Any:
            asked = id(tensor) in tables or (self.frozen and self._is_frozen_table(tensor, key))
            if not asked or self.inside:
                return original(tensor, key)
            self.inside = True
            try:
                result = original(tensor, key)
            finally:
                self.inside = False
            if isinstance(key, Tensor) and _are_ids(key) and watched.on():
                self.batches.add_lookup(key, tensor, None, False, None)
            return result

        return dressed(__getitem__, original)

    def _is_frozen_table(self, tensor: Tensor, key: Any) -> bool:
        """Whether rows of a matrix without gradients are asked for by ids (rows, time), or by one for each row.

        Rows of data are picked that way too: then a mapping must have as many words as the matrix has rows.
        """
        if not isinstance(key, Tensor) or not _are_ids(key) or tensor.dim() != 2 or tensor.requires_grad:
            return False
        if not tensor.is_floating_point():
            return False
        mappings = len(self.watched.found.get("ids", []))
        if mappings > self.mappings:
            self.sizes, self.mappings = sizes_of_vocabularies(self.watched.found), mappings
        return key.dim() > 1 or len(tensor) in self.sizes


def _are_ids(key: Tensor) -> bool:
    return bool(key.dim()) and not key.is_floating_point() and key.element_size() > 1  # no mask


def _indexed(loss: Tensor) -> list[Tensor]:
    """The weights of two axes that are indexed in what a loss is made of."""
    indexed = [before for node, before in behind(loss) if type(node).__name__.startswith(INDEXING)]
    leaves = [node.variable for before in indexed for node in before if is_leaf(node)]
    return [leaf for leaf in leaves if leaf.dim() == 2]
