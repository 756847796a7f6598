"""A watched program may compile its own kernels, and `np.empty` stands in them as numba knows it."""

import subprocess
import sys

import pytest

KERNEL = """
import numpy as np
{before}
import wordfit
with wordfit.watch():
    import numba

    @numba.njit
    def inner(n):
        return np.empty(n)

    @numba.njit
    def outer(n):
        made = inner(n)
        made[:] = 2.0
        np.random.shuffle(made)
        return made.sum() + np.empty(3).size

    print(outer(4))
print(np.empty.__name__, hasattr(np.empty, "__wrapped__"), numba.core.dispatcher.Dispatcher.compile.__qualname__)
"""


@pytest.mark.parametrize("before", ["", "import numba"])
def test_a_kernel_that_fills_bare_memory_is_compiled_under_watch(before, tmp_path):
    script = tmp_path / "kernel.py"
    script.write_text(KERNEL.format(before=before))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["11.0", "empty False Dispatcher.compile"]
