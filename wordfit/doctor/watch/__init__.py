"""Watch a PyTorch training unchanged: hooks that keep samples and never touch what the program computes.

`recorder` puts the hooks in place; what they hear goes to one file each: module calls (`calls`), functions of torch
(`functions`), where tables and data come from (`origins`, `files`), backward passes and optimiser steps (`steps`).
`taping` chooses the steps that are put on tape in full; `batches` keeps a little of every batch.
"""

from wordfit.doctor.watch.functions import LOSSES
from wordfit.doctor.watch.recorder import Recorder, watching
from wordfit.doctor.watch.watched import flat_tensors

__all__ = ["LOSSES", "Recorder", "flat_tensors", "watching"]
