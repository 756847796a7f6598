"""Every command of the help page is there, and a wrong one is a wrong usage."""

import importlib

import pytest

from wordfit.cli.main import COMMANDS


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_its_module(name):
    assert importlib.import_module(COMMANDS[name][0]).app


def test_an_unknown_command_is_a_wrong_usage(wordfit_command):
    code, _, err = wordfit_command("nope")
    assert code == 2
    assert "nope" in err
