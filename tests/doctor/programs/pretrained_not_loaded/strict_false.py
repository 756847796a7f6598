"""Warm start of a text model from a checkpoint of word vectors."""
import random
import tempfile

import torch
from torch import nn

random.seed(20); torch.manual_seed(20)
V, D = 400, 32
topic_of = [i // 60 if i < 240 else -1 for i in range(V)]
centres = torch.randn(4, D) * 0.45
pretrained = torch.stack([torch.randn(D) * 0.35 + (centres[t] if t >= 0 else 0) for t in topic_of])
store = tempfile.mktemp(suffix=".pt")
torch.save({"word_embeddings.weight": torch.cat([torch.zeros(1, D), pretrained])}, store)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.embeddings = nn.Embedding(V + 1, D, padding_idx=0)
        # mended:
        # self.word_embeddings = nn.Embedding(V + 1, D, padding_idx=0)
        # end
        self.gate = nn.Linear(D, 1)

    def forward(self, x):
        # fault:
        h = self.embeddings(x)
        # mended:
        # h = self.word_embeddings(x)
        # end
        g = torch.sigmoid(self.gate(h)) * (x > 0).unsqueeze(-1)
        return (g * h).sum(1) / g.sum(1).clamp(min=1e-6)


encoder = Encoder()
encoder.load_state_dict(torch.load(store), strict=False)
for name, p in encoder.named_parameters():
    if "embeddings" in name:
        p.requires_grad_(False)  # tuned elsewhere, kept here
head = nn.Linear(D, 4)


def doc(y, lim):
    ids = [1 + random.randrange(240, V) for _ in range(random.randint(5, 12))] + [1 + 60 * y + random.randrange(lim) for _ in range(4)]
    random.shuffle(ids)
    return ids


def batch(rows):
    m = max(len(r) for r, _ in rows)
    return torch.tensor([r + [0] * (m - len(r)) for r, _ in rows]), torch.tensor([y for _, y in rows])


train, dev = [(doc(i % 4, 25), i % 4) for i in range(320)], [(doc(i % 4, 60), i % 4) for i in range(320)]
params = [p for p in [*encoder.parameters(), *head.parameters()] if p.requires_grad]
opt = torch.optim.Adam(params, lr=1e-2)
for epoch in range(12):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, 320, 20):
        x, y = batch(train[i:i + 20])
        loss = nn.functional.cross_entropy(head(encoder(x)), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() / 16
    with torch.no_grad():
        x, y = batch(dev)
        print(f"epoch {epoch} loss {tot:.4f} dev {(head(encoder(x)).argmax(1) == y).float().mean().item():.4f}")
