"""What cannot be watched from here: other processes, other threads; said in the diagnosis, not passed over."""

from __future__ import annotations

from multiprocessing.process import BaseProcess
from typing import Any

from wordfit.doctor.watch.replacing import Replacing, dressed
from wordfit.doctor.watch.watched import Watched

WORKERS = "how rows were made in the data loader's workers", "they are processes of their own, which are not watched"
PROCESSES = "what other processes did", "only the process that the program begins in is watched"


class Beyond:
    """Notes what goes on where no hook reaches."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched

    def install(self, places: Replacing) -> None:
        """Hear of processes that are started."""
        places.replace(BaseProcess, "start", self._start)

    def _start(self, original: Any) -> Any:
        watched = self.watched

        def start(process: Any) -> None:
            if watched.on():
                loading = "torch.utils.data" in getattr(getattr(process, "_target", None), "__module__", "")
                watched.beyond.setdefault(*(WORKERS if loading else PROCESSES))
            original(process)

        return dressed(start, original)
