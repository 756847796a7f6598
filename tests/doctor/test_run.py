"""Programs of every kind run as they would by themselves; what cannot be watched in them is said."""

import gc
import os
import sys
import textwrap

import pytest
import torch
from torch import nn

from wordfit.doctor.choosing import choose
from wordfit.doctor.examine import out_of_reach
from wordfit.doctor.names import Names
from wordfit.doctor.run import run_watched
from wordfit.doctor.watch import Recorder, watching
from wordfit.errors import InputError

TRAINING = """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.EmbeddingBag(20, 8), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(4):
    ids = torch.randint(0, 20, (8, 5))
    loss = nn.functional.cross_entropy(model(ids), (ids[:, 0] > 9).long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def run(folder, text, *arguments, module=False, name="program.py"):
    (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    recorder = Recorder()
    target = name.removesuffix(".py").replace("/", ".") if module else str(folder / name)
    return run_watched(target, list(arguments), recorder, module), recorder


def test_a_program_has_its_own_arguments_siblings_and_folder(tmp_path, capsys, monkeypatch):
    (tmp_path / "sibling.py").write_text("NUMBER = 41", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    text = "import io, os, sys, sibling\nprint(sibling.NUMBER + 1, sys.argv[1:], __name__)\nos.chdir('/')\n"
    text += "sys.stdout = io.StringIO()\n"
    ran, _ = run(tmp_path, text, "one", "--two")
    assert capsys.readouterr().out == "42 ['one', '--two'] __main__\n"
    assert (ran.exit_code, ran.error) == (0, None)
    assert (sys.argv, sys.path, sys.modules["__main__"]) == before
    assert os.getcwd() == str(tmp_path / "elsewhere")


def test_a_module_of_a_package_may_import_relatively(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "box" / "part.py").write_text("NUMBER = 7", encoding="utf-8")
    run(tmp_path, "from .part import NUMBER\nprint(NUMBER, __name__)", module=True, name="box/train.py")
    assert capsys.readouterr().out == "7 __main__\n"


def test_an_exit_code_is_kept_and_what_was_seen_stays(tmp_path):
    ran, recorder = run(tmp_path, TRAINING + "import sys\nsys.exit(4)\n")
    assert (ran.exit_code, ran.error) == (4, None)
    assert recorder.steps_done == 4


def test_a_program_that_raises_shows_its_own_lines_only_and_what_its_frames_held(tmp_path, capsys):
    text = """
    import torch
    from torch import nn
    def main():
        mapping = {f"w{i}": i for i in range(20)}
        model = nn.Sequential(nn.Embedding(20, 4), nn.Linear(5, 2))
        model(torch.arange(20))
    main()
    """
    ran, recorder = run(tmp_path, text)
    shown = capsys.readouterr().err
    assert "in main" in shown
    assert "RuntimeError: mat1 and mat2" in shown
    assert "wordfit" not in shown
    assert [name for name, _ in recorder.found["ids"]] == ["mapping"]
    assert out_of_reach(recorder, ran) == [{"what": "the training", "why": "the program raised RuntimeError before"}]


def test_a_notebook_exported_as_a_script_runs_its_cells(tmp_path, capsys):
    text = """
    # %%
    get_ipython().run_line_magic('matplotlib', 'inline')
    get_ipython().system('pip install something')
    # %%
    get_ipython().run_cell_magic('time', '', 'number = 6 * 7\\n')
    display(number)
    """
    run(tmp_path, text)
    said = capsys.readouterr()
    assert said.out == "42\n"
    assert "passed over %matplotlib inline" in said.err
    assert "passed over !pip install something" in said.err


def test_training_in_another_process_is_said_to_be_out_of_reach(tmp_path):
    text = """
    import multiprocessing
    child = multiprocessing.get_context("fork").Process(target=print)
    child.start()
    child.join()
    """
    ran, recorder = run(tmp_path, text)
    missed = {row["what"]: row["why"] for row in out_of_reach(recorder, ran)}
    assert missed["what other processes did"] == "only the process that the program begins in is watched"
    assert missed["the training"] == "no backward pass was seen in this process"


def test_a_program_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no such program"):
        run_watched("nowhere.py", [], Recorder())


def test_two_models_and_their_losses_are_seen_apart():
    torch.manual_seed(0)
    maker, judge = nn.Linear(4, 6), nn.Linear(6, 1)
    steps = [torch.optim.SGD(m.parameters(), lr=0.1) for m in (maker, judge)]
    with watching() as recorder:
        for _ in range(4):
            made = maker(torch.randn(8, 4))
            for optimizer, given, wanted in zip(steps[::-1], (made.detach(), made), (0.0, 1.0)):
                loss = nn.functional.binary_cross_entropy_with_logits(judge(given), torch.full((8, 1), wanted))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    assert {id(m) for m in recorder.roots.values()} == {id(maker), id(judge)}
    assert (recorder.steps_done, len(recorder.losses), recorder.troubles) == (8, 8, [])


def test_steps_of_accumulated_gradients_and_of_low_precision_are_played_again():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer, scaler = torch.optim.Adam(model.parameters()), torch.amp.GradScaler("cpu", enabled=False)
    with watching() as recorder:
        for number in range(12):
            rows = torch.randn(8, 6)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = nn.functional.cross_entropy(model(rows), (rows[:, 0] > 0).long()) / 3
            scaler.scale(loss).backward()
            if number % 3 == 2:
                scaler.step(optimizer)
                scaler.update()
                optimizer.zero_grad()
    assert (recorder.steps_done, recorder.backwards, recorder.troubles) == (4, 12, [])
    case = choose(recorder, Names(recorder))
    assert case is not None
    assert float(case.run()[case.loss]) > 0


def test_a_compiled_model_is_left_alone_and_traced_afterwards():
    torch.manual_seed(0)
    model = nn.Sequential(nn.EmbeddingBag(20, 8), nn.Linear(8, 2))
    rows, start = torch.randint(0, 20, (6, 8, 5)), [p.detach().clone() for p in model.parameters()]

    def train():
        for weight, value in zip(model.parameters(), start):
            weight.data.copy_(value)
        compiled = torch.compile(model, backend="eager")
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        losses = []
        for ids in rows:
            loss = nn.functional.cross_entropy(compiled(ids), (ids[:, 0] > 9).long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    with watching() as recorder:
        watched = train()
    torch.compiler.reset()
    assert watched == train()
    case = choose(recorder, Names(recorder))
    assert case is not None
    assert [op.name for op, *_ in case.lookups] == ["embedding_bag"]
    assert Names(recorder).module(case.roots[0].module) == "Sequential"
    assert recorder.troubles == []
    assert "the calls that torch.compile made of a model" in recorder.beyond


@pytest.mark.parametrize("name", ["nowhere", "nowhere.train", "box", "box.nothing"])
def test_a_module_that_is_not_there_is_no_fault_of_the_program(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "__init__.py").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=f"{name}: no such module to run"):
        run_watched(name, [], Recorder(), module=True)


def test_a_module_that_misses_another_one_raised(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ran, _ = run(tmp_path, "import a_library_that_nobody_has", module=True, name="lacking.py")
    assert ran.error["type"] == "ModuleNotFoundError"
    assert "a_library_that_nobody_has" in capsys.readouterr().err


def test_what_was_there_before_a_program_is_not_collected_anew_and_its_own_garbage_is(tmp_path, capsys):
    text = """
        import gc, weakref
        class Knot:
            pass
        knot = Knot()
        knot.itself = knot
        gone = weakref.ref(knot)
        del knot
        gc.collect()
        print(gone() is None, gc.get_freeze_count() > 1000)
    """
    run(tmp_path, text)
    assert capsys.readouterr().out == "True True\n"
    assert gc.get_freeze_count() == 0
