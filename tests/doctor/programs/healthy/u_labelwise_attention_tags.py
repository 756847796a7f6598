# Multi-label tagging of support tickets, one attention head per label (like CAML), attention written out by hand.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import f1_score, hamming_loss

gen = np.random.default_rng(123)
torch.manual_seed(123)

TAGS = {"billing": ["invoice", "charge", "refund", "payment", "fee"], "login": ["password", "login", "account", "locked", "token"],
        "shipping": ["parcel", "courier", "tracking", "delivery", "box"], "bug": ["crash", "freeze", "error", "blank", "bug"],
        "feature": ["wish", "suggest", "option", "idea", "feature"], "praise": ["thanks", "love", "brilliant", "happy", "best"],
        "urgent": ["asap", "immediately", "urgent", "today", "deadline"], "legal": ["lawyer", "gdpr", "contract", "terms", "court"]}
RARITY = np.array([.3, .3, .25, .3, .2, .15, .12, .05])
tags = list(TAGS)
common = [c + v + d for c in "bdgklmnprst" for v in "aeiou" for d in ("n", "r")]

def ticket():
    y = gen.random(len(tags)) < RARITY
    toks = []
    for t, on in zip(tags, y):
        if on:
            toks += list(gen.choice(TAGS[t], gen.integers(1, 4)))
    toks += list(gen.choice(common, gen.integers(8, 22)))
    gen.shuffle(toks)
    y = np.where(gen.random(len(tags)) < 0.01, ~y, y)            # agents make mistakes
    return toks, y.astype(np.float32)

tickets = [ticket() for _ in range(3000)]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in tickets[:2500] for w in t}))}
PAD, UNK = 0, 1

def batchify(rows, size, shuffle):
    order = gen.permutation(len(rows)) if shuffle else np.arange(len(rows))
    for k in range(0, len(rows), size):
        part = [rows[i] for i in order[k:k + size]]
        T = max(len(t) for t, _ in part)
        x = np.full((T, len(part)), PAD)                          # time first
        for j, (t, _) in enumerate(part):
            x[:len(t), j] = [vocab.get(w, UNK) for w in t]
        yield {"tokens": torch.from_numpy(x), "tags": torch.from_numpy(np.stack([y for _, y in part]))}

class LabelAttention(nn.Module):
    def __init__(self, n, k, d=32):
        super().__init__()
        self.table = nn.Embedding(n, d, padding_idx=PAD)
        self.conv = nn.Linear(d, d)
        self.queries = nn.Parameter(torch.randn(k, d) * d ** -0.5)
        self.w = nn.Parameter(torch.randn(k, d) * d ** -0.5)
        self.b = nn.Parameter(torch.full((k,), -1.0))

    def forward(self, tokens):
        h = torch.tanh(self.conv(self.table(tokens)))             # T, B, d
        s = torch.einsum("tbd,kd->kbt", h, self.queries)
        blocked = (tokens == PAD).t().unsqueeze(0)
        s = s - 1e9 * blocked
        s = s - s.max(-1, keepdim=True).values
        a = s.exp()
        a = a / a.sum(-1, keepdim=True)
        ctx = torch.einsum("kbt,tbd->bkd", a, h)
        return (ctx * self.w).sum(-1) * 4 + self.b

net = LabelAttention(len(vocab) + 2, len(tags))
train, test = tickets[:2500], tickets[2500:]
freq = np.stack([y for _, y in train]).mean(0)
pos_weight = torch.tensor(np.sqrt((1 - freq) / freq), dtype=torch.float32)
opt = torch.optim.NAdam(net.parameters(), lr=8e-3)
EPOCHS = 5
lr = torch.optim.lr_scheduler.PolynomialLR(opt, EPOCHS, power=1.0)

@torch.no_grad()
def predict(rows):
    net.eval()
    out = [net(b["tokens"]) for b in batchify(rows, 200, False)]
    return (torch.cat(out) > 0).numpy(), np.stack([y for _, y in rows])

for epoch in range(EPOCHS):
    net.train()
    seen = []
    for b in batchify(train, 40, True):
        loss = F.binary_cross_entropy_with_logits(net(b["tokens"]), b["tags"], pos_weight=pos_weight)
        opt.zero_grad(); loss.backward(); opt.step()
        seen.append(loss.item())
    lr.step()
    p, y = predict(test)
    print(f"{epoch} loss {np.mean(seen):.4f} micro-F1 {f1_score(y, p, average='micro'):.3f} macro-F1 {f1_score(y, p, average='macro'):.3f}")
q, z = predict(train)
print("train micro-F1 %.3f, test hamming loss %.4f" % (f1_score(z, q, average="micro"), hamming_loss(y, p)))
print({t: round(f, 2) for t, f in zip(tags, f1_score(y, p, average=None))})
