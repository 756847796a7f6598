# Flag rude messages (about one in four). EmbeddingBag -> MLP -> logit, ROC AUC on held-out messages.
import math
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(10)
torch.manual_seed(10)

VOCAB, LENGTH = 400, 12
rude_words = rng.choice(VOCAB, 25, replace=False)
kind_words = rng.choice(np.setdiff1d(np.arange(VOCAB), rude_words), 25, replace=False)
weight = np.zeros(VOCAB)
weight[rude_words], weight[kind_words] = 1.0, -1.0


def messages(n):
    """a message is rude if it has rude words and the kind ones do not make up for them"""
    x = rng.integers(0, VOCAB, (n, LENGTH))
    boost = rng.random((n, LENGTH)) < 0.12
    x[boost] = rng.choice(np.concatenate([rude_words, kind_words]), boost.sum())
    return torch.tensor(x), torch.tensor(weight[x].sum(1) >= 1.5, dtype=torch.float32)


class Flagger(nn.Module):
    def __init__(self, prior):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOCAB, 32, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 1))
        # start from the base rate, so that the first steps are not spent on the bias
        start = math.log(prior / (1 - prior))
        # fault:
        for m in self.mlp:
            if isinstance(m, nn.Linear):
                nn.init.constant_(m.bias, start)
        # mended:
        # nn.init.constant_(self.mlp[-1].bias, start)
        # end

    def forward(self, x):
        return self.mlp(self.bag(x)).squeeze(-1)


xtr, ytr = messages(5000)
xva, yva = messages(1500)
prior = ytr.mean().item()
print(f"rude: {prior:.3f} of the training messages")

net = Flagger(prior)
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(6):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(xtr)).split(64):
        loss = criterion(net(xtr[idx]), ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    net.eval()
    with torch.no_grad():
        ptr, pva = net(xtr).sigmoid(), net(xva).sigmoid()
    print(f"epoch {epoch + 1}: loss {total / len(xtr):.4f}  AUC train {roc_auc_score(ytr, ptr):.4f}  valid {roc_auc_score(yva, pva):.4f}"
          f"  flagged {(pva > 0.5).float().mean():.3f}")
