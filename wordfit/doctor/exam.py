"""`watch()`: the doctor inside a program, and callbacks for Lightning, Hugging Face and Keras 3 on torch."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from wordfit.doctor.diagnose import REST, diagnosis
from wordfit.doctor.examine import examine
from wordfit.doctor.page import page
from wordfit.doctor.run import Ran, describe_error
from wordfit.doctor.watch import Recorder
from wordfit.errors import need
from wordfit.record import Record, plain


@dataclass
class Exam:
    """One watched stretch of a program; `diagnose` runs the experiments and judges."""

    recorder: Recorder = field(default_factory=Recorder)
    name: str = "watched code"
    ran: Ran = field(default_factory=Ran)
    record: Record | None = None

    def leave(self, steps: int) -> None:
        """End the watch after so many steps, while the training goes on."""
        self.recorder.beyond[REST] = f"only its first {steps} steps were watched"
        self.recorder.remove()

    def diagnose(self, budget: float = 60.0, only: Collection[str] | None = None) -> dict[str, Any]:
        """The diagnosis, in the schema of `wordfit doctor --json`; `only` names the experiments that may be made.

        The record is kept in `record`.
        """
        if not self.recorder.stopped:
            self.recorder.remove()
            self.ran.seconds = time.perf_counter() - self.recorder.began
        self.record = examine(self.recorder, self.ran, self.name, budget, only)
        self.record.diagnosis = plain(diagnosis(self.record))
        return self.record.diagnosis

    def __str__(self) -> str:
        """The page that the command line prints."""
        if self.record is None:
            return "not diagnosed yet"
        return "\n".join(page(self.record.diagnosis, self.record))


@contextmanager
def watch(name: str = "watched code") -> Iterator[Exam]:
    """Watch the training that runs inside; afterwards `exam.diagnose()` says what is wrong with it.

    Modules and optimisers may have been made before; what is made inside is known by its line as well.
    """
    exam = Exam(name=name)
    exam.recorder.install()
    try:
        yield exam
    except BaseException as error:
        exam.ran.error = describe_error(error)
        exam.recorder.look_back(error.__traceback__)
        raise
    finally:
        exam.recorder.remove()
        exam.ran.seconds = time.perf_counter() - exam.recorder.began


def _started(exam: Exam) -> None:
    exam.recorder.install()


def lightning_callback(exam: Exam | None = None) -> Any:
    """A Lightning callback: `Trainer(callbacks=[lightning_callback()])`; the diagnosis is printed at the end of fit."""
    base = need("lightning", "lightning").pytorch.Callback
    own = exam or Exam(name="Lightning")

    class WordfitDoctor(base):  # type: ignore[misc, valid-type]
        exam = own

        def on_fit_start(self, trainer: Any, module: Any) -> None:
            _started(own)

        def on_fit_end(self, trainer: Any, module: Any) -> None:
            own.diagnose()
            print(own)

    return WordfitDoctor()


def trainer_callback(exam: Exam | None = None) -> Any:
    """A callback for Hugging Face's `Trainer(callbacks=[trainer_callback()])`."""
    base = need("transformers", "transformers").TrainerCallback
    own = exam or Exam(name="Trainer")

    class WordfitDoctor(base):  # type: ignore[misc, valid-type]
        exam = own

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            _started(own)

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            own.diagnose()
            print(own)

    return WordfitDoctor()


def keras_callback(exam: Exam | None = None) -> Any:
    """A callback for Keras 3 on torch: `model.fit(..., callbacks=[keras_callback()])`."""
    base = need("keras", "keras").callbacks.Callback
    own = exam or Exam(name="Keras")

    class WordfitDoctor(base):  # type: ignore[misc, valid-type]
        exam = own

        def on_train_begin(self, logs: Any = None) -> None:
            _started(own)

        def on_train_end(self, logs: Any = None) -> None:
            own.diagnose()
            print(own)

    return WordfitDoctor()
