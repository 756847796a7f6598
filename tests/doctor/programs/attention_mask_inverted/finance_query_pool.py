"""Financial PhraseBank: a learned query looks at the words of a sentence (scaled_dot_product_attention)."""
import os
import random
import re
from collections import Counter

import torch
import torch.nn.functional as F

random.seed(9)
torch.manual_seed(9)
path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "financial-phrasebank", "Sentences_50Agree.txt")
rows = []
for line in open(path, encoding="utf-8"):
    text, _, label = line.strip().rpartition("@")
    if text:
        rows.append((tuple(re.findall(r"[a-z]+|%", text.lower()))[:50], ["negative", "neutral", "positive"].index(label)))
rows = sorted({t: (t, l) for t, l in rows}.values())
random.shuffle(rows)
held = 600
freq = Counter(w for t, _ in rows[held:] for w in t)
vocab = {w: i + 2 for i, (w, c) in enumerate(freq.most_common()) if c >= 2}
L, D, H = 56, 40, 4
ids = torch.zeros(len(rows), L, dtype=torch.long)
for i, (t, _) in enumerate(rows):
    ids[i, :len(t)] = torch.tensor([vocab.get(w, 1) for w in t])
labels = torch.tensor([l for _, l in rows])

params = {
    "emb": torch.randn(len(vocab) + 2, D) * 0.3,
    "query": torch.randn(H, 1, D // H) * 0.3,
    "wk": torch.randn(D, D) * D ** -0.5,
    "wv": torch.randn(D, D) * D ** -0.5,
    "w1": torch.randn(D, 32) * D ** -0.5,
    "b1": torch.zeros(32),
    "w2": torch.randn(32, 3) * 32 ** -0.5,
    "b2": torch.zeros(3),
}
for p in params.values():
    p.requires_grad_()


def net(x, training=False):
    e = F.dropout(params["emb"][x], 0.5, training)
    B = x.size(0)
    k = (e @ params["wk"]).view(B, L, H, -1).transpose(1, 2)
    v = (e @ params["wv"]).view(B, L, H, -1).transpose(1, 2)
    # fault:
    mask = (x == 0)[:, None, None, :]
    # mended:
    # mask = (x != 0)[:, None, None, :]
    # end
    pooled = F.scaled_dot_product_attention(params["query"].expand(B, -1, -1, -1), k, v, attn_mask=mask)
    h = F.relu(pooled.reshape(B, D) @ params["w1"] + params["b1"])
    return F.dropout(h, 0.4, training) @ params["w2"] + params["b2"]


opt = torch.optim.Adam(params.values(), lr=3e-3)
train, dev = torch.arange(held, len(rows)), torch.arange(held)
for epoch in range(5):
    tot = 0.0
    for b in train[torch.randperm(len(train))].split(32):
        loss = F.cross_entropy(net(ids[b], True), labels[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        z = net(ids[dev])
        acc = (z.argmax(1) == labels[dev]).float().mean().item()
        dl = F.cross_entropy(z, labels[dev]).item()
    print(f"epoch {epoch + 1}: loss {tot / len(train):.4f} dev loss {dl:.4f} dev acc {acc:.4f} answers {z.argmax(1).bincount(minlength=3).tolist()}")
print("majority", labels[dev].bincount().max().item() / held)
