"""How modules and weights are called: the path from the module that the program calls."""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import Tensor, nn

from wordfit.doctor.tape import is_parameter
from wordfit.doctor.watch import Recorder
from wordfit.doctor.watch.compiled import original_of


class Names:
    """How modules and weights are called: the path from the module that the program calls."""

    def __init__(self, recorder: Recorder) -> None:
        self.modules: dict[int, str] = {}
        self.weights: dict[int, str] = {}
        self.owner: dict[int, tuple[nn.Module, str]] = {}
        self.models: list[nn.Module] = []
        live = [m for _, m in recorder.found.get("modules", [])]
        everything = [original_of(m) for m in (*live, *recorder.roots.values())]
        inner = {id(c) for m in everything for n, c in m.named_modules() if n}
        outer = {id(m): m for m in everything if id(m) not in inner}
        classes = Counter(type(m) for m in outer.values())
        called = {id(original_of(m)): n.removesuffix(" (later)") for n, m in recorder.found.get("modules", [])}
        for module in outer.values():
            if id(module) in self.modules:
                continue
            if any(True for _ in module.parameters()):
                self.models.append(module)
            top = type(module).__name__
            if classes[type(module)] > 1 and type(module).__module__.startswith("torch."):  # two bare layers
                top = called.get(id(module), top)
            for path, child in module.named_modules():
                name = ".".join(p for p in (top, path) if p)
                self.modules.setdefault(id(child), name)
                for own, weight in child.named_parameters(recurse=False):
                    self.weights.setdefault(id(weight), f"{name}.{own}")
                    self.owner.setdefault(id(weight), (child, own))
        bare = [(n, t) for kind in ("matrices", "numbers") for n, t in recorder.found.get(kind, [])]
        for name, tensor in sorted(bare, key=lambda pair: (pair[0].count("."), len(pair[0]))):
            if isinstance(tensor, Tensor) and is_parameter(tensor):
                self.weights.setdefault(id(tensor), name.removesuffix(" (later)"))

    def module(self, module: Any) -> str:
        """The path of a module; its class if it hangs on nothing."""
        return self.modules.get(id(module)) or type(module).__name__ if module is not None else ""

    def weight(self, weight: Tensor) -> str:
        """The path of a weight."""
        return self.weights.get(id(weight), f"tensor{tuple(weight.shape)}")
