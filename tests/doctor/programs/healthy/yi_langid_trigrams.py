# Which language is this caption in? Hashed character trigrams, softmax regression on top
# of summed trigram vectors. No nn.Module, no optimizer object - just tensors.
import gzip, os, random, zlib
import torch
import torch.nn.functional as F

random.seed(11); torch.manual_seed(11)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 1 << 13


def lines(split, lang, n):
    with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as fh:
        return [next(fh).strip() for _ in range(n)]


def grams(s):
    s = "^" + s.lower()[:40] + "$"
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)]


def build(split, n):
    rows = []
    for k, lang in enumerate(LANGS):
        rows += [(s, k) for s in lines(split, lang, n)]
    return rows


train = build("train", 900)
seen = {s for s, _ in train}
heldout = [r for r in build("val", 300) if r[0] not in seen]
random.shuffle(train)
train = [(grams(s), k) for s, k in train]
heldout = [(grams(s), k) for s, k in heldout]

params = {
    "emb": (torch.randn(BUCKETS, 12) * 0.1).requires_grad_(),
    "W": torch.zeros(4, 12, requires_grad=True),
    "b": torch.zeros(4, requires_grad=True),
}


def forward(p, batch):
    flat = torch.tensor([g for gs, _ in batch for g in gs])
    sizes = [len(gs) for gs, _ in batch]
    offs = torch.tensor([0] + sizes[:-1]).cumsum(0)
    h = F.embedding_bag(flat, p["emb"], offs, mode="mean")
    return h @ p["W"].t() + p["b"]


def accuracy(p, rows):
    with torch.no_grad():
        pred = forward(p, rows).argmax(1)
    return (pred == torch.tensor([k for _, k in rows])).float().mean().item()


velocity = {k: torch.zeros_like(v) for k, v in params.items()}
lr, mu, bs = 1.5, 0.9, 60
for epoch in range(8):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), bs):
        chunk = train[i:i + bs]
        y = torch.tensor([k for _, k in chunk])
        loss = F.cross_entropy(forward(params, chunk), y)
        grads = torch.autograd.grad(loss, list(params.values()))
        with torch.no_grad():
            for (name, w), g in zip(params.items(), grads):
                velocity[name].mul_(mu).add_(g)
                w -= lr * velocity[name]
        tot += loss.item() * len(chunk)
    lr *= 0.8
    print(f"epoch {epoch}  nll {tot/len(train):.4f}  train {accuracy(params, train):.4f}  val {accuracy(params, heldout):.4f}")
