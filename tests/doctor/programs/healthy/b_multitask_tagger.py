"""Tagging and sentence type together, two losses, accumulation over two batches, sparse vectors with SparseAdam."""
import random

import torch
from torch import nn

random.seed(307)
torch.manual_seed(307)
LEX = {1: "the a".split(), 2: "dog bird train king".split(), 3: "sees hears meets".split(), 4: "old red".split()}
QUEST = ["does", "did", "can"]
vocab = {w: i + 1 for i, w in enumerate([w for ws in LEX.values() for w in ws] + QUEST)}


def sentence():
    kind = random.randint(0, 1)
    tags = [1] + [4] * random.randint(0, 2) + [2, 3, 1] + [4] * random.randint(0, 1) + [2]
    words = [random.choice(LEX[t]) for t in tags]
    if kind:
        words, tags = [random.choice(QUEST)] + words, [0] + tags
    return [vocab[w] for w in words], tags, kind


def batch(n):
    rows = [sentence() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor(w) for w, _, _ in rows], batch_first=True)
    t = nn.utils.rnn.pad_sequence([torch.tensor(g) for _, g, _ in rows], batch_first=True, padding_value=-100)
    return x, t, torch.tensor([k for *_, k in rows])


class Joint(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0, sparse=True)
        self.rnn = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
        self.tag, self.kind = nn.Linear(32, 5), nn.Linear(32, 2)

    def forward(self, x):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        out, (h, _) = self.rnn(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return self.tag(out), self.kind(torch.cat([h[0], h[1]], 1))


model = Joint()
dense = [p for n, p in model.named_parameters() if not n.startswith("emb")]
optimizers = [torch.optim.SparseAdam(model.emb.parameters(), lr=1e-2), torch.optim.Adam(dense, lr=5e-3)]
for step in range(1, 161):
    x, t, k = batch(16)
    tags, kinds = model(x)
    loss = nn.functional.cross_entropy(tags.flatten(0, 1), t.flatten()) + 0.5 * nn.functional.cross_entropy(kinds, k)
    (loss / 2).backward()
    if step % 2 == 0:
        for o in optimizers:
            o.step()
            o.zero_grad()
    if step % 40 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    x, t, k = batch(200)
    tags, kinds = model(x)
print("kind accuracy", (kinds.argmax(1) == k).float().mean().item(), "tag accuracy", (tags.argmax(-1) == t)[t >= 0].float().mean().item())
