"""Run a program as `__main__`, with its own arguments and folder, while it is watched."""

from __future__ import annotations

import gc
import os
import runpy
import sys
import time
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wordfit.doctor.notebook import stand_in
from wordfit.doctor.sites import is_users
from wordfit.doctor.watch import Recorder
from wordfit.errors import InputError

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Ran:
    """How the program ended."""

    seconds: float = 0.0
    exit_code: int = 0
    error: dict[str, Any] | None = None
    namespace: dict[str, Any] = field(default_factory=dict)


def run_watched(
    target: str,
    arguments: list[str],
    recorder: Recorder,
    module: bool = False,
    prepare: Callable[[], None] | None = None,
) -> Ran:
    """Run a script, or a module with `module`, under the recorder; `prepare` applies a remedy over its hooks."""

    def begin() -> None:
        recorder.install()
        if prepare is not None:
            prepare()
        gc.freeze()  # what is kept sets off more collections, which need not look through all libraries each time

    def end() -> None:
        gc.unfreeze()
        recorder.remove()

    ran = _run(target, arguments, module, begin, end, recorder.look_back)
    recorder.look_over(ran.namespace)
    return ran


def run_plain(target: str, arguments: list[str], module: bool = False) -> Ran:
    """Run a program in the same way, but not watched."""
    return _run(target, arguments, module, lambda: None, lambda: None, lambda traceback: None)


def _run(
    target: str,
    arguments: list[str],
    module: bool,
    begin: Callable[[], None],
    end: Callable[[], None],
    look_back: Callable[[Any], None],
) -> Ran:
    """An exception is shown as usual and kept; folder, arguments and streams are afterwards as before."""
    if not module and not Path(target).is_file():
        raise InputError(f"{target}: no such program")
    ran, pid = Ran(), os.getpid()
    before = sys.argv, sys.path[:], sys.modules["__main__"], os.getcwd(), sys.stdout, sys.stderr
    sys.argv = [target, *arguments]
    began = time.perf_counter()
    try:
        begin()
        ran.namespace = _run_module(target) if module else _run_script(target)
    except SystemExit as exit:
        ran.exit_code = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
        if isinstance(exit.code, str):
            print(exit.code, file=sys.stderr)
        look_back(exit.__traceback__)
    except BaseException as error:
        if module and _is_no_module(error):
            raise InputError(f"{target}: no such module to run ({error})") from None
        if isinstance(error, KeyboardInterrupt):
            print("\ninterrupted: judging what was seen", file=sys.stderr)
        else:
            _show(error)
        ran.exit_code, ran.error = 1, describe_error(error)
        look_back(error.__traceback__)
    finally:
        if os.getpid() != pid:  # a child that the program forked: its end is no end of the program
            raise SystemExit(ran.exit_code)
        end()
        ran.seconds = time.perf_counter() - began
        sys.stdout.flush()
        sys.argv, sys.path[:], sys.modules["__main__"], folder, sys.stdout, sys.stderr = before
        os.chdir(folder)
    return ran


def _run_script(target: str) -> dict[str, Any]:
    sys.path[0] = str(Path(target).resolve().parent)
    main = types.ModuleType("__main__")
    main.__file__ = target
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    source = Path(target).read_bytes()
    stand_in(source, main.__dict__)
    exec(compile(source, os.path.abspath(target), "exec"), main.__dict__)
    return main.__dict__


def _run_module(target: str) -> dict[str, Any]:
    sys.path[0] = os.getcwd()
    return runpy.run_module(target, run_name="__main__", alter_sys=True)


def _is_no_module(error: BaseException) -> bool:
    """Whether a module was not found, or is none to run: said by Python before any of the program ran."""
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return isinstance(error, ImportError) and bool(frames) and "runpy" in frames[-1]


def _show(error: BaseException) -> None:
    """The traceback as Python shows it without us."""
    frames = error.__traceback__
    while frames is not None and not is_users(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    shown = traceback.TracebackException(type(error), error, frames)
    _without_ours(shown)
    print("".join(shown.format()), end="", file=sys.stderr)


def _without_ours(shown: traceback.TracebackException | None) -> None:
    """Leave our own frames out, also of the exceptions that led to this one."""
    if shown is not None:
        theirs = [frame for frame in shown.stack if not frame.filename.startswith(HERE)]
        shown.stack = traceback.StackSummary.from_list(theirs)
        _without_ours(shown.__cause__)
        _without_ours(shown.__context__)


def describe_error(error: BaseException) -> dict[str, Any]:
    """An exception in plain data: its type, message and the places it passed through."""
    places = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        places.append(
            {
                "file": frame.f_code.co_filename,
                "line": line,
                "function": frame.f_code.co_name,
                "users": is_users(frame.f_code.co_filename),
            }
        )
    return {"type": type(error).__name__, "message": str(error)[:2000], "places": places[-30:]}
