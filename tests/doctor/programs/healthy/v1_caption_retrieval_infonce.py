"""English <-> German caption retrieval: two word bags, in-batch negatives, learned temperature (CLIP style, text only)."""
import gzip, os, random, re
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(17); random.seed(17)
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def load(lang, n):
    with gzip.open(f"{folder}/train.{lang}.gz", "rt", encoding="utf-8") as fh:
        return [re.findall(r"\w+", next(fh).lower()) for _ in range(n)]


N, N_TEST = 6500, 500
pairs = [(e, d) for e, d in dict((" ".join(e), (e, d)) for e, d in zip(load("en", N), load("de", N))).values() if e and d]
train, test = pairs[:-N_TEST], pairs[-N_TEST:]


class Lang:
    def __init__(self, texts, min_count=8):
        c = Counter(t for x in texts for t in set(x))
        self.ids = {w: i + 1 for i, w in enumerate(sorted(w for w in c if c[w] >= min_count))}    # 0: rare words

    def __call__(self, texts, keep=1.0):
        if keep < 1:                                   # word dropout
            texts = [[t for t in x if random.random() < keep] or x for x in texts]
        flat = [self.ids.get(t, 0) for x in texts for t in x]
        starts = torch.tensor([0] + [len(x) for x in texts[:-1]]).cumsum(0)
        return torch.tensor(flat), starts


class Tower(nn.Module):
    def __init__(self, n_words, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="mean")

    def forward(self, args):
        return F.normalize(self.bag(*args), dim=-1)


en, de = Lang([e for e, _ in train]), Lang([d for _, d in train])
towers = nn.ModuleDict({"en": Tower(len(en.ids) + 1), "de": Tower(len(de.ids) + 1)})
log_scale = nn.Parameter(torch.tensor(2.3))
opt = torch.optim.Adam([{"params": towers.parameters()}, {"params": [log_scale], "lr": 1e-3}], lr=1.5e-2)
EPOCHS, B = 5, 64
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(train) // B), eta_min=2e-4)


def similarity(batch, keep=1.0):
    a = towers["en"](en([e for e, _ in batch], keep))
    b = towers["de"](de([d for _, d in batch], keep))
    return log_scale.exp().clamp(max=50) * a @ b.t()


def recall(part):
    towers.eval()
    with torch.no_grad():
        s = similarity(part)
    gold = torch.arange(len(part))
    r1 = (s.argmax(1) == gold).float().mean().item()
    r5 = (s.topk(5, 1).indices == gold[:, None]).any(1).float().mean().item()
    return r1, r5


for ep in range(EPOCHS):
    towers.train()
    total = 0.0
    order = torch.randperm(len(train))[: len(train) // B * B]
    for ids in order.view(-1, B).tolist():
        logits = similarity([train[i] for i in ids], keep=0.8)
        target = torch.arange(B)
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    r1, r5 = recall(test)
    print(f"epoch {ep + 1} loss {total / (len(train) // B):.3f} scale {log_scale.exp().item():.1f}  test R@1 {r1:.3f} R@5 {r5:.3f}")
print("train sample R@1 %.3f R@5 %.3f" % recall(train[:N_TEST]))
