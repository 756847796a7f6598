# %% [markdown]
# Does a simple recurrent network learn subject-verb agreement across attractors?
# The prefix "the key to the cabinets near the old door" has to be continued with "is", not "are".

# %%
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(21)
torch.manual_seed(21)

NOUNS = "key cabinet door dog teacher book senator lawyer author friend child picture letter engine boat farmer doctor".split()
PREPS = "to near behind with beside above".split()
ADJS = "old small green famous quiet strange broken new".split()
ADVERBS = "really often certainly probably still apparently".split()
plural = {n: ("children" if n == "child" else n + "s") for n in NOUNS}
vocab = {w: i for i, w in enumerate(["<pad>", "the", "that"] + NOUNS + sorted(plural.values()) + PREPS + ADJS + ADVERBS)}


def noun_phrase(number):
    words = ["the"] + random.sample(ADJS, random.choice([0, 0, 1]))
    n = random.choice(NOUNS)
    return words + [plural[n] if number else n]


def sentence(n_mod):
    number = random.randint(0, 1)
    words = noun_phrase(number)
    for _ in range(n_mod):
        words += [random.choice(PREPS)] + noun_phrase(random.randint(0, 1))
    words += random.sample(ADVERBS, random.choice([0, 1]))
    return words, number


# %%
# mostly short prefixes, now and then a long one
def corpus(n, avoid=()):
    seen, out = set(avoid), []
    while len(out) < n:
        s, y = sentence(random.choices([0, 1, 2, 8], [3, 5, 3, 0.4])[0])
        if " ".join(s) not in seen:
            seen.add(" ".join(s))
            out.append((s, y))
    return out


train = corpus(2400)
dev = corpus(500, avoid=[" ".join(s) for s, _ in train])
print("longest prefix", max(len(s) for s, _ in train), "mean", sum(len(s) for s, _ in train) / len(train))


def tensors(rows):
    x = pad_sequence([torch.tensor([vocab[w] for w in s]) for s, _ in rows], batch_first=True)
    return x, torch.tensor([len(s) for s, _ in rows]), torch.tensor([y for _, y in rows])


# %%
class Agreement(nn.Module):
    def __init__(self, n_words, d=24, h=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, d, padding_idx=0)
        self.rnn = nn.RNN(d, h, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(h, 2)

    def forward(self, x, lengths):
        states, _ = self.rnn(self.emb(x))
        # fault:
        final = states[:, -1]
        # mended:
        #final = states[torch.arange(len(x)), lengths - 1]
        # end
        return self.out(self.drop(final))


model = Agreement(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
X, L, Y = tensors(train)
DX, DL, DY = tensors(dev)

# %%
for epoch in range(9):
    model.train()
    tot = 0.0
    for idx in torch.randperm(len(X)).split(48):
        loss = nn.functional.cross_entropy(model(X[idx], L[idx]), Y[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        tot += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        out = model(DX, DL)
        dl, acc = nn.functional.cross_entropy(out, DY).item(), (out.argmax(1) == DY).float().mean().item()
        tr = (model(X[:800], L[:800]).argmax(1) == Y[:800]).float().mean().item()
    print(f"epoch {epoch}: train loss {tot / len(X):.3f}, train {tr:.3f}, dev loss {dl:.3f}, agreement accuracy {acc:.3f}")

# %%
by_len = {}
for ok, n in zip((out.argmax(1) == DY).tolist(), DL.tolist()):
    by_len.setdefault("<=3" if n <= 3 else "<=8" if n <= 8 else ">8", []).append(ok)
print({k: round(sum(v) / len(v), 3) for k, v in sorted(by_len.items())})
