# Neural date translation ("3 of may 1998" -> "1998-05-03"), my PyTorch port of the well known Keras exercise
# with an attention decoder. Word pieces on the input side, characters on the output side.
import itertools, random
import torch
import torch.nn as nn

random.seed(3); torch.manual_seed(3)
MONTHS = "january february march april may june july august september october november december".split()
PAD, BOS = 0, 1


def human(d, m, y, style):
    name = MONTHS[m - 1]
    return [
        [str(d), name, *y_tok(y)],
        [name, str(d), ",", *y_tok(y)],
        ["the", str(d), "of", name[:3], *y_tok(y)],
        [str(d), "/", str(m), "/", *y_tok(y)],
        [*y_tok(y), ":", name[:3], str(d)],
    ][style]


def y_tok(y):
    return [str(y)[:2] + "_", "_" + str(y)[2:]]


everything = [(d, m, y, s) for y in range(1930, 2030) for m in range(1, 13) for d in range(1, 29) for s in range(5)]
chosen = random.sample(everything, 5000)
vocab = {"<pad>": PAD}
for row in chosen:
    for t in human(*row):
        vocab.setdefault(t, len(vocab))
out_chars = "0123456789-"
out_id = {c: i + 2 for i, c in enumerate(out_chars)}      # 0 unused, 1 = start
Tx, Ty = 7, 10


def encode(row):
    d, m, y, s = row
    x = [vocab[t] for t in human(*row)]
    return x + [PAD] * (Tx - len(x)), [out_id[c] for c in f"{y}-{m:02d}-{d:02d}"]


X, Y = zip(*map(encode, chosen))
X, Y = torch.tensor(X), torch.tensor(Y)
n_test = 600
Xtr, Ytr, Xte, Yte = X[:-n_test], Y[:-n_test], X[-n_test:], Y[-n_test:]
print("machine vocab", len(out_id) + 2, "human vocab", len(vocab), "train", len(Xtr))


class Translator(nn.Module):
    def __init__(self, n_a=48, n_s=64):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), n_a, padding_idx=PAD)
        self.pos = nn.Parameter(torch.randn(Tx, n_a) * 0.1)
        self.mix = nn.Sequential(nn.Linear(n_a, n_s), nn.Tanh())
        self.dec_emb = nn.Embedding(len(out_id) + 2, 32)
        self.cell = nn.GRUCell(32 + n_s, n_s)
        self.query = nn.Linear(n_s + 32, n_s)
        self.step_emb = nn.Embedding(Ty, 32)
        self.out = nn.Linear(2 * n_s, len(out_id) + 2)

    def forward(self, x, y=None):
        pad = x == PAD
        mem = self.mix(self.emb(x) + self.pos)
        s = mem.new_zeros(len(x), mem.size(-1))
        prev = torch.full((len(x),), BOS)
        logits = []
        for t in range(Ty):
            q = self.query(torch.cat([s, self.step_emb.weight[t].expand(len(x), -1)], 1))
            e = torch.einsum("bth,bh->bt", mem, q) / mem.size(-1) ** 0.5
            a = e.masked_fill(pad, -1e9).softmax(dim=1)
            ctx = torch.einsum("bt,bth->bh", a, mem)
            s = self.cell(torch.cat([self.dec_emb(prev), ctx], 1), s)
            o = self.out(torch.cat([s, ctx], 1))
            logits.append(o)
            prev = y[:, t] if y is not None else o.argmax(1)
        return torch.stack(logits, 1)


model = Translator()
optim = torch.optim.Adam(model.parameters(), lr=8e-3, betas=(0.9, 0.99))
EPOCHS = 5
steps = EPOCHS * (len(Xtr) // 100)
decay = torch.optim.lr_scheduler.LambdaLR(optim, lambda i: max(0.02, 1 - i / steps))
for ep in range(EPOCHS):
    model.train()
    tot = 0
    for b in torch.randperm(len(Xtr)).split(100):
        logit = model(Xtr[b], Ytr[b])
        loss = nn.functional.cross_entropy(logit.flatten(0, 1), Ytr[b].flatten())
        optim.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step(); decay.step()
        tot += loss.item() * len(b)
    print("epoch %d  loss %.4f" % (ep + 1, tot / len(Xtr)))
model.eval()
with torch.no_grad():
    free = model(Xte).argmax(-1)
    free_tr = model(Xtr[:n_test]).argmax(-1)
print("exact match, free running: test %.3f  train %.3f" % ((free == Yte).all(1).float().mean(), (free_tr == Ytr[:n_test]).all(1).float().mean()))
inv = {i: c for c, i in out_id.items()}
for r, p in itertools.islice(zip(chosen[-n_test:], free), 3):
    print(" ".join(human(*r)), "->", "".join(inv.get(int(c), "?") for c in p))
