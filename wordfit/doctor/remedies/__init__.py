"""Remedies that can be applied from outside: a change of what torch is handed, one small function for each cause.

They are put over the recorder's hooks before the program runs again, in a process of its own, and are never undone.
Each says through `acted` that it changed something: a remedy that the program never passes through speaks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wordfit.doctor.remedies.attention import causal, turn_masks
from wordfit.doctor.remedies.layers import (
    batch_first,
    dense,
    in_one_precision,
    no_max_norm,
    quiet_evaluation,
    shuffled,
    unfreeze,
    zero_padding_row,
)
from wordfit.doctor.remedies.losses import (
    against_sign,
    all_classes,
    logarithms,
    other_input,
    same_shape,
    targets_in_range,
    weigh_classes,
    without_empty_batches,
)
from wordfit.doctor.remedies.optimizers import (
    clear_after_step,
    clip,
    each_optimizer,
    fresh_start,
    hold_tables,
    hold_the_rest,
    no_decay,
    rows_of_the_step,
    scale_rates,
)

REMEDIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "double_softmax": other_input("cross_entropy", logarithms),
    "double_sigmoid": other_input("binary_cross_entropy_with_logits", lambda x: x.clamp(1e-6, 1 - 1e-6).logit()),
    "nll_loss_on_probabilities": other_input(
        "nll_loss", lambda x: x.clamp(min=1e-12).log() if bool((x >= 0).all()) else x
    ),
    "kl_div_not_log_prob": other_input(
        "kl_div", lambda x: x.clamp(min=1e-12).log() if bool((x >= 0).all()) else x.log_softmax(-1)
    ),
    "ctc_raw_logits": other_input("ctc_loss", lambda x: x.log_softmax(-1)),
    "bce_target_out_of_range": targets_in_range,
    "flipped_loss_sign": against_sign,
    "loss_shape_broadcast": same_shape,
    "ignore_index_drops_class": all_classes,
    "class_imbalance": weigh_classes,
    "lr_too_high": scale_rates,
    "lr_too_low": scale_rates,
    "weight_decay_unseen_rows": each_optimizer(no_decay),
    "zero_grad_missing": clear_after_step,
    "exploding_gradient": clip,
    "params_missing_from_optimizer": hold_the_rest,
    "eval_mode_missing": quiet_evaluation,
    "frozen_by_default": unfreeze,
    "finetune_overfit_small_data": hold_tables,
    "catastrophic_forgetting": hold_tables,
    "freeze_flag_ineffective": hold_tables,
    "adam_momentum_stale_rows": rows_of_the_step,
    "optimizer_holds_stale_params": hold_the_rest,
    "init_scale_too_large": each_optimizer(fresh_start(scale=True)),
    "symmetric_init": each_optimizer(fresh_start(scale=False)),
    "attention_mask_inverted": turn_masks,
    "missing_causal_mask": causal,
    "unshuffled_training_data": shuffled,
    "sparse_grad_unsupported_optimizer": dense,
    "embedding_dtype_mismatch": in_one_precision,
    "all_targets_ignored": without_empty_batches,
    "max_norm_inplace_renorm": no_max_norm,
    "padding_row_nonzero": zero_padding_row,
    "batch_first_mismatch": batch_first,
}

FACTORS: dict[str, tuple[float, ...]] = {"lr_too_high": (0.1, 0.01, 0.001, 0.0001), "lr_too_low": (30.0, 10.0, 300.0)}
"""By how much a learning rate is changed, a run each until one bears the finding out: how far off it is, none tells."""
