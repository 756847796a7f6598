"""What a notebook exported as a script needs of IPython: magics that hold code run, all others are passed over."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

CODE = {"time", "timeit", "capture", "prun", "python", "python3"}  # magics whose body is the program's own code


class Notebook:
    """Answers `get_ipython()`: code is run in the program's namespace, commands to the system are not."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace

    def run_line_magic(self, name: str, line: str = "", *rest: Any) -> None:
        """`%name line`."""
        self._run(name, line, f"%{name} {line}")

    def run_cell_magic(self, name: str, line: str = "", cell: str = "") -> None:
        """`%%name line`, and the cell."""
        self._run(name, cell, f"%%{name} {line}")

    def magic(self, line: str) -> None:
        """The old way to write `%name line`."""
        name, _, rest = line.partition(" ")
        self.run_line_magic(name, rest)

    def system(self, command: str) -> None:
        """`!command`."""
        _pass_over(f"!{command}")

    def getoutput(self, command: str, *rest: Any, **options: Any) -> list[str]:
        """`lines = !command`."""
        _pass_over(f"!{command}")
        return []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **options: _pass_over(f"get_ipython().{name}")

    def _run(self, name: str, code: str, said: str) -> None:
        if name in CODE and code.strip():
            exec(compile(code, f"<{said.strip()}>", "exec"), self.user_ns)
        else:
            _pass_over(said)


def _pass_over(said: str) -> None:
    print(f"wordfit doctor: passed over {said.strip()}", file=sys.stderr)


def stand_in(source: bytes, namespace: dict[str, Any]) -> None:
    """Give an exported notebook `get_ipython` and `display`, unless it runs in IPython itself."""
    if b"get_ipython(" in source and not hasattr(builtins, "get_ipython"):
        notebook = Notebook(namespace)
        namespace["get_ipython"] = lambda: notebook
        namespace.setdefault("display", print)
