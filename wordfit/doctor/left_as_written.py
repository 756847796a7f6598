"""Files that a program wrote stay as it left them while it runs again with a remedy."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path

MOST_LOOKED_AT = 50_000
"""Files and folders that are looked through for what was written."""

MOST_BYTES = 4 * 2**30
"""Bytes that are kept aside."""

TICK = 0.05
"""Seconds by which the time of a file may lie before the time at which it was written."""


@contextlib.contextmanager
def left_as_written(since: float, arguments: list[str], folder: Path | None = None) -> Iterator[list[str]]:
    """Put files back that were written after `since` (seconds of the epoch), and what was written over them since then.

    Looked through are the folder (the current one by default) and the files and folders that arguments of the program
    name; hidden folders are left out. Files that are new stay. Yields why files were not kept: one line each, or none.
    """
    written, why = _written(since, [folder or Path.cwd(), *_named(arguments)])
    with tempfile.TemporaryDirectory(prefix="wordfit-kept-") as aside:
        kept: list[tuple[Path, Path, os.stat_result]] = []
        size = 0
        for path in written:
            with contextlib.suppress(OSError):
                state = path.stat()
                size += state.st_size
                if size > MOST_BYTES:
                    why = [*why, f"{path} and further files are too large to be kept aside"]
                    break
                copy = Path(aside) / str(len(kept))
                shutil.copy2(path, copy)
                kept.append((path, copy, state))
        try:
            yield why
        finally:
            for path, copy, state in kept:
                _put_back(path, copy, state)


def _named(arguments: list[str]) -> list[Path]:
    """Files and folders among arguments, also of the form `--out=folder`."""
    named = [Path(text.partition("=")[2] or text) for text in arguments if text]
    return [path.absolute() for path in named if path.exists()]


def _written(since: float, roots: list[Path]) -> tuple[list[Path], list[str]]:
    """Files that were written after a time, and why not all were looked at."""
    found: dict[Path, None] = {}
    folders, looked = deque[Path](), 0  # what is near first, so that a large folder of data leaves room for the rest
    for root in roots:
        if root.is_dir():
            folders.append(root)
        elif _is_written(root, since):
            found[root] = None
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.popleft()) as entries:
            for entry in entries:
                looked += 1
                if looked > MOST_LOOKED_AT:
                    return list(found), [f"there are more than {MOST_LOOKED_AT:,} files to look through"]
                path = Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name != "__pycache__":
                        folders.append(path)
                elif entry.is_file(follow_symlinks=False) and _is_written(path, since):
                    found[path] = None
    return list(found), []


def _is_written(path: Path, since: float) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime >= since - TICK
    except OSError:
        return False


def _put_back(path: Path, copy: Path, state: os.stat_result) -> None:
    """A file as it was, if it is not so any more; it appears whole."""
    with contextlib.suppress(OSError):
        if path.exists() and (now := path.stat()).st_mtime_ns == state.st_mtime_ns and now.st_size == state.st_size:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        shutil.copy2(copy, beside)
        os.replace(beside, path)
