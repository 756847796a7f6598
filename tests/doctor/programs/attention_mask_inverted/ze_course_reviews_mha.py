"""
Mini project, Neural Networks for Language (TU, winter term)
Students' course evaluations -> positive / mixed / negative, with one self-attention layer.
"""
import torch
import torch.nn as nn
import numpy as np
import random


def set_seed(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)


set_seed(23)
GOOD = ["clear", "lively", "helpful", "fair", "inspiring", "organised", "useful", "patient"]
BAD = ["boring", "chaotic", "rushed", "unfair", "dull", "confusing", "late", "messy"]
FILL = ["the", "lecture", "tutor", "was", "and", "slides", "exercise", "sheet", "very", "always", "room", "often", "he",
        "she", "explained", "homework", "quite", "a", "bit", "monday", "exam", "board", "notes"]


def make_review():
    label = random.randint(0, 2)
    words = random.choices(FILL, k=random.randint(3, 14))
    if label == 0:
        words += random.choices(BAD, k=2)
    elif label == 2:
        words += random.choices(GOOD, k=2)
    else:
        words += [random.choice(GOOD), random.choice(BAD)]
    random.shuffle(words)
    return words, label


PAD, CLS = 0, 1
w2i = {w: i + 2 for i, w in enumerate(GOOD + BAD + FILL)}


def to_batch(reviews):
    n = max(len(w) for w, _ in reviews) + 2             # room for [CLS], and one spare column as in the lab framework
    ids = torch.full((len(reviews), n), PAD)
    for i, (w, _) in enumerate(reviews):
        ids[i, 0] = CLS
        ids[i, 1:1 + len(w)] = torch.tensor([w2i[t] for t in w])
    return ids, torch.tensor([l for _, l in reviews])


class AttnReviewer(nn.Module):
    def __init__(self, vocab, d=32, heads=2, n_out=3):
        super().__init__()
        self.embed = nn.Embedding(vocab, d, padding_idx=PAD)
        self.norm = nn.LayerNorm(d)
        self.mha = nn.MultiheadAttention(d, heads, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(d, 48), nn.ReLU(), nn.Linear(48, n_out))

    def forward(self, ids):
        x = self.norm(self.embed(ids))
        # fault:
        ignore = ids != PAD
        # mended:
        # ignore = ids == PAD
        # end
        q = x[:, :1]
        ctx, _ = self.mha(q, x, x, key_padding_mask=ignore, need_weights=False)
        return self.ff(q.squeeze(1) + ctx.squeeze(1))


corpus = [make_review() for _ in range(2000)]
train, valid = corpus[:1600], corpus[1600:]
model = AttnReviewer(len(w2i) + 2)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(1, 9):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for s in range(0, len(train), 32):
        ids, y = to_batch(train[s:s + 32])
        out = model(ids)
        loss = loss_fn(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        ids, y = to_batch(valid)
        out = model(ids)
        print(f"Epoch {epoch}/8 - loss: {tot / len(train):.4f} - val_loss: {loss_fn(out, y).item():.4f} "
              f"- val_acc: {(out.argmax(-1) == y).float().mean().item():.4f}")
