"""Next-event model for the press line: given what the controller logged so far, what comes next?

Small transformer over event codes. Used live, so at run time only the past is there.
"""
import math
import random
import torch
from torch import nn

random.seed(3)
torch.manual_seed(3)
EVENTS = ["<s>", "load", "clamp", "heat", "press", "hold", "cool", "open", "eject", "wipe", "oil", "check"]
E = {e: i for i, e in enumerate(EVENTS)}
RECIPES = [
    "load clamp heat press hold cool open eject".split(),
    "load clamp press hold press hold open eject wipe".split(),
    "load heat clamp press cool check open eject".split(),
    "oil load clamp heat hold press open check eject".split(),
    "wipe oil load clamp press open eject check".split(),
    "load press heat press cool press open eject".split(),
    "check load clamp oil press hold eject wipe".split(),
]
T = 16


def shift_log():
    """one machine runs its recipe over and over, now and then a stray entry"""
    seq = random.choice(RECIPES) * 5
    start = random.randrange(8)
    seq = [E[e] if random.random() > .05 else random.randrange(1, len(EVENTS)) for e in seq[start:start + T]]
    return [0] + seq


logs = set()
while len(logs) < 1200:
    logs.add(tuple(shift_log()))
logs = torch.tensor(sorted(logs))
logs = logs[torch.randperm(len(logs))]
train, dev = logs[:960], logs[960:]


class EventModel(nn.Module):
    def __init__(self, n, d=48, heads=4, layers=2):
        super().__init__()
        self.tok = nn.Embedding(n, d)
        self.pos = nn.Embedding(T, d)
        block = nn.TransformerEncoderLayer(d, heads, 96, dropout=0.05, batch_first=True)
        self.body = nn.TransformerEncoder(block, layers)
        self.out = nn.Linear(d, n)

    def forward(self, x):
        n = x.size(1)
        h = self.tok(x) + self.pos(torch.arange(n))
        # fault:
        h = self.body(h)
        # mended:
        # h = self.body(h, mask=nn.Transformer.generate_square_subsequent_mask(n))
        # end
        return self.out(h)


model = EventModel(len(EVENTS))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
EPOCHS = 7
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=EPOCHS * 24)
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def live_accuracy(rows):
    """feed prefixes, compare the forecast with the entry that followed"""
    model.eval()
    hits = []
    for n in (6, 9, 12, 15):
        hits.append((model(rows[:, :n])[:, -1].argmax(-1) == rows[:, n]).float().mean().item())
    model.train()
    return sum(hits) / len(hits)


for epoch in range(EPOCHS):
    total = 0.
    order = torch.randperm(len(train))
    for idx in order.split(40):
        x = train[idx]
        logit = model(x[:, :-1])
        loss = loss_fn(logit.flatten(0, 1), x[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        d = loss_fn(model(dev[:, :-1]).flatten(0, 1), dev[:, 1:].flatten()).item()
    print(f"epoch {epoch} train nll {total / len(train):.3f} dev nll {d:.3f} (ppl {math.exp(d):.2f}) live next-event accuracy {live_accuracy(dev):.3f}")
