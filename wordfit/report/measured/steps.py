"""What the experiments on training, its losses and its weights found, in a line or two each."""

from __future__ import annotations

from wordfit.report.measured.phrases import Lines, first, line, tell
from wordfit.report.page import Data
from wordfit.report.wording import number


def weights(r: Data) -> Lines:
    rows = [w for w in r.get("rows") or [] if w.get("trainable") and w.get("on_path")]
    free = [w["name"] for w in rows if not w.get("held")]
    still = [w["name"] for w in rows if w.get("held") and w.get("moved") == 0]
    old = sum(bool(left) for _, left in r.get("left_gradients") or [])
    return [
        line(
            tell("{:n} trainable weights reach the loss", len(rows)),
            tell("held by no optimizer: {:words}", free) if free else "an optimizer holds all of them",
            tell("held, but never moved: {:words}", still) if still else "",
        ),
        tell("{:n} steps began with gradients of the step before", old) if old else "",
    ]


def tables(r: Data) -> Lines:
    said = []
    for t in r.get("tables") or []:
        occurred, absent = t.get("occurred") or {}, t.get("absent") or {}
        said.append(
            line(
                tell("{}: {:n} of {:n} rows occurred", t["name"], t.get("seen_rows"), t["rows"]),
                "held still"
                if t.get("trainable") is False
                else tell("they moved by {:%} of their length", occurred.get("moved")),
                tell("the others by {:%}", absent.get("moved")),
            )
        )
    return said[:3] or ["no table was looked up in"]


def losses(r: Data) -> Lines:
    call, ends, way = first(r.get("calls")), r.get("extremes") or {}, r.get("direction") or {}
    name = tell("{:call}", call["loss"]) if call.get("loss") else "a loss of its own"
    return [
        line(
            tell(f"{name} on a batch: {{:n}}", r.get("value")),
            tell("right answers would cost {:n}, uniform ones {:n}", ends.get("perfect"), ends.get("uniform")),
            tell("the majority's {:n}", ends.get("majority")),
            tell("{:n} of {:n} losses were negative", r["negative"], r.get("steps")) if r.get("negative") else "",
        ),
        tell("at the start a step raised the right answer in {:%} of the rows", way.get("start")),
    ]


def belonging(r: Data) -> Lines:
    return [
        tell(
            "the answer that the loss raises goes with the question by {:n}, the one that it lowers by {:n}",
            r.get("raised_goes_with"),
            r.get("lowered_goes_with"),
        ),
        tell(
            "a step brings {:%} of the data's own pairs nearer, and {:%} of those drawn at random",
            r.get("given_nearer"),
            r.get("drawn_nearer"),
        ),
    ]


def sequence(r: Data) -> Lines:
    said = []
    for row in (r.get("inputs") or [])[:3]:
        copies, future = row.get("copies") or {}, row.get("future") or {}
        said.append(
            line(
                tell(
                    "input {:n}: {:%} of the targets are the word at the same place",
                    row["input"] + 1,
                    copies.get("same"),
                ),
                tell("{:%} the word after it", copies.get("next")),
                tell("later words change earlier answers by {:sized} their size", future.get("early")),
            )
        )
    targets = r.get("targets") or {}
    return [*said, tell("{:%} of the loss's gradient lies at padding", targets.get("gradient_at_fill"))]


def units(r: Data) -> Lines:
    ends = [a["end"] for a in r.get("activations") or [] if a.get("end")]
    equal = [w["weight"] for w in r.get("equal_units") or [] if not w.get("output")]
    if not ends and not equal:
        return ["no activation function, and no units that start equal"]
    return [
        line(
            tell(
                "activations: {:n}; in the worst {:%} of the units are zero for every row, {:%} of values at a bound",
                len(ends),
                max(e.get("dead", 0) for e in ends),
                max(e.get("saturated", 0) for e in ends),
            )
            if ends
            else "",
            tell("units of {:words} start equal", equal) if equal else "no units start equal",
        )
    ]


