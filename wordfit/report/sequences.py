"""What a sequence-to-sequence run wrote: samples beside their references, and where it looked.

Sections of a run page. `evaluation["samples"]` holds rows of `source`, `target`, `predicted` and if known
`score`; `evaluation["attention"]` rows of `source` and `predicted` (lists of tokens) and `weights`, one row of
shares a predicted token.
"""

from __future__ import annotations

from typing import Any

from wordfit.report.figures import heat, label
from wordfit.report.page import Data
from wordfit.report.wording import score

MOST_SAMPLES = 20
MOST_MAPS = 12


def samples(data: Data) -> dict[str, Any] | None:
    """Source, reference and what the model wrote."""
    rows = (data["evaluation"].get("samples") or [])[:MOST_SAMPLES]
    if not rows:
        return None
    return {
        "rows": [
            {
                "source": row.get("source", ""),
                "target": row.get("target", ""),
                "predicted": row.get("predicted", ""),
                "same": row.get("target") == row.get("predicted"),
                "score": score(row["score"]) if "score" in row else "",
            }
            for row in rows
        ]
    }


def attention(data: Data) -> dict[str, Any] | None:
    """For a few texts, how much each written token looked at each source token."""
    rows = (data["evaluation"].get("attention") or [])[:MOST_MAPS]
    maps = []
    for row in rows:
        source, written = [str(t) for t in row["source"]], [str(t) for t in row["predicted"]]
        drawn = heat(
            row["weights"],
            written,
            source,
            "Attention: each row is a written token, each column a source token.",
            x="source",
            y="written",
            hover="%{text}: %{z:.2f}",
            height=140 + 26 * len(written),
        )
        for side, tokens in (("x", source), ("y", written)):  # by place, since a token may occur twice
            places = list(range(len(tokens)))
            drawn["data"][0][side] = places
            ticks = {"type": "linear", "tickmode": "array", "tickvals": places}
            drawn["layout"][f"{side}axis"] |= {**ticks, "ticktext": [label(token, 18) for token in tokens]}
        drawn["data"][0]["text"] = [[f"{label(w)} at {label(s)}" for s in source] for w in written]
        drawn["data"][0] |= {"zmin": 0, "zmax": 1}
        maps.append({"name": " ".join(written), "figure": drawn})
    return {"maps": maps} if maps else None
