"""`Recorder`: put every hook in place, and take them all away.

The first steps are put on tape in full, later ones ever more rarely and only while the time spent so stays under
a few per cent of the program's own. Always on, and cheap: which modules are called, ids that tables are asked
for, the losses with what they were given, `backward`, `step`. No random number is drawn; the program's results
are the same bit for bit. Forked workers are not watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from wordfit.doctor.survey import is_mapping, raised
from wordfit.doctor.watch.batches import Batches
from wordfit.doctor.watch.beyond import Beyond
from wordfit.doctor.watch.calls import Calls
from wordfit.doctor.watch.compiled import Compiled, trace_compiled
from wordfit.doctor.watch.files import Files
from wordfit.doctor.watch.fills import Fills
from wordfit.doctor.watch.functions import Functions
from wordfit.doctor.watch.origins import Origins
from wordfit.doctor.watch.replacing import Replacing
from wordfit.doctor.watch.steps import Steps
from wordfit.doctor.watch.watched import Watched


class Part(Protocol):
    """Hears one kind of thing."""

    def install(self, places: Replacing) -> None:
        """Put its hooks in place, and leave word how to take them away."""


class Recorder(Watched):
    """Everything seen of one run; `install` and `remove` put the hooks in place and take them away."""

    def __init__(self) -> None:
        super().__init__()
        self._places = Replacing()
        self._batches = Batches(self)
        self._calls = Calls(self, self._batches)
        self._taping = self._calls.taping
        self._origins = Origins(self)
        self._fills = Fills(self, self._origins.survey)
        self._taping.recording.on_write = self._fills.written
        self._taping.recording.on_empty = self._fills.emptied
        self._taping.on_enter = self._fills.release
        self._parts: list[Part] = [
            self._calls,
            Functions(self, self._batches),
            self._origins,
            self._fills,
            Files(self),
            Steps(self, self._batches, self._taping),
            Beyond(self),
            Compiled(self, self._taping, [self._places, self._fills.places]),
        ]

    def install(self) -> None:
        """Put the hooks in place; from here on the program is watched."""
        for part in self._parts:
            part.install(self._places)

    def look_back(self, traceback: Any) -> None:
        """The program raised, or left by `sys.exit`: what its frames held is still there."""
        if not self.optimizers:
            self.guard(self.survey, raised(traceback))

    def look_over(self, namespace: dict[str, Any]) -> None:
        """The program has ended: mappings that it made after training, for an evaluation, may be among its globals."""
        known = {id(value) for _, value in self.found.get("ids", [])}
        names = {name for name, _ in self.found.get("ids", [])}
        fresh = [(n, v) for n, v in namespace.items() if id(v) not in known and is_mapping(v)]
        self.found.setdefault("ids", []).extend((f"{n} (later)" if n in names else n, v) for n, v in fresh)

    def forked(self) -> None:
        """A child of the program's process begins: hooks stay where they are, and do nothing."""
        super().forked()
        self._taping.recording.tape = None

    def remove(self) -> None:
        """Take every hook away; what was seen stays."""
        if self.stopped:
            return
        self._taping.leave()
        self._taping.seal()
        self._batches.close(False)
        self.stopped = True
        self._places.restore()
        try:
            trace_compiled([*self.train_steps, *self.eval_steps])
        except Exception as error:
            self.trouble(error)


@contextmanager
def watching() -> Iterator[Recorder]:
    """Watch what runs inside; the hooks are gone afterwards."""
    recorder = Recorder()
    recorder.install()
    try:
        yield recorder
    finally:
        recorder.remove()
