"""Joint intent classification and slot tagging for a home assistant; learnt task weights, two optimisers."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(18)
torch.manual_seed(18)
ROOMS, THINGS, TIMES = "kitchen bedroom hall office cellar".split(), "lamp radio heater fan blinds".split(), "noon midnight six seven dawn".split()
PATTERNS = [("on", "please turn on the T in the R"), ("on", "switch the T on at W"), ("off", "turn off T in R"),
            ("off", "kill the T in the R at W"), ("ask", "is the T on in the R"), ("ask", "tell me about T now"),
            ("wake", "wake me at W"), ("wake", "set an alarm for W in the R please")]
INTENTS = ["on", "off", "ask", "wake"]
SLOTS = {"-": 0, "T": 1, "R": 2, "W": 3}
POOL = {"T": THINGS, "R": ROOMS, "W": TIMES}


def utterance():
    intent, pat = random.choice(PATTERNS)
    words, tags = [], []
    for w in pat.split():
        if random.random() < 0.12:
            words.append(random.choice(["uh", "well", "six", "fan", "hall"]))     # slips of the tongue
            tags.append(0)
        words.append(random.choice(POOL[w]) if w in POOL else w)
        tags.append(SLOTS.get(w, 0))
    return words, tags, INTENTS.index(intent)


rows = {" ".join(u[0]): u for u in (utterance() for _ in range(2200))}
rows = list(rows.values())
random.shuffle(rows)
train, test = rows[300:], rows[:300]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for u in train for w in u[0]}))}


def batch(us):
    us = sorted(us, key=lambda u: -len(u[0]))
    x = pad_sequence([torch.tensor([vocab.get(w, 0) for w in u[0]]) for u in us], batch_first=True)
    t = pad_sequence([torch.tensor(u[1]) for u in us], batch_first=True, padding_value=-1)
    return x, torch.tensor([len(u[0]) for u in us]), t, torch.tensor([u[2] for u in us])


class Joint(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 20, batch_first=True, bidirectional=True)
        self.slot, self.intent = nn.Linear(40, len(SLOTS)), nn.Linear(40, len(INTENTS))
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, x, n):
        out, h = self.rnn(pack_padded_sequence(self.emb(x), n, batch_first=True))
        out, _ = pad_packed_sequence(out, batch_first=True)
        return self.slot(out), self.intent(torch.cat([h[0], h[1]], 1))


model = Joint()
slow = torch.optim.Adam([p for k, p in model.named_parameters() if k != "log_var"], lr=8e-3)
fast = torch.optim.SGD([model.log_var], lr=0.05)
ce = nn.CrossEntropyLoss(ignore_index=-1)


@torch.no_grad()
def evaluate(us):
    model.eval()
    x, n, t, y = batch(us)
    s, i = model(x, n)
    real = t >= 0
    return (s.argmax(2) == t)[real].float().mean().item(), (i.argmax(1) == y).float().mean().item()


for epoch in range(4):
    model.train()
    random.shuffle(train)
    shown = []
    for k in range(0, len(train), 40):
        x, n, t, y = batch(train[k:k + 40])
        s, i = model(x, n)
        both = torch.stack([ce(s.flatten(0, 1), t.flatten()), ce(i, y)])
        loss = (both * torch.exp(-model.log_var) + model.log_var).sum()
        slow.zero_grad(), fast.zero_grad()
        loss.backward()
        slow.step(), fast.step()
        shown.append(loss.item())
    print("epoch %d joint %+.3f | slots/intent train %.3f %.3f test %.3f %.3f" % (epoch, sum(shown) / len(shown), *evaluate(train), *evaluate(test)))
