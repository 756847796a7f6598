# Language identification, no nn.Module, no optimiser class: hashed character trigrams and momentum by hand.
import gzip, os, zlib
import torch
import torch.nn.functional as F

torch.manual_seed(1)
BASE = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
LANGS = ("cs", "de", "en", "fr")
BUCKETS, DIM, K = 2 ** 12, 16, 3

def grams(s):
    s = "^" + s.strip().lower() + "$"
    return [zlib.crc32(s[i:i + K].encode()) % BUCKETS for i in range(len(s) - K + 1)]

def rows(split, per_lang):
    out = []
    for y, l in enumerate(LANGS):
        with gzip.open(f"{BASE}{split}.{l}.gz", "rt", encoding="utf-8") as f:
            ls = f.read().splitlines()
        # a different stretch of pictures for every language
        out += [(grams(s), y) for s in ls[y * per_lang:(y + 1) * per_lang]]
    return [out[i] for i in torch.randperm(len(out)).tolist()]

train, dev = rows("train", 500), rows("val", 200)
W = {"table": torch.randn(BUCKETS, DIM) * 0.3, "w": torch.randn(DIM, 4) * 0.25, "b": torch.zeros(4)}
for t in W.values():
    t.requires_grad_(True)
vel = {k: torch.zeros_like(t) for k, t in W.items()}

def forward(batch):
    flat = torch.tensor([g for r, _ in batch for g in r])
    off = torch.tensor([0] + [len(r) for r, _ in batch[:-1]]).cumsum(0)
    return F.embedding_bag(flat, W["table"], off, mode="mean") @ W["w"] + W["b"]

def step(loss, lr, mu=0.9):
    grads = torch.autograd.grad(loss, list(W.values()))
    with torch.no_grad():
        for (k, t), g in zip(W.items(), grads):
            vel[k].mul_(mu).add_(g)
            t.sub_(lr * vel[k])

for epoch in range(5):
    seen = total = 0
    for i in range(0, len(train), 25):
        b = train[i:i + 25]
        loss = F.cross_entropy(forward(b), torch.tensor([y for _, y in b]))
        step(loss, lr=0.5)
        total, seen = total + loss.item() * len(b), seen + len(b)
    with torch.no_grad():
        acc = {n: (forward(d).argmax(1) == torch.tensor([y for _, y in d])).float().mean().item()
               for n, d in (("train", train), ("dev", dev))}
    train = [train[i] for i in torch.randperm(len(train)).tolist()]
    print(f"epoch {epoch} nll {total / seen:.4f} train {acc['train']:.3f} dev {acc['dev']:.3f}")
