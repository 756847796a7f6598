"""Normalise the dates in the finding aids of our archive:  "Tue 4 march 1871" -> 1871 03 04
Old typists wrote them in every order. Words in, words out, small GRU seq2seq."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)

MONTHS = "january february march april may june july august september october november december".split()
YEARS = [str(y) for y in range(1868, 1880)]
DAYS = [str(d) for d in range(1, 29)]


def typed():
    d, m, y = random.randrange(28), random.randrange(12), random.randrange(len(YEARS))
    month = random.choice([MONTHS[m], MONTHS[m][:3] + "."])
    order = random.choice(["dmy", "mdy", "ymd"])
    src = [{"d": DAYS[d], "m": month, "y": YEARS[y]}[c] for c in order]
    return src, [YEARS[y], "%02d/" % (m + 1), DAYS[d]]


cards = [typed() for _ in range(5000)]
s_words = sorted({w for s, _ in cards for w in s})
t_words = ["<go>", "<end>"] + sorted({w for _, t in cards for w in t})
s_id = {w: i for i, w in enumerate(s_words)}
t_id = {w: i for i, w in enumerate(t_words)}

seen, unique = set(), []
for s, t in cards:
    if tuple(s) not in seen:
        seen.add(tuple(s))
        unique.append((s, t))
S = torch.tensor([[s_id[w] for w in s] for s, _ in unique])
T = torch.tensor([[0] + [t_id[w] for w in t] + [1] for _, t in unique])
cut = len(S) - 500
print(len(S), "cards,", len(s_words), "typed forms")


class Normaliser(nn.Module):
    def __init__(self, hid=80):
        super().__init__()
        self.src = nn.Embedding(len(s_words), 40)
        self.tgt = nn.Embedding(len(t_words), 40)
        self.reader = nn.GRU(40, hid, batch_first=True)
        self.writer = nn.GRU(40, hid, batch_first=True)
        self.word = nn.Linear(hid, len(t_words))

    def forward(self, s, t):
        _, state = self.reader(self.src(s))
        # fault:
        out, _ = self.writer(self.tgt(t))
        # mended:
        # out, _ = self.writer(self.tgt(t), state)
        # end
        return self.word(out)

    @torch.no_grad()
    def write(self, s):
        y = torch.zeros(len(s), 1, dtype=torch.long)
        for _ in range(4):
            nxt = self(s, y)[:, -1].argmax(-1, keepdim=True)
            y = torch.cat([y, nxt], 1)
        return y


net = Normaliser()
optim = torch.optim.Adam(net.parameters(), lr=1e-2)
EPOCHS = 5
sched = torch.optim.lr_scheduler.OneCycleLR(optim, 1e-2, total_steps=EPOCHS * -(-cut // 64))
for epoch in range(EPOCHS):
    net.train()
    tot = 0.0
    for idx in torch.randperm(cut).split(64):
        logits = net(S[idx], T[idx, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), T[idx, 1:].flatten())
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optim.step()
        sched.step()
        tot += loss.item() * len(idx)
    net.eval()
    ok = (net.write(S[cut:]) == T[cut:]).all(1).float().mean().item()
    print(f"epoch {epoch}: loss {tot / cut:.3f}  whole dates right {ok:.3f}")
for i in range(cut, cut + 3):
    print([s_words[j] for j in S[i]], "->", [t_words[j] for j in net.write(S[i:i + 1])[0, 1:]])
