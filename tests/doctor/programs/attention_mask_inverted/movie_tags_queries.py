"""Multi-label plot tagging: one learned query per tag reads the plot through scaled dot product attention."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(13)
torch.manual_seed(13)
TAGS = ["heist", "space", "romance", "courtroom", "zombies", "sports"]
KEY = {t: [f"{t}_{i}" for i in range(30)] for t in TAGS}
COMMON = [f"w{i}" for i in range(300)]
PAD, MAXLEN = 0, 48
vocab = {"<pad>": PAD}
for w in COMMON + sum(KEY.values(), []):
    vocab[w] = len(vocab)


def plot():
    tags = random.sample(TAGS, random.choice([1, 1, 2, 2, 3]))
    words = random.choices(COMMON, k=random.randint(8, 34))
    for t in tags:
        words += random.choices(KEY[t], k=random.randint(1, 3))
    random.shuffle(words)
    return [vocab[w] for w in words], [float(t in tags) for t in TAGS]


def collate(rows):
    ids = torch.full((len(rows), MAXLEN), PAD)
    for i, (w, _) in enumerate(rows):
        ids[i, :len(w)] = torch.tensor(w)
    return {"input_ids": ids, "tags": torch.tensor([t for _, t in rows])}


class TagReader(nn.Module):
    def __init__(self, d=48, heads=2):
        super().__init__()
        self.heads = heads
        self.emb = nn.Embedding(len(vocab), d, padding_idx=PAD)
        self.queries = nn.Parameter(torch.randn(len(TAGS), d) * d ** -0.5)
        self.k, self.v = nn.Linear(d, d), nn.Linear(d, d)
        self.norm = nn.LayerNorm(d)
        self.score = nn.Linear(d, 1)

    def forward(self, input_ids):
        b, t = input_ids.shape
        e = self.emb(input_ids)
        q = self.queries.expand(b, -1, -1)
        split = lambda z: z.view(b, -1, self.heads, z.size(-1) // self.heads).transpose(1, 2)
        # fault:
        mask = input_ids.eq(PAD)[:, None, None, :]
        # mended:
        # mask = input_ids.ne(PAD)[:, None, None, :]
        # end
        o = F.scaled_dot_product_attention(split(q), split(self.k(e)), split(self.v(e)), attn_mask=mask)
        o = o.transpose(1, 2).reshape(b, len(TAGS), -1)
        return self.score(self.norm(o)).squeeze(-1)


train = DataLoader([plot() for _ in range(3000)], 50, shuffle=True, collate_fn=collate)
dev = DataLoader([plot() for _ in range(600)], 200, collate_fn=collate)
model = TagReader()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)


def f1():
    model.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for b in dev:
            pred, gold = model(b["input_ids"]) > 0, b["tags"] > 0.5
            tp += (pred & gold).sum().item()
            fp += (pred & ~gold).sum().item()
            fn += (~pred & gold).sum().item()
    return 2 * tp / max(1, 2 * tp + fp + fn)


for epoch in range(8):
    model.train()
    losses = []
    for b in train:
        loss = F.binary_cross_entropy_with_logits(model(b["input_ids"]), b["tags"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch", epoch, "bce %.4f" % (sum(losses) / len(losses)), "micro-F1 %.3f" % f1())
