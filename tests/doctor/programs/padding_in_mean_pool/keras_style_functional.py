"""Average tone of short reviews (-1 to 1); fixed-length input, global average pooling, functional code."""
import random

import numpy as np
import torch
import torch.nn.functional as F

random.seed(49); np.random.seed(49); torch.manual_seed(49)
MAXLEN = 48
strength = {"terrible": 0, "useless": 0, "broke": 0, "hate": 0, "okay": 1, "average": 1, "acceptable": 1, "alright": 1, "excellent": 2, "perfect": 2, "adore": 2, "amazing": 2}
grey = "the product i bought it for my kitchen and this one came in time with box used twice so far will see".split()


def review():
    n = random.choice([4, 5, 7, 10, 14, 22, 34, 46])
    mood = random.uniform(-0.8, 0.8)
    toks = []
    for _ in range(n):
        r = random.random()
        s = 2 if r < max(mood, 0.1) else 0 if r > 1 + min(mood, -0.1) else 1
        toks.append(random.choice([w for w, v in strength.items() if v == s]) if s != 1 or random.random() < 0.3 else random.choice(grey))
    tone = sum(strength.get(t, 1) - 1 for t in toks) / n
    return toks, tone


word_index = {w: i + 1 for i, w in enumerate(grey + list(strength))}


def pad_sequences(rows):
    out = np.zeros((len(rows), MAXLEN), dtype=np.int64)
    for i, (toks, _) in enumerate(rows):
        out[i, MAXLEN - len(toks):] = [word_index[t] for t in toks]
    return torch.from_numpy(out)


train, test = [review() for _ in range(1100)], [review() for _ in range(400)]
X, Y = pad_sequences(train), torch.tensor([y for _, y in train])
Xt, Yt = pad_sequences(test), torch.tensor([y for _, y in test])
emb = (torch.randn(len(word_index) + 1, 16) * 0.1)
emb[0] = 0
W, b = torch.randn(16, 1) * 0.2, torch.zeros(1)
params = [p.requires_grad_() for p in (emb, W, b)]
optimizer = torch.optim.Adam(params, lr=0.01)


def predict(x):
    e = F.embedding(x, emb, padding_idx=0)
    # fault:
    pooled = torch.mean(e, 1)
    # mended:
    # pooled = e.sum(1) / x.ne(0).sum(1, keepdim=True)
    # end
    return (pooled @ W + b).squeeze(1)


for epoch in range(10):
    losses = []
    for idx in torch.randperm(len(X)).split(32):
        loss = F.mse_loss(predict(X[idx]), Y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        mae = (predict(Xt) - Yt).abs().mean().item()
    print(f"epoch {epoch + 1}/10 - loss: {np.mean(losses):.4f} - val_mae: {mae:.4f}")