def gradients(r: Data) -> Lines:
    start = r.get("start") or {}
    along, ratio, broken = start.get("along") or [], start.get("time_ratio") or {}, r.get("broken") or {}
    early, late = ratio.get("early"), ratio.get("late")
    whole = [x for x in (early, late) if isinstance(x, (int, float))]
    return [
        line(
            tell(
                "the gradient's norm is {:n} at the first call and {:n} at the last",
                along[0]["norm"],
                along[-1]["norm"],
            )
            if along
            else "",
            tell("at the first word it is {:of} that at the last of {:n}", early / late, ratio.get("length"))
            if len(whole) == 2 and late
            else "",
        ),
        tell("the first value that is no number comes from {:call}, {:line}", broken.get("op"), broken.get("line")),
    ]


def numbers(r: Data) -> Lines:
    bad: Data = next((b for b in reversed(r.get("batches") or []) if b.get("forward") or b.get("backward")), {})
    call = bad.get("forward") or bad.get("backward") or r.get("again") or {}
    way = "on the way back from" if call.get("direction") == "backward" else "from"
    return [
        line(
            tell("the loss is no number in step {:n}", r.get("first_bad")),
            tell(f"first {way} {{:call}}, {{:line}}", call.get("op"), call.get("line")),
            tell("which was given {:given}", call["inputs"][:2]) if call.get("inputs") else "",
        )
    ]


def what_if(r: Data) -> Lines:
    names = {
        "passed": "gradients let through the detach",
        "calm": "a start of a smaller scale",
        "turned": "the mask turned around",
        "unbound": "the clamp away",
    }
    said = [
        tell(
            f"with {name} the same steps lower the loss to {{:n}}, without to {{:n}}",
            r[k].get("learned_with_it"),
            r[k].get("learned"),
        )
        for k, name in names.items()
        if r.get(k)
    ]
    return [s for s in said if s] or ["nothing suspicious to train without"]


def rates(r: Data) -> Lines:
    runs = r.get("runs") or {}
    own, memory = runs.get("1.0") or {}, r.get("memorise") or {}
    others = [(n, runs[k]) for k, n in (("0.1", "a tenth of"), ("10.0", "ten times")) if k in runs]
    if own and number(own.get("before")) is None:
        return [tell("the loss of {:n} batches is no number with the weights of the start", r.get("batches"))]
    return [
        line(
            tell(
                "with its own rate the loss on {:n} batches goes from {:n} to {:n}",
                r.get("batches"),
                own.get("before"),
                own.get("after"),
            ),
            tell("in {:n} steps", own.get("steps")),
            *[tell(f"with {name} it to {{:n}}", run.get("after")) for name, run in others],
        ),
        tell("with the best rate tried it gets to {:n}", memory.get("lowest")),
    ]


def stale_rows(r: Data) -> Lines:
    return [
        line(
            tell("{:n} rows of rare words of {}", r.get("rare_rows"), r.get("table")),
            tell("moved {:n} times as far again as the steps with their words could carry them", r.get("excess")),
        )
    ]


def retrained(r: Data) -> Lines:
    ways = {"1.0": "as it was", "10.0": "at ten times the rate", "100.0": "at a hundred times", "0.1": "at a tenth"}
    costs = [(said, r.get(way) or {}) for way, said in {**ways, "clipped": "clipped"}.items()]
    said = line(*(tell(said + " {:n}", cost.get("learned")) for said, cost in costs))
    return [f"loss at the end: {said}"] if said else []


def freed(r: Data) -> Lines:
    return [
        line(
            tell("with the vectors as they were {:%} of {:n} new rows are right", r.get("frozen"), r.get("rows")),
            tell("tuned {:%}", r.get("tuned")),
            tell("a plain learner answers {:%}", r.get("plain_learner")),
        )
    ]


def frozen(r: Data) -> Lines:
    tuned = r.get("tuned_again", r.get("tuned"))
    return [
        line(
            tell("with the vectors held still {:%} of {:n} new rows are right", r.get("frozen"), r.get("dev_rows")),
            tell("tuned {:%}", tuned),
            tell("a standard error is {:%}", r.get("error")),
        )
    ]


def onward(r: Data) -> Lines:
    course = [c[0] if isinstance(c, list) else c for c in r.get("course") or []]
    return [
        line(
            tell("{:%} of the evaluation is right after {:n} passes over the data", r.get("accuracy"), r.get("epochs")),
            "trained on: " + ", then ".join(tell("{:%}", c) for c in course) if course else "",
        )
    ]
