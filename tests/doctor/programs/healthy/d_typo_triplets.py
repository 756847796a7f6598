"""Find the dictionary word that a typo was meant to be: character encoder, triplet margin with in-batch hard negatives."""
import gzip, os, random, string
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12); torch.manual_seed(12)
words = []
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w = line.split(" ", 1)[0]
        if w.isalpha() and w.isascii() and 6 <= len(w) <= 10:
            words.append(w)
random.shuffle(words)
train_words, new_words = words[:2400], words[2400:2900]


def misspell(w):
    for _ in range(2):
        w = slip(w)
    return w


def slip(w):
    i = random.randrange(len(w) - 1)
    c = random.choice(string.ascii_lowercase)
    return random.choice([w[:i] + w[i + 1:], w[:i] + c + w[i:], w[:i] + c + w[i + 1:], w[:i] + w[i + 1] + w[i] + w[i + 2:]])


def grams(w):
    w = f"<{w}>"
    return [hash_(w[i:i + n]) for n in (1, 2) for i in range(len(w) - n + 1)]


def hash_(s):
    h = 0
    for ch in s:
        h = (h * 31 + ord(ch)) % 2039
    return h


def bags(ws):
    lists = [grams(w) for w in ws]
    offsets = [0]
    for l in lists[:-1]:
        offsets.append(offsets[-1] + len(l))
    return torch.tensor([g for l in lists for g in l]), torch.tensor(offsets)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(2039, 32, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, ws):
        return F.normalize(self.bag(*bags(ws)), dim=1)


@torch.no_grad()
def recall(pool):
    bank, q = enc(pool), enc([misspell(w) for w in pool])
    return (torch.mm(q, bank.t()).argmax(1) == torch.arange(len(pool))).float().mean().item()


enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=7)
print("before training: %.3f" % recall(new_words))
for epoch in range(7):
    random.shuffle(train_words)
    total = 0.
    for k in range(0, len(train_words), 80):
        ws = train_words[k:k + 80]
        a, p = enc([misspell(w) for w in ws]), enc(ws)
        sim = a @ p.t()
        hardest = (sim - 9 * torch.eye(len(ws))).max(1).values
        loss = F.relu(0.3 - sim.diagonal() + hardest).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    print("epoch %d margin loss %.4f recall@1 seen words %.3f, words never seen %.3f"
          % (epoch, total / 30, recall(train_words[:500]), recall(new_words)))
