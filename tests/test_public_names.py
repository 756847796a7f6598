"""The public names are what they say, and `import wordfit` stays cheap."""

import subprocess
import sys

import wordfit


def test_every_public_name_resolves_and_has_a_docstring():
    for name in wordfit.__all__:
        value = getattr(wordfit, name)
        assert name == "__version__" or value.__doc__, name


def test_public_names_are_sorted_and_listed_once():
    assert wordfit.__all__[1:] == sorted(set(wordfit.__all__[1:]))


def test_importing_wordfit_loads_no_heavy_library():
    heavy = ["torch", "numba", "plotly", "sklearn", "scipy", "tokenizers", "numpy"]
    code = f"import sys, wordfit; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
