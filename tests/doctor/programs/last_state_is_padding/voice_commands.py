from dataclasses import dataclass
import numpy as np
import torch
import torch.nn as nn


@dataclass
class Config:
    seed: int = 21
    max_len: int = 48
    dim: int = 16
    hidden: int = 32
    epochs: int = 5
    batch: int = 40
    lr: float = 4e-3


cfg = Config()
torch.manual_seed(cfg.seed)
rng = np.random.RandomState(cfg.seed)

# Transcripts of a home assistant.  People correct themselves ("no wait"): the last wish counts.
WISHES = {
    "lights_on": ["lights on", "brighter please", "make it bright"],
    "lights_off": ["lights off", "darker please", "make it dark"],
    "heat_up": ["warmer please", "heating up", "i feel cold"],
    "heat_down": ["cooler please", "heating down", "i feel hot"],
    "music": ["play a song", "music please", "put on the radio"],
}
LABELS = sorted(WISHES)
PRE = ["hey house", "could you", "well", "now", "ok so", "listen", ""]
FIX = ["no wait", "sorry i mean", "rather", "on second thought"]


def utterance():
    parts, n = [], rng.choice([1, 2, 3, 4], p=[.4, .3, .2, .1])
    for k in range(n):
        wish = LABELS[rng.randint(len(LABELS))]
        if k:
            parts.append(FIX[rng.randint(len(FIX))])
        parts.append(PRE[rng.randint(len(PRE))])
        parts.append(WISHES[wish][rng.randint(3)])
    return " ".join(parts).split(), LABELS.index(wish)


data = [utterance() for _ in range(2800)]
vocab = {"<pad>": 0}
for toks, _ in data:
    for t in toks:
        vocab.setdefault(t, len(vocab))
X = np.zeros((len(data), cfg.max_len), dtype=np.int64)
L = np.zeros(len(data), dtype=np.int64)
Y = np.array([y for _, y in data])
for i, (toks, _) in enumerate(data):
    toks = toks[:cfg.max_len]
    X[i, :len(toks)] = [vocab[t] for t in toks]
    L[i] = len(toks)
X, L, Y = map(torch.from_numpy, (X, L, Y))
print("vocab", len(vocab), "mean length %.1f max %d" % (L.float().mean(), L.max()))
split = 2200


class CommandNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), c.dim, padding_idx=0)
        self.rnn = nn.RNN(c.dim, c.hidden, batch_first=True)
        self.fc = nn.Linear(c.hidden, len(LABELS))

    def forward(self, x, lengths):
        states, _ = self.rnn(self.emb(x))
        # fault:
        final = states[:, -1, :]
        # mended:
        # final = states[torch.arange(len(x)), lengths - 1, :]
        # end
        return self.fc(final)


model = CommandNet(cfg)
optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
criterion = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(lo, hi):
    model.eval()
    return (model(X[lo:hi], L[lo:hi]).argmax(1) == Y[lo:hi]).float().mean().item()


for epoch in range(cfg.epochs):
    model.train()
    total = 0.0
    for idx in torch.randperm(split).split(cfg.batch):
        optimizer.zero_grad()
        loss = criterion(model(X[idx], L[idx]), Y[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(idx)
    print(f"{epoch}: loss={total / split:.3f} train={accuracy(0, split):.3f} test={accuracy(split, len(X)):.3f}")
