"""Which language is this caption fragment?  Character trigrams, pooled by learned multi-query attention (PMA style)."""
import gzip
import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["cs", "de", "en", "fr"]
random.seed(0)
torch.manual_seed(0)


def fragments(split, n):
    out, seen = [], set()
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(ROOT, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as fh:
            for j, line in enumerate(fh):
                if j == n:
                    break
                w = line.lower().split()
                m = random.randint(1, 3)
                s = random.randint(0, max(0, len(w) - m))
                frag = " ".join(w[s:s + m])
                if (frag, k) not in seen:
                    seen.add((frag, k))
                    out.append((frag, k))
    return out


def trigrams(text):
    t = f" {text} "
    return [t[i:i + 3] for i in range(len(t) - 2)]


train_rows = fragments("train", 1500)
known = {f for f, _ in train_rows}
val_rows = [r for r in fragments("val", 300) if r[0] not in known]
counts = {}
for f, _ in train_rows:
    for g in trigrams(f):
        counts[g] = counts.get(g, 0) + 1
vocab = {g: i + 2 for i, g in enumerate(sorted(g for g, c in counts.items() if c > 1))}


class Frags(Dataset):
    def __init__(self, rows):
        self.rows = [(torch.tensor([vocab.get(g, 1) for g in trigrams(f)]), k) for f, k in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def pad_batch(batch):
    ids = nn.utils.rnn.pad_sequence([x for x, _ in batch], batch_first=True, padding_value=0)
    return {"ids": ids, "label": torch.tensor([k for _, k in batch])}


class AttentivePool(nn.Module):
    def __init__(self, dim, queries):
        super().__init__()
        self.q = nn.Parameter(torch.randn(queries, dim) * dim ** -0.5)
        self.key = nn.Linear(dim, dim)

    def forward(self, x, mask):
        score = self.key(x).tanh() @ self.q.t()                       # B, T, Q
        score = score.masked_fill(mask.unsqueeze(-1), -1e4)
        return torch.einsum("btq,btd->bqd", score.softmax(1), x).flatten(1)


class LangId(nn.Module):
    def __init__(self, dim=32, queries=2):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, dim, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.pool = AttentivePool(dim, queries)
        self.cls = nn.Linear(dim * queries, len(LANGS))

    def forward(self, ids):
        # fault:
        mask = ids != 0
        # mended:
        #mask = ids == 0
        # end
        return self.cls(self.pool(self.drop(self.emb(ids)), mask))


def evaluate(model, loader):
    model.eval()
    right = n = 0
    loss = 0.0
    with torch.no_grad():
        for b in loader:
            z = model(b["ids"])
            loss += nn.functional.cross_entropy(z, b["label"], reduction="sum").item()
            right += (z.argmax(-1) == b["label"]).sum().item()
            n += len(z)
    return right / n, loss / n


train_dl = DataLoader(Frags(train_rows), batch_size=64, shuffle=True, collate_fn=pad_batch)
val_dl = DataLoader(Frags(val_rows), batch_size=256, collate_fn=pad_batch)
model = LangId()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.02)
print(len(train_rows), "train,", len(val_rows), "val fragments,", len(vocab), "trigrams")
for epoch in range(8):
    model.train()
    for b in train_dl:
        loss = nn.functional.cross_entropy(model(b["ids"]), b["label"])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch %d  train acc %.3f loss %.3f | val acc %.3f loss %.3f" % ((epoch,) + evaluate(model, train_dl) + evaluate(model, val_dl)))
