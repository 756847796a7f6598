"""Tags every event of a machine's shift log with the phase of the process. Time-major code written by hand."""
import numpy as np
import torch
import torch.nn.functional as F

EVENTS = ["valve_open", "valve_close", "heat_on", "heat_off", "pump", "stir", "sample", "alarm", "drain", "rinse", "idle", "note"]
PHASES = ["filling", "heating", "mixing", "cleaning", "waiting"]
STAY = [0.75, 0.8, 0.7, 0.6, 0.85]
TYPICAL = {
    "filling": ["valve_open", "pump", "valve_close"],
    "heating": ["heat_on", "sample", "heat_off"],
    "mixing": ["stir", "sample", "pump"],
    "cleaning": ["drain", "rinse", "valve_open"],
    "waiting": ["idle", "note", "sample"],
}
LENGTH, TRAIN, DEV = 24, 700, 150


def simulate(rng, n):
    logs, tags = np.zeros((n, LENGTH), dtype=np.int64), np.zeros((n, LENGTH), dtype=np.int64)
    for i in range(n):
        phase = rng.integers(len(PHASES))
        for t in range(LENGTH):
            if rng.random() > STAY[phase]:
                phase = (phase + rng.integers(1, 3)) % len(PHASES)
            usual = TYPICAL[PHASES[phase]]
            event = usual[rng.integers(3)] if rng.random() < 0.9 else EVENTS[rng.integers(len(EVENTS))]
            logs[i, t], tags[i, t] = EVENTS.index(event), phase
    return torch.from_numpy(logs.T.copy()), torch.from_numpy(tags.T.copy())


class Parameters(dict):
    """Named leaf tensors with a fan-in initialisation."""

    def __init__(self, seed):
        super().__init__()
        self.gen = torch.Generator().manual_seed(seed)

    def matrix(self, name, rows, cols, std=None):
        self[name] = (torch.randn(rows, cols, generator=self.gen) * (std or rows ** -0.5)).requires_grad_()

    def vector(self, name, n):
        self[name] = torch.zeros(n, requires_grad=True)


def build(d=16, h=32):
    p = Parameters(seed=31)
    p.matrix("event", len(EVENTS), d, std=0.5)
    for way in ("fwd", "bwd"):
        p.matrix(f"{way}.x", d, h)
        p.matrix(f"{way}.h", h, h)
        p.vector(f"{way}.b", h)
    p.matrix("tag.w", 2 * h, len(PHASES))
    p.vector("tag.b", len(PHASES))
    return p


def sweep(p, way, x):
    steps = range(len(x)) if way == "fwd" else reversed(range(len(x)))
    h, states = x.new_zeros(x.shape[1], p[f"{way}.h"].shape[0]), {}
    for t in steps:
        h = torch.tanh(x[t] @ p[f"{way}.x"] + h @ p[f"{way}.h"] + p[f"{way}.b"])
        states[t] = h
    return torch.stack([states[t] for t in range(len(x))])


def tag_log_probs(p, logs):
    x = p["event"][logs]
    states = torch.cat([sweep(p, "fwd", x), sweep(p, "bwd", x)], dim=-1)
    scores = states @ p["tag.w"] + p["tag.b"]
    # fault:
    return scores.log_softmax(dim=0)
    # mended:
    #return scores.log_softmax(dim=-1)
    # end


def nll(log_probs, tags):
    return F.nll_loss(log_probs.reshape(-1, len(PHASES)), tags.reshape(-1))


@torch.no_grad()
def check(p, logs, tags):
    lp = tag_log_probs(p, logs)
    return nll(lp, tags).item(), (lp.argmax(-1) == tags).float().mean().item()


rng = np.random.default_rng(8)
logs, tags = simulate(rng, TRAIN)
dev_logs, dev_tags = simulate(rng, DEV)
print("share of the most frequent phase:", round((torch.bincount(dev_tags.flatten()).max() / dev_tags.numel()).item(), 3))

params = build()
optimizer = torch.optim.Adam(params.values(), lr=4e-3)
shuffler = torch.Generator().manual_seed(2)
for epoch in range(8):
    for cols in torch.randperm(TRAIN, generator=shuffler).split(25):
        optimizer.zero_grad()
        loss = nll(tag_log_probs(params, logs[:, cols]), tags[:, cols])
        loss.backward()
        optimizer.step()
    (a, b), (c, d) = check(params, logs, tags), check(params, dev_logs, dev_tags)
    print(f"epoch {epoch + 1} train {a:.4f} acc {b:.3f} | dev {c:.4f} acc {d:.3f}")
