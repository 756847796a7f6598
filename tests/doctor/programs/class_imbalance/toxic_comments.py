"""Find the toxic comments among all comments of a forum (about one in fifty)."""
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(11)
np.random.seed(11)
torch.manual_seed(11)
rude = "idiot stupid trash loser shut hate pathetic disgusting".split()
plain = ("i think the article is about this and we should read it again because of what they said in the talk page please add a source "
         "thanks for your edit good point see also list of names here maybe not sure when where how many people agree with you").split()


def comment():
    toxic = np.random.rand() < 0.02
    words = list(np.random.choice(plain, np.random.randint(6, 22)))
    for w in rude:
        if np.random.rand() < (0.23 if toxic else 0.045):
            words.insert(np.random.randint(len(words)), w)
    return tuple(words), int(toxic)


comments = {}
while len(comments) < 8000:
    words, toxic = comment()
    comments[words] = toxic
comments = list(comments.items())
vocab = {w: i + 1 for i, w in enumerate(sorted(set(rude + plain)))}


def collate(batch):
    flat = torch.tensor([vocab[w] for words, _ in batch for w in words])
    offsets = torch.tensor([0] + [len(words) for words, _ in batch]).cumsum(0)[:-1]
    return {"input": flat, "offsets": offsets, "labels": torch.tensor([float(t) for _, t in batch])}


class ToxicNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab) + 1, 24, mode="sum")
        self.fc = nn.Linear(24, 1)

    def forward(self, batch):
        return self.fc(self.bag(batch["input"], batch["offsets"])).squeeze(-1)


train, dev = comments[:6400], comments[6400:]
loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
dev_batch = collate(dev)
net = ToxicNet()
# fault:
criterion = nn.BCEWithLogitsLoss()
# mended:
# n_toxic = sum(t for _, t in train)
# criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(train) - n_toxic) / n_toxic))
# end
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(10):
    net.train()
    losses = []
    for batch in loader:
        optimizer.zero_grad()
        loss = criterion(net(batch), batch["labels"])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        pred = net(dev_batch) > 0
    true = dev_batch["labels"] > 0
    recall = (pred & true).sum().item() / true.sum().item()
    spec = (~pred & ~true).sum().item() / (~true).sum().item()
    print(f"epoch {epoch}: loss {np.mean(losses):.4f} acc {(pred == true).float().mean():.3f} toxic recall {recall:.3f} balanced acc {(recall + spec) / 2:.3f}")
