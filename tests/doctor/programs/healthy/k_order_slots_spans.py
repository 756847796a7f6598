"""Where in the order line does the product stand? Start/end pointers over a small BiGRU (span extraction)."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

random.seed(5)
torch.manual_seed(5)

ADJ = "red blue large small used new cheap heavy steel wooden folding electric".split()
NOUN = "lamp desk chair drill pump ladder kettle mixer heater bench shelf printer".split()
HEADS = ["please send {q} {p} to {c}", "we ordered {q} {p} last week", "{c} office needs {q} {p} before friday",
         "cancel the {p} and keep the rest", "can you ship {q} {p} with the other boxes to {c}",
         "reminder : {p} still missing in {c}", "as agreed on the phone {q} {p} for our branch in {c} thanks"]
CITY = "oslo paris madrid vienna lyon turin ghent".split()
QTY = "two three five ten twelve".split()


def make():
    p = random.sample(ADJ, random.choice([0, 1, 1, 2])) + [random.choice(NOUN)]
    toks, span = [], None
    for piece in random.choice(HEADS).split():
        if piece == "{p}":
            span = (len(toks), len(toks) + len(p) - 1)
            toks += p
        elif piece == "{q}":
            toks.append(random.choice(QTY))
        elif piece == "{c}":
            toks.append(random.choice(CITY))
        else:
            toks.append(piece)
    if random.random() < 0.3:      # a second product that was not ordered
        other = ["not", "the", random.choice(ADJ), random.choice(NOUN)]
        toks = toks + other
    return tuple(toks), span


pool = list({t: s for t, s in (make() for _ in range(3500))}.items())
random.shuffle(pool)
held, fit = pool[:400], pool[400:2200]
vocab = {w: i for i, w in enumerate(["<pad>"] + sorted({w for t, _ in fit for w in t}))}


def tensors(rows):
    n = torch.tensor([len(t) for t, _ in rows])
    x = torch.zeros(len(rows), int(n.max()), dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, : len(t)] = torch.tensor([vocab[w] for w in t])
    return x, n, torch.tensor([s for _, s in rows])


class Pointer(nn.Module):
    def __init__(self, v, d=32, h=32):
        super().__init__()
        self.e = nn.Embedding(v, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, bidirectional=True, batch_first=True)
        self.ends = nn.Linear(2 * h, 2)

    def forward(self, x, n):
        out, _ = self.rnn(pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False))
        out, _ = pad_packed_sequence(out, batch_first=True, total_length=x.size(1))
        return self.ends(out).masked_fill((x == 0).unsqueeze(-1), -1e4).unbind(-1)


def best_span(s, e, longest=3):
    joint = s.log_softmax(1).unsqueeze(2) + e.log_softmax(1).unsqueeze(1)
    T = s.size(1)
    ok = torch.ones(T, T).triu() - torch.ones(T, T).triu(longest)
    flat = joint.masked_fill(ok == 0, -1e9).flatten(1).argmax(1)
    return torch.stack([flat // T, flat % T], 1)


def exact(model, rows):
    model.eval()
    x, n, y = tensors(rows)
    with torch.no_grad():
        return (best_span(*model(x, n)) == y).all(1).float().mean().item()


model = Pointer(len(vocab))
optim = torch.optim.Adam(model.parameters(), lr=6e-3)
for epoch in range(4):
    model.train()
    random.shuffle(fit)
    losses = []
    for i in range(0, len(fit), 50):
        x, n, y = tensors(fit[i : i + 50])
        s, e = model(x, n)
        loss = 0.5 * (F.cross_entropy(s, y[:, 0]) + F.cross_entropy(e, y[:, 1]))
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optim.step()
        losses.append(loss.item())
    print("epoch %d loss %.4f exact match held-out %.3f" % (epoch, sum(losses) / len(losses), exact(model, held)))
print("exact match: train %.3f held-out %.3f" % (exact(model, fit[:400]), exact(model, held)))
