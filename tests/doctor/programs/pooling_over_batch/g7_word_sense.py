# Word sense for a handful of ambiguous nouns: does "bank" mean money or river here?
# Every word is judged by its own vector plus the summary of its sentence.
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(8)
torch.manual_seed(8)

AMBIGUOUS = {  # word: (topic of sense 0, topic of sense 1)
    "bank": ("money", "nature"), "stream": ("nature", "computing"), "mouse": ("nature", "computing"),
    "charge": ("money", "court"), "trial": ("court", "medicine"), "virus": ("medicine", "computing"),
    "cell": ("court", "medicine"), "bond": ("money", "court"), "operation": ("medicine", "computing"),
    "branch": ("nature", "money"),
}
TOPIC = {
    "money": "loan credit interest cash account pay deposit dollar fund share price market profit tax".split(),
    "nature": "river tree forest water fish grass stone bird leaf hill rain field mud wild".split(),
    "computing": "screen file disk server program click network data code keyboard internet user software byte".split(),
    "court": "judge jury lawyer guilty prison witness law crime police evidence appeal verdict guard theft".split(),
    "medicine": "doctor patient blood nurse drug fever tissue surgery infection clinic dose pain lung vaccine".split(),
}
COMMON = "the a of and to in was is it that he she they with near very old new by from on this then said saw".split()

vocab = ["<pad>"] + sorted({*COMMON, *AMBIGUOUS, *[w for ws in TOPIC.values() for w in ws]})
idx = {w: i for i, w in enumerate(vocab)}
IGNORE = -100


def sentence():
    topic = rng.choice(list(TOPIC))
    cands = [w for w, (a, b) in AMBIGUOUS.items() if topic in (a, b)]
    words = list(rng.choice(COMMON, rng.integers(3, 7))) + list(rng.choice(TOPIC[topic], rng.integers(2, 5)))
    words += list(rng.choice(cands, rng.integers(1, 3), replace=False))
    if rng.random() < 0.3:                                # a stray word
        words.append(rng.choice(TOPIC[rng.choice(list(TOPIC))]))
    rng.shuffle(words)
    tags = [AMBIGUOUS[w].index(topic) if w in cands else IGNORE for w in words]
    return words, tags


data, seen = [], set()
while len(data) < 2400:
    s = sentence()
    if tuple(s[0]) not in seen:
        seen.add(tuple(s[0]))
        data.append(s)
train, valid = data[:2000], data[2000:]


def tensors(rows):
    n = max(len(w) for w, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    y = torch.full((len(rows), n), IGNORE)
    for k, (w, t) in enumerate(rows):
        x[k, :len(w)] = torch.tensor([idx[v] for v in w])
        y[k, :len(t)] = torch.tensor(t)
    return x, y


class SenseTagger(nn.Module):
    def __init__(self, n_words, dim=24, hidden=48):
        super().__init__()
        self.lookup = nn.Embedding(n_words, dim, padding_idx=0)
        self.mix = nn.Sequential(nn.Linear(2 * dim, hidden), nn.Tanh(), nn.Dropout(0.3))
        self.tag = nn.Linear(hidden, 2)

    def forward(self, x):
        e = self.lookup(x)                                       # batch, words, dim
        real = (x != 0).unsqueeze(-1).float()
        # fault:
        summary = (e * real).sum(0, keepdim=True) / real.sum(0, keepdim=True).clamp(min=1)
        # mended:
        #summary = (e * real).sum(1, keepdim=True) / real.sum(1, keepdim=True).clamp(min=1)
        # end
        return self.tag(self.mix(torch.cat([e, summary.expand_as(e)], dim=-1)))


model = SenseTagger(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.CrossEntropyLoss(ignore_index=IGNORE)


def accuracy(rows):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for i in range(0, len(rows), 40):
            x, y = tensors(rows[i:i + 40])
            keep = y != IGNORE
            hit += (model(x).argmax(-1)[keep] == y[keep]).sum().item()
            n += keep.sum().item()
    return hit / n


for epoch in range(1, 9):
    model.train()
    order = rng.permutation(len(train))
    losses = []
    for i in range(0, len(order), 40):
        x, y = tensors([train[j] for j in order[i:i + 40]])
        loss = loss_fn(model(x).view(-1, 2), y.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("epoch %d  loss %.3f  train acc %.3f  valid acc %.3f" % (epoch, np.mean(losses), accuracy(train), accuracy(valid)))
