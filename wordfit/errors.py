"""What is said when the input or the installation is at fault: one clear message and no traceback."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class InputError(ValueError):
    """The input is at fault: file and line, what was expected, what was found, the next step."""


class MissingExtra(ImportError):
    """An optional library is not installed; the message names the extra that brings it."""


def need(module: str, extra: str) -> ModuleType:
    """Import an optional library, or name the extra that brings it."""
    try:
        return import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise MissingExtra(f"{name} is not installed; it comes with: pip install 'wordfit[{extra}]'") from error
