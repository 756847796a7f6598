"""Remedies of masks: turned around, or looking back only."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.remedies.acting import acted, wrap_over

HIDDEN = -1e3
"""Scores at most this large are hidden from a softmax."""


def turn_masks(finding: dict[str, Any]) -> None:
    """The padding mask the other way round: where attention is handed one, and where scores are filled by one."""
    import torch
    import torch.nn.functional as F

    def turned(mask: Any) -> Any:
        if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool:
            return mask
        acted()
        return ~mask

    def wrap(original: Any) -> Any:
        def attend(*a: Any, **k: Any) -> Any:
            return original(*a, **{**k, "key_padding_mask": turned(k.get("key_padding_mask"))})

        return attend

    def wrap_scaled(original: Any) -> Any:
        def attend(query: Any, key: Any, value: Any, attn_mask: Any = None, *a: Any, **k: Any) -> Any:
            return original(query, key, value, turned(attn_mask), *a, **k)

        return attend

    inside: list[int] = []  # a call on tape comes by a second time

    def wrap_fill(original: Any) -> Any:
        def fill(self: Any, mask: Any, value: Any) -> Any:
            hides = isinstance(value, (int, float)) and value <= HIDDEN and not inside
            inside.append(1)
            try:
                return original(self, turned(mask) if hides else mask, value)
            finally:
                inside.pop()

        return fill

    torch.backends.mha.set_fastpath_enabled(False)
    wrap_over(F, "multi_head_attention_forward", wrap)
    wrap_over(F, "scaled_dot_product_attention", wrap_scaled)
    for name in ("masked_fill", "masked_fill_"):
        wrap_over(torch.Tensor, name, wrap_fill)


def causal(finding: dict[str, Any]) -> None:
    """Attention of a sequence to itself looks back only."""
    import torch
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def attend(query: Any, key: Any, *a: Any, **k: Any) -> Any:
            if k.get("attn_mask") is None and query is key:
                acted()
                length = query.shape[0]
                k["attn_mask"] = torch.ones(length, length, dtype=torch.bool, device=query.device).triu(1)
            return original(query, key, *a, **k)

        return attend

    def wrap_scaled(original: Any) -> Any:
        def attend(query: Any, key: Any, value: Any, attn_mask: Any = None, *a: Any, **k: Any) -> Any:
            if attn_mask is None and query.shape[-2] == key.shape[-2] and not a and not k.get("is_causal"):
                acted()
                k["is_causal"] = True
            return original(query, key, value, attn_mask, *a, **k)

        return attend

    def wrap_softmax(original: Any) -> Any:
        def softmax(input: Any, dim: Any = None, *a: Any, **k: Any) -> Any:
            square = input.dim() >= 3 and input.shape[-1] == input.shape[-2] > 1 and dim in (-1, input.dim() - 1)
            if square and bool((input[..., 0, -1] > HIDDEN).any()):  # the first word sees the last
                acted()
                later = torch.ones(input.shape[-2:], dtype=torch.bool, device=input.device).triu(1)
                input = input.masked_fill(later, float("-inf"))
            return original(input, dim, *a, **k)

        return softmax

    torch.backends.mha.set_fastpath_enabled(False)
    wrap_over(F, "multi_head_attention_forward", wrap)
    wrap_over(F, "scaled_dot_product_attention", wrap_scaled)
    for owner in (F, torch, torch.Tensor):
        wrap_over(owner, "softmax", wrap_softmax)
