"""Files that the program opens, and texts that it reads as if they were files."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from contextlib import suppress
from typing import Any

from wordfit.doctor.sites import site
from wordfit.doctor.watch.replacing import Replacing
from wordfit.doctor.watch.watched import Watched

PASSED_OVER = (".py", ".pyc", ".so", ".pth")


class Files:
    """Remembers which file was opened where."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.temporary = tempfile.gettempdir()  # asked for now: it opens files itself

    def install(self, places: Replacing) -> None:
        """Hear of files from now on."""
        places.replace(io, "StringIO", self._stream)
        _listeners.append(self)
        places.undo.append(lambda: _listeners.remove(self))
        _audit()

    def opened(self, name: str, mode: Any) -> None:
        """The program opens a file to read."""
        files = self.watched.files
        if not self.watched.on() or len(files) >= 200 or name in files:
            return
        where = site()
        if where is not None:
            path = os.path.abspath(name)
            files[path] = {"mode": mode, "site": where}
            if path.startswith(self.temporary):
                self._keep(path)

    def _keep(self, path: str) -> None:
        """Hold on to a temporary file that the program may delete: a second name for it, no copy."""
        watched = self.watched
        with suppress(OSError):
            if not watched.links:
                watched.links = os.path.join(self.temporary, f"wordfit-{os.getpid()}-{id(watched)}")
                os.mkdir(watched.links)
            link = os.path.join(watched.links, f"{len(watched.files)}-{os.path.basename(path)}")
            os.link(path, link)
            watched.files[path]["kept"] = link

    def _stream(self, original: Any) -> Any:
        watched = self.watched

        def keep(text: str) -> bool:
            long = len(text) > 2000 and len(watched.streams) < 6 and watched.on()
            if long:
                watched.streams.append(("StringIO", text))
            return long

        class StringIO(original):  # type: ignore[misc, valid-type]
            def __init__(self, initial_value: Any = "", *args: Any, **kwargs: Any) -> None:
                super().__init__(initial_value, *args, **kwargs)
                self.kept = isinstance(initial_value, str) and keep(initial_value)

            def seek(self, *args: Any) -> int:
                """Back to the beginning what was written is read."""
                place = int(super().seek(*args))
                if place == 0 and not self.kept:
                    self.kept = keep(super().getvalue())
                return place

        return StringIO


_listeners: list[Files] = []
_audited = False


def _audit() -> None:
    """Hear of files that are opened; such a hook can never be taken away, so there is one for all."""
    global _audited
    if not _audited:
        sys.addaudithook(_on_event)
        _audited = True


def _on_event(event: str, args: Any) -> None:
    if event != "open" or not _listeners:
        return
    path, mode = args[0], args[1]
    if not isinstance(path, (str, bytes)) or (isinstance(mode, str) and "w" in mode):
        return
    name = os.fsdecode(path)
    if name.endswith(PASSED_OVER) or "-packages" in name or name.startswith(("/proc", "/sys", "/dev")):
        return
    for listener in _listeners:
        listener.opened(name, mode)
