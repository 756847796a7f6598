"""Multi-label tagging with rare tags; biases set from the class prior as in RetinaNet (Lin et al. 2017, sec. 4.1)."""
import math
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import f1_score, average_precision_score
from torch.utils.data import TensorDataset, DataLoader

np.random.seed(5)
torch.manual_seed(5)

N_TAGS, N_WORDS, DOC = 24, 600, 30
tag_words = [np.random.choice(N_WORDS, 15, replace=False) for _ in range(N_TAGS)]


def make_docs(n):
    X = np.zeros((n, DOC), dtype=np.int64)
    Y = np.zeros((n, N_TAGS), dtype=np.float32)
    for i in range(n):
        tags = np.random.choice(N_TAGS, np.random.randint(1, 3), replace=False)
        Y[i, tags] = 1
        words = np.random.randint(0, N_WORDS, DOC)
        for j, t in enumerate(np.random.choice(tags, 16)):
            words[j] = np.random.choice(tag_words[t])
        X[i] = np.random.permutation(words)
    return TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))


class Tagger(nn.Module):
    def __init__(self, dim=40, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(N_WORDS, dim)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.cls = nn.Linear(hidden, N_TAGS)
        self.reset(prior=0.02)

    def reset(self, prior):
        nn.init.normal_(self.emb.weight, std=1.0)
        for m in (self.fc1, self.fc2, self.cls):
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            nn.init.zeros_(m.bias)
        b = -math.log((1 - prior) / prior)
        # fault:
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.constant_(m.bias, b)
        # mended:
        # nn.init.constant_(self.cls.bias, b)
        # end

    def forward(self, ids):
        h = self.emb(ids).mean(1)
        h = torch.relu(self.fc1(h))
        h = torch.relu(self.fc2(h))
        return self.cls(h)


def evaluate(model, ds):
    model.eval()
    x, y = ds.tensors
    with torch.no_grad():
        p = model(x).sigmoid().numpy()
    return (f1_score(y.numpy(), p > 0.5, average="micro", zero_division=0),
            average_precision_score(y.numpy(), p, average="macro"))


train_ds, val_ds = make_docs(3600), make_docs(500)
loader = DataLoader(train_ds, batch_size=50, shuffle=True)
model = Tagger()
optim = torch.optim.Adam(model.parameters(), lr=2e-3)
onecycle = torch.optim.lr_scheduler.OneCycleLR(optim, 4e-3, epochs=6, steps_per_epoch=len(loader))
for epoch in range(1, 7):
    model.train()
    acc = 0
    for ids, tags in loader:
        loss = nn.functional.binary_cross_entropy_with_logits(model(ids), tags)
        optim.zero_grad(set_to_none=True)
        loss.backward()
        optim.step()
        onecycle.step()
        acc += loss.item()
    f1, ap = evaluate(model, val_ds)
    print(f"[{epoch}] bce {acc / len(loader):.4f}  val micro-F1 {f1:.3f}  mAP {ap:.3f}")
print("train micro-F1 %.3f mAP %.3f" % evaluate(model, train_ds))
