"""The fit loop, and what a run leaves behind."""

from wordfit.training.model import TrainedModel
from wordfit.training.run import fit, run
from wordfit.training.settings import Settings
from wordfit.training.trainer import Observer, Trainer

__all__ = ["Observer", "Settings", "TrainedModel", "Trainer", "fit", "run"]
