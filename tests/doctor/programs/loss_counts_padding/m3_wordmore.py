# In[1]: imports
# "makemore" at home: a character model that invents English-looking words
import gzip
import math
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(1337)
torch.manual_seed(1337)

# In[2]: word list (alphabetic entries of the glove vocabulary)
vocab_file = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(vocab_file, "rt", encoding="utf-8") as f:
    all_words = [line.split(" ", 1)[0] for line in f]
all_words = [w for w in all_words if w.isascii() and w.isalpha() and 3 <= len(w) <= 14]
all_words = list(dict.fromkeys(all_words))
random.shuffle(all_words)
dev_words, train_words = all_words[:800], all_words[800:5300]
print(len(train_words), "train words", len(dev_words), "dev words", train_words[:8])

# In[3]: characters -> ids
chars = ["_", "<", ">"] + [chr(ord("a") + i) for i in range(26)]
ctoi = {c: i for i, c in enumerate(chars)}
PAD = ctoi["_"]
WIDTH = 22


def to_ids(w):
    ids = [ctoi["<"]] + [ctoi[c] for c in w] + [ctoi[">"]]
    return ids + [PAD] * (WIDTH - len(ids))


Xtr = torch.tensor([to_ids(w) for w in train_words])
Xdv = torch.tensor([to_ids(w) for w in dev_words])
print("example", Xtr[0].tolist())


# In[4]: model
class CharGRU(nn.Module):
    def __init__(self, n_chars, emb=24, hid=80):
        super().__init__()
        self.emb = nn.Embedding(n_chars, emb)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(hid, n_chars)

    def forward(self, x, h=None):
        o, h = self.gru(self.emb(x), h)
        return self.head(self.drop(o)), h


def get_loss(logits, y):
    # fault:
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())
    # mended:
    #return F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=PAD)
    # end


@torch.no_grad()
def evaluate(X):
    model.eval()
    x, y = X[:, :-1], X[:, 1:]
    logits, _ = model(x)
    loss = get_loss(logits, y).item()
    right = logits.argmax(-1) == y
    # fault:
    acc = right.float().mean().item()
    # mended:
    #acc = right[y != PAD].float().mean().item()
    # end
    model.train()
    return loss, acc


@torch.no_grad()
def sample(n=6):
    model.eval()
    out = []
    for _ in range(n):
        c, h, s = torch.tensor([[ctoi["<"]]]), None, ""
        for _ in range(18):
            logits, h = model(c, h)
            c = torch.multinomial(logits[0, -1].softmax(-1), 1)[None]
            ch = chars[c.item()]
            if ch in "_<>":
                break
            s += ch
        out.append(s)
    model.train()
    return out


# In[5]: train with early stopping
model = CharGRU(len(chars))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8, eta_min=2e-4)
best, bad = 1e9, 0
for epoch in range(8):
    perm = torch.randperm(len(Xtr))
    for i in range(0, len(perm), 100):
        b = Xtr[perm[i:i + 100]]
        logits, _ = model(b[:, :-1])
        loss = get_loss(logits, b[:, 1:])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    dl, da = evaluate(Xdv)
    print(f"epoch {epoch} train {loss.item():.3f} dev {dl:.3f} ppl {math.exp(dl):.2f} next-char acc {da:.3f}")
    if dl < best - 1e-4:
        best, bad = dl, 0
    else:
        bad += 1
        if bad == 3:
            print("early stop")
            break

# In[6]:
print(sample())
tl, ta = evaluate(Xtr)
dl, da = evaluate(Xdv)
print(f"train ppl {math.exp(tl):.2f} acc {ta:.3f} | dev ppl {math.exp(dl):.2f} acc {da:.3f} | uniform ppl {len(chars)}")
