"""What the recorder keeps of a run: live objects and samples, for the experiments; the record is made from it."""

from __future__ import annotations

import weakref
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.doctor.tape import Site, Tape


@dataclass
class RootCall:
    """A call of a module from the user's own code: what went in and what came out."""

    module: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    training: bool
    grad: bool
    site: Site
    first_op: int = 0
    last_op: int = 0
    in_slots: list[int] = field(default_factory=list)
    out_slots: list[int] = field(default_factory=list)
    compiled: bool = False


@dataclass
class Step:
    """One stretch of the program on tape: a training step up to its `backward`, or a piece of an evaluation."""

    index: int
    tape: Tape
    roots: list[RootCall] = field(default_factory=list)
    loss: int | None = None  # the slot that `backward` was called on
    scale: float = 1.0
    value: float = 0.0  # of the loss
    evaluation: bool = False


@dataclass
class Lookup:
    """Ids that a table was asked for; `ids` is the program's own tensor."""

    table: Tensor
    ids: Tensor
    padding_idx: int | None
    bag: bool = False
    offsets: Tensor | None = None
    packing: tuple[Tensor, Tensor | None] | None = None  # of packed ids: rows in every step, and their order before
    given: Tensor | None = None  # what the model was given, where it drops or exchanges words while it trains

    @property
    def text(self) -> Tensor:
        """The ids of the text, as it was before the model dropped words of it."""
        return self.ids if self.given is None else self.given


@dataclass
class Batch:
    """What is kept of every batch within a limit: lookups, other inputs, target, answer."""

    step: int
    training: bool = False  # a backward followed
    mode: bool = False  # module.training at the call
    grad: bool = True
    lookups: list[Lookup] = field(default_factory=list)
    inputs: list[Tensor] = field(default_factory=list)
    targets: list[Tensor] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    fed: list[Tensor] = field(default_factory=list)  # what the losses were given as the answer
    outputs: list[Tensor] = field(default_factory=list)
    root: nn.Module | None = None
    loss: float | None = None
    calls: int = 0
    answers: int = 0  # numbers in `outputs` and `fed`
    whole: bool = True  # whether all that went in was kept
    read: list[Tensor] = field(default_factory=list)  # compared or taken out after the answer
    compared: bool = False  # whether one tensor was compared with another after the answer
    yielded: list[Tensor] = field(default_factory=list)  # what the data loader gave
    called_at: tuple[int, ...] = ()  # where in the user's code it was called for, the innermost first
    time_first: bool | None = None  # of ids that are as long as they are wide: whether they stand as (time, rows)
    call: tuple[Any, dict[str, Any]] | None = None  # what its model was first called with; slots stand for `inputs`
    noise: set[str] = field(default_factory=set)  # calls that drop numbers, in code without modules
    used: tuple[Tensor, int] | None = None  # of wide rows of numbers: how many use each column, and how many they are


@dataclass
class Movement:
    """One optimizer step seen closely: gradients before it, and how far it moved the weights."""

    step: int
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Write:
    """A call that filled or changed a table-like tensor before training."""

    name: str
    pointer: int
    shape: tuple[int, ...]
    site: Site
    count: int = 1
    before: Tensor | None = None  # sampled rows as they were
    parameter: bool = True
    value: Any = None
    weight: Any = None  # a weak reference to a parameter whose flag was set


@dataclass
class Optimizer:
    """An optimizer of the program, as it was at its first step."""

    live: torch.optim.Optimizer
    site: Site
    steps: int = 0
    cleared: bool = False  # whether a backward pass began without old gradients since its last step
    start: list[dict[str, Any]] = field(default_factory=list)
    held: list[Tensor] = field(default_factory=list)
    reached: int = 0  # weights that had a gradient at its last step
    turns: int = 0  # how often that changed
    given: tuple[Tensor, Tensor, Tensor] | None = None  # a weight, its old gradient, and what was asked for since

    @property
    def asked(self) -> bool:
        """Whether it is asked for old gradients at this step: at its first ones, and at a few later ones."""
        return self.steps < 14 or self.steps % 64 < 3


class Seen:
    """Everything seen of one run so far."""

    def __init__(self) -> None:
        self.steps_done = 0
        self.backwards = 0
        self.losses: list[float] = []
        self.loss_steps: list[int] = []
        self.rates: list[float] = []
        self.train_steps: list[Step] = []
        self.eval_steps: deque[Step] = deque(maxlen=8)
        self.first_eval: Step | None = None
        self.unfinished: Step | None = None
        self.batches: list[Batch] = []
        self.late: deque[Batch] = deque()  # the last ones, in full
        self.in_part: set[int] = set()  # steps after which an evaluation was not kept whole
        self.optimizers: dict[int, Optimizer] = {}
        self.movements: list[Movement] = []
        self.left_gradients: list[tuple[int, bool]] = []  # optimizer by number, whether old ones were left
        self.start: dict[int, tuple[Tensor, Tensor]] = {}  # id: (parameter, copy at the first step)
        self.last_sound: dict[int, Tensor] = {}  # id: copy of a parameter, when the first loss was no number
        self.row_start: dict[int, tuple[Tensor, Tensor, Tensor, Tensor]] = {}  # sampled rows of big tables
        self.roots: dict[int, nn.Module] = {}  # modules that the program calls itself
        self.made: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()  # layer or optimizer: site
        self.from_pretrained: list[dict[str, Any]] = []
        self.writes: list[Write] = []
        self.empties: list[tuple[tuple[int, ...], Tensor, Any, str]] = []
        self.shuffled: list[tuple[str, list[Any]]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.loads: list[dict[str, Any]] = []  # states that did not fill a module, and what of them fitted nowhere
        self.streams: list[tuple[str, str]] = []  # texts read as if they were files
        self.links = ""  # the folder that holds second names of temporary files
        self.found: dict[str, list[Any]] = {}  # mappings, vectors, texts among the program's live objects
        self.versions: dict[int, int] = {}  # of matrices that were found, how often they had been written into
        self.troubles: list[str] = []
        self.beyond: dict[str, str] = {}  # what could not be watched, and why


def sample_rows(rows: int, most: int = 1024) -> Tensor:
    """Row numbers to look at: the first ones, and others evenly over the table."""
    if rows <= most:
        return torch.arange(rows)
    head = most // 4
    rest = torch.linspace(head, rows - 1, most - head).long()
    return torch.cat([torch.arange(head), rest]).unique()
