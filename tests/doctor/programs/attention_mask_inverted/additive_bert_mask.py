"""A one-layer BERT-like classifier written out by hand, attention_mask as in the big libraries (1 = word)."""
import math
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(28); torch.manual_seed(28)
moods = {0: "storm thunder hail flood gale".split(), 1: "sunshine warm clear mild breeze".split()}
rest = "the forecast for monday in the north and later tonight with some over hills near coast towards evening a little".split()


def forecast(_):
    y = random.randrange(2)
    t = random.choices(rest, k=random.randint(4, 18))
    for w in random.choices(moods[y], k=2):
        t.insert(random.randrange(len(t)), w)
    return {"tokens": t, "label": y}


train, dev = list(map(forecast, range(700))), list(map(forecast, range(250)))
vocab = {w: i for i, w in enumerate(["[PAD]", "[CLS]"] + sorted(set(rest + moods[0] + moods[1])))}


def collate(rows):
    T = 24
    ids, mask = torch.zeros(len(rows), T, dtype=torch.long), torch.zeros(len(rows), T)
    for i, r in enumerate(rows):
        seq = [1] + [vocab[w] for w in r["tokens"]]
        ids[i, :len(seq)], mask[i, :len(seq)] = torch.tensor(seq), 1.0
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([r["label"] for r in rows])}


class SelfAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.qkv, self.o, self.heads = nn.Linear(d, 3 * d), nn.Linear(d, d), heads

    def forward(self, h, bias):
        B, T, d = h.shape
        q, k, v = (t.view(B, T, self.heads, -1).transpose(1, 2) for t in self.qkv(h).chunk(3, -1))
        a = (q @ k.transpose(-1, -2) / math.sqrt(d // self.heads) + bias).softmax(-1)
        return self.o((a @ v).transpose(1, 2).reshape(B, T, d))


class MiniBert(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.word, self.pos = nn.Embedding(len(vocab), d, padding_idx=0), nn.Embedding(24, d)
        self.ln0, self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.att = SelfAttention(d, 2)
        self.ff = nn.Sequential(nn.Linear(d, 48), nn.GELU(), nn.Linear(48, d))
        self.cls = nn.Linear(d, 2)

    def forward(self, input_ids, attention_mask):
        # fault:
        bias = attention_mask[:, None, None, :] * -10000.0
        # mended:
        # bias = (1.0 - attention_mask[:, None, None, :]) * -10000.0
        # end
        h = self.ln0(self.word(input_ids) + self.pos.weight[: input_ids.size(1)])
        h = self.ln1(h + self.att(h, bias))
        h = self.ln2(h + self.ff(h))
        return self.cls(h[:, 0])


model = MiniBert()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(7):
    model.train()
    total = 0
    for b in DataLoader(train, 28, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(b["input_ids"], b["attention_mask"]), b["labels"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 25
    model.eval()
    with torch.no_grad():
        b = collate(dev)
        acc = (model(b["input_ids"], b["attention_mask"]).argmax(1) == b["labels"]).float().mean().item()
    print(f"epoch {epoch} train {total:.4f} dev accuracy {acc:.4f}")
