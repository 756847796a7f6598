"""How much memory a run may still take: what it was given, less what the process holds."""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass

from wordfit.errors import InputError

SPARE = 48 << 20  # for the interpreter's own needs while arrays are filled


def held() -> int:
    """Bytes of memory that the process holds now (its peak, where the system does not say)."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


@dataclass(frozen=True)
class Memory:
    """The memory that the whole process may take, in bytes."""

    limit: int

    def left(self, least: int, purpose: str) -> int:
        """Bytes still free; fewer than `least` are an error that says how much would do."""
        now = held()
        free = self.limit - now - SPARE
        if free < least:
            raise InputError(
                f"{purpose} needs {_gb(now + SPARE + least)} GB, and --memory allows {_gb(self.limit)}: "
                f"give --memory {_gb(now + SPARE + least + (50 << 20))} or more, or a smaller vocabulary"
            )
        return free


def _gb(size: int) -> str:
    return f"{size / 2**30:.2f}"
