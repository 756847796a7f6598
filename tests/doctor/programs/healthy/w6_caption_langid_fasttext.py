"""fastText-style language identification in plain torch: hashed character n-grams, weight averaging (EMA),
label smoothing, one-cycle schedule. Production-ish: everything is in CFG."""
import copy, gzip, os, zlib
import numpy as np
import torch
from torch import nn

CFG = dict(langs=["en", "de", "fr", "cs"], buckets=4096, dim=12, n=(2, 4), train=900, test=200,
           batch=60, epochs=4, max_lr=2e-2, ema=0.97, smooth=0.05, seed=8, chars=40)
torch.manual_seed(CFG["seed"])
gen = np.random.default_rng(CFG["seed"])
DIR = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def lines(split, lang, n):
    with gzip.open(f"{DIR}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [l.strip()[:CFG["chars"]] for _, l in zip(range(n), f)]


def grams(text):
    s = "<" + text.lower() + ">"
    lo, hi = CFG["n"]
    return [zlib.crc32(s[i:i + k].encode()) % CFG["buckets"] for k in range(lo, hi + 1) for i in range(len(s) - k + 1)]


def table(split, n):
    rows = [(grams(t), k) for k, l in enumerate(CFG["langs"]) for t in lines(split, l, n)]
    return [rows[i] for i in gen.permutation(len(rows))]


def collate(rows):
    flat = torch.tensor([g for r, _ in rows for g in r])
    off = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return flat, off, torch.tensor([y for _, y in rows])


class LangId(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(CFG["buckets"], CFG["dim"], mode="mean")
        nn.init.uniform_(self.bag.weight, -1 / CFG["dim"], 1 / CFG["dim"])
        self.out = nn.Linear(CFG["dim"], len(CFG["langs"]))

    def forward(self, flat, off):
        return self.out(self.bag(flat, off))


@torch.no_grad()
def accuracy(m, rows):
    m.eval()
    flat, off, y = collate(rows)
    return (m(flat, off).argmax(1) == y).float().mean().item()


train, test = table("train", CFG["train"]), table("val", CFG["test"])
model = LangId()
shadow = copy.deepcopy(model).requires_grad_(False)
opt = torch.optim.Adam(model.parameters())
steps = CFG["epochs"] * -(-len(train) // CFG["batch"])
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=CFG["max_lr"], total_steps=steps)
crit = nn.CrossEntropyLoss(label_smoothing=CFG["smooth"])

for ep in range(CFG["epochs"]):
    model.train()
    order = gen.permutation(len(train))
    mean = 0.0
    for s in range(0, len(train), CFG["batch"]):
        flat, off, y = collate([train[i] for i in order[s:s + CFG["batch"]]])
        loss = crit(model(flat, off), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        with torch.no_grad():
            for a, b in zip(shadow.parameters(), model.parameters()):
                a.lerp_(b, 1 - CFG["ema"])
        mean += loss.item() * len(y) / len(train)
    print(f"epoch {ep} loss {mean:.3f} raw {accuracy(model, test):.4f} averaged {accuracy(shadow, test):.4f}")
print("train, averaged weights: %.4f" % accuracy(shadow, train[:800]))
