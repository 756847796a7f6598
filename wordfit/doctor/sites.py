"""Where in the user's code something happens: the nearest frame that belongs neither to a library nor to us."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import FrameType

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARY = tuple(
    os.path.join(folder, "")  # a folder of the user's may begin with the same letters
    for folder in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")}
    | {_OURS}
)
_known: dict[str, bool] = {}


def is_users(filename: str) -> bool:
    """Whether a source file is the user's: not a library's, not ours, not made up on the fly."""
    found = _known.get(filename)
    if found is None:
        path = os.path.abspath(filename)
        found = not filename.startswith("<") and not path.startswith(_LIBRARY) and "-packages" not in path
        _known[filename] = found
    return found


def user_frame(frame: FrameType | None = None) -> FrameType | None:
    """The nearest frame of the user's code."""
    current = frame or sys._getframe(1)
    while current is not None and not is_users(current.f_code.co_filename):
        current = current.f_back  # type: ignore[assignment]
    return current


def site() -> tuple[str, int, str] | None:
    """File, line and function of the user's code that is running."""
    frame = user_frame(sys._getframe(1))
    if frame is None:
        return None
    return frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name


def calls() -> tuple[int, ...]:
    """Where in the user's code each call that is under way stands, the innermost first: its place in the bytecode.

    Two calls of one function differ in them, also two in one line.
    """
    found, frame = [], user_frame(sys._getframe(1))
    while frame is not None:
        found.append(frame.f_lasti)
        frame = user_frame(frame.f_back) if frame.f_back is not None else None
    return tuple(found)
