# Chat assistant of the chemistry lab: what does the student want next?
# A message ("and the same with it?") makes sense only with the messages before, so the present message
# attends over the (up to 4) previous messages of its thread.  Bag-of-words message vectors, made-up transcripts.
import math
import numpy as np
import torch
from torch import nn

gen = np.random.default_rng(2024)
torch.manual_seed(2024)
TASKS = {"weigh": ["scale", "grams", "balance", "tare"], "heat": ["burner", "degrees", "oven", "boil"],
         "mix": ["stir", "beaker", "shake", "blend"], "measure": ["volume", "pipette", "level", "ph"]}
NAMES = list(TASKS)
CHAT = ["ok", "so", "well", "we", "now", "ready", "go", "fine", "team", "next", "please", "maybe"]
VAGUE = ["again", "same", "repeat", "likewise"]
VOCAB = {w: i for i, w in enumerate(sorted({w for ws in TASKS.values() for w in ws} | set(CHAT) | set(VAGUE)))}
H = 4


def msg(words):
    v = np.zeros(len(VOCAB), dtype=np.float32)
    for w in words:
        v[VOCAB[w]] += 1
    return v


def thread():
    """rows (message, history, history mask, label) of one conversation"""
    past, rows = [], []
    last = None
    for step in range(int(gen.integers(3, 6))):
        talk = list(gen.choice(CHAT, 3))
        kind = gen.random()
        if last is None or kind < 0.4:
            last = int(gen.integers(4))
            words = talk + list(gen.choice(TASKS[NAMES[last]], 2))
        elif kind < 0.7:
            words = talk + [str(gen.choice(VAGUE))]
        else:
            words = None
        if words is not None:
            hist = np.zeros((H, len(VOCAB)), dtype=np.float32)
            there = np.zeros(H, dtype=bool)
            for k, p in enumerate(past[::-1][:H]):
                hist[k], there[k] = p, True
            m = msg(words)
            rows.append((m, hist, there, last))
            past.append(m)
    return rows


def stack(threads):
    rows = [r for t in threads for r in t]
    m, h, k, y = zip(*rows)
    return torch.tensor(np.stack(m)), torch.tensor(np.stack(h)), torch.tensor(np.stack(k)), torch.tensor(y)


class Intent(nn.Module):
    def __init__(self, v, d=24):
        super().__init__()
        self.enc = nn.Linear(v, d)
        self.pos = nn.Parameter(torch.randn(H, d) * 0.3)
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.out = nn.Sequential(nn.Linear(2 * d, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, m, h, there):
        a = torch.tanh(self.enc(m))
        hh = torch.tanh(self.enc(h)) + self.pos
        att = (self.k(hh) @ self.q(a).unsqueeze(2)).squeeze(2) / math.sqrt(a.shape[1])
        # fault:
        w = att.masked_fill(~there, float("-inf")).softmax(dim=1)
        # mended:
        # first = ~there.any(dim=1, keepdim=True)
        # w = att.masked_fill(~(there | first), float("-inf")).softmax(dim=1).masked_fill(first, 0.0)
        # end
        c = (w.unsqueeze(2) * self.v(hh)).sum(1)
        return self.out(torch.cat([a, c], 1))


tr, te = stack([thread() for _ in range(900)]), stack([thread() for _ in range(150)])
net = Intent(len(VOCAB))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
n = len(tr[0])
for ep in range(7):
    losses = []
    for idx in torch.as_tensor(gen.permutation(n)).split(40):
        m, h, k, y = (t[idx] for t in tr)
        loss = nn.functional.cross_entropy(net(m, h, k), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        ok = net(*te[:3]).argmax(1) == te[3]
    print(f"epoch {ep}: {n} messages, loss {np.mean(losses):.4f}, intent accuracy on new threads {ok.float().mean():.3f}")
