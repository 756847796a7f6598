# Embed words so that a misspelt word lands near its correct form. Triplet margin loss on letter trigrams.
import random
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

random.seed(14); torch.manual_seed(14)
syl = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
lexicon = set()
while len(lexicon) < 900:
    lexicon.add("".join(random.choices(syl, k=random.randint(3, 5))))
lexicon = sorted(lexicon)
random.shuffle(lexicon)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def typo(w):
    i = random.randrange(len(w) - 1)
    r = random.random()
    if r < .3: w = w[:i] + w[i + 1:]
    elif r < .6: w = w[:i] + w[i + 1] + w[i] + w[i + 2:]
    elif r < .8: w = w[:i] + random.choice(LETTERS) + w[i:]
    else: w = w[:i] + random.choice(LETTERS) + w[i + 1:]
    return w


BUCKETS = 1009
def feats(words):
    flat, off = [], []
    for w in words:
        off.append(len(flat))
        w = "^" + w + "$"
        for n in (1, 2, 3):
            for i in range(len(w) - n + 1):
                h = 0
                for ch in w[i:i + n]:
                    h = h * 31 + ord(ch)
                flat.append(h % BUCKETS)
    return torch.tensor(flat), torch.tensor(off)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 32, mode="mean")
        self.proj = nn.Linear(32, 32, bias=False)

    def forward(self, words):
        return F.normalize(self.proj(self.bag(*feats(words))), dim=-1)


train_words, test_words = lexicon[:600], lexicon[600:]
enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=5e-3)
loss_fn = nn.TripletMarginLoss(margin=0.3)


def lookup_accuracy(vocab):
    enc.eval()
    with torch.no_grad():
        base, q = enc(vocab), enc([typo(w) for w in vocab])
    return (q @ base.T).argmax(1).eq(torch.arange(len(vocab))).float().mean().item()


print("untrained: held-out lookup %.3f (chance %.4f)" % (lookup_accuracy(test_words), 1 / len(test_words)))
for ep in range(6):
    enc.train()
    tot = 0.0
    order = random.sample(train_words, len(train_words))
    for i in range(0, len(order), 60):
        ws = order[i:i + 60]
        a, p = enc([typo(w) for w in ws]), enc(ws)
        with torch.no_grad():
            sim = a @ p.T - 2 * torch.eye(len(ws))          # hardest other word of the batch
        n = p[sim.argmax(1)]
        loss = loss_fn(a, p, n)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    print("epoch %d triplet loss %.3f train lookup %.3f held-out lookup %.3f" % (ep, tot / 10, lookup_accuracy(train_words[:300]), lookup_accuracy(test_words)))
