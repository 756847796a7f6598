"""The fit loop, and what a run leaves behind. Names load when first used: reading a run folder needs no torch."""

from wordfit.lazy import lazily

_HOME = {
    "Observer": "wordfit.training.trainer",
    "RunFolder": "wordfit.training.run_folder",
    "Settings": "wordfit.training.settings",
    "TrainedModel": "wordfit.training.model",
    "Trainer": "wordfit.training.trainer",
    "fit": "wordfit.training.runs",
    "prepare": "wordfit.training.preparation",
    "run": "wordfit.training.runs",
}

__all__ = sorted(_HOME)


__getattr__, __dir__ = lazily(__name__, _HOME)
