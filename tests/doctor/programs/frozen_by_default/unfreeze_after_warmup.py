"""Hate or not in forum posts: head first, vectors unfrozen after two epochs."""
import random

import torch
from torch import nn

random.seed(119)
torch.manual_seed(119)
SLUR = ["grobble", "snorky", "flinx", "drabbit", "wumpet", "zorgle"]  # new slang
KIND = ["glimmy", "fluffo", "tweeble", "noodly", "pippen", "sunzy"]
NEUTRAL = "you are all such the people in this thread a bunch of really today again".split()
vocab = {w: i + 1 for i, w in enumerate(NEUTRAL + SLUR + KIND)}
table = torch.randn(len(vocab) + 1, 16) * 0.4
table[[vocab[w] for w in SLUR + KIND]] = 0.02 * torch.randn(12, 16)
table[0] = 0


class Config:
    lr = 5e-3
    embedding_lr = 5e-3
    epochs = 8
    unfreeze_embeddings_at = 2


class PostModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, padding_idx=0)
        self.encoder = nn.GRU(16, 24, batch_first=True)
        self.classifier = nn.Linear(24, 2)

    def forward(self, ids):
        n = (ids != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(ids), n, batch_first=True, enforce_sorted=False)
        return self.classifier(self.encoder(packed)[1][-1])

    def unfreeze(self):
        # fault:
        self.embedding.requires_grad = True
        # mended:
        # self.embedding.weight.requires_grad = True
        # end


def post():
    y = random.randint(0, 1)
    words = random.choices(NEUTRAL, k=random.randint(4, 8))
    words.insert(random.randrange(len(words)), random.choice(SLUR if y else KIND))
    return torch.tensor([vocab[w] for w in words]), y


def make(n):
    rows = [post() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


x, y = make(1500)
xd, yd = make(400)
model = PostModel()
optimizer = torch.optim.Adam(
    [
        {"params": [p for n, p in model.named_parameters() if not n.startswith("embedding")], "lr": Config.lr},
        {"params": [model.embedding.weight], "lr": Config.embedding_lr},
    ]
)
for epoch in range(Config.epochs):
    if epoch == Config.unfreeze_embeddings_at:
        model.unfreeze()
        print("embeddings unfrozen")
    total = 0.0
    for idx in torch.randperm(1500).split(50):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 1.0)
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(xd).argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch} loss {total / 30:.4f} dev accuracy {acc:.4f}")
