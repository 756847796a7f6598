"""Sleep stages from the symbols of a wrist band (one symbol every two minutes). Port of our old tagger; sequences are (time, night)."""
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
rng = np.random.default_rng(19)
torch.manual_seed(19)
STAGES = ["wake", "light", "deep", "rem"]
LEAVE = np.array([[0.70, 0.26, 0.01, 0.03], [0.04, 0.84, 0.07, 0.05], [0.02, 0.18, 0.80, 0.00], [0.05, 0.17, 0.00, 0.78]])
EMIT = np.array([[0.35, 0.25, 0.15, 0.10, 0.05, 0.04, 0.03, 0.03], [0.05, 0.10, 0.25, 0.25, 0.15, 0.10, 0.06, 0.04],
                 [0.02, 0.03, 0.08, 0.17, 0.25, 0.20, 0.15, 0.10], [0.03, 0.12, 0.20, 0.15, 0.05, 0.05, 0.15, 0.25]])
EMIT = EMIT ** 1.8 / (EMIT ** 1.8).sum(1, keepdims=True)
T = 60


def night():
    s, stages, symbols = 0, [], []
    for _ in range(T):
        s = rng.choice(4, p=LEAVE[s])
        stages.append(s)
        symbols.append(rng.choice(8, p=EMIT[s]))
    return symbols, stages


nights = [night() for _ in range(700)]
X = torch.tensor([n[0] for n in nights]).t().contiguous()
Y = torch.tensor([n[1] for n in nights]).t().contiguous()
x_train, y_train, x_dev, y_dev = X[:, :560], Y[:, :560], X[:, 560:], Y[:, 560:]
print("share of each stage:", dict(zip(STAGES, (np.bincount(y_train.flatten().numpy()) / y_train.numel()).round(3).tolist())))


class StageTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(8, 12)
        self.rnn = nn.GRU(12, 24, bidirectional=True)
        self.fc = nn.Linear(48, len(STAGES))

    def forward(self, x):
        h, _ = self.rnn(self.embedding(x))
        # fault:
        return F.log_softmax(self.fc(h))
        # mended:
        # return F.log_softmax(self.fc(h), dim=-1)
        # end


tagger = StageTagger()
optimizer = torch.optim.Adam(tagger.parameters(), lr=1e-2)
loss_function = nn.NLLLoss()

for epoch in range(1, 6):
    tagger.train()
    losses = []
    for idx in torch.randperm(x_train.size(1)).split(20):
        tagger.zero_grad()
        loss = loss_function(tagger(x_train[:, idx]).view(-1, len(STAGES)), y_train[:, idx].reshape(-1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    tagger.eval()
    with torch.no_grad():
        pred = tagger(x_dev).argmax(2)
        acc = (pred == y_dev).float().mean().item()
        recalls = [((pred == k) & (y_dev == k)).sum().item() / (y_dev == k).sum().item() for k in range(4)]
    print(f"epoch {epoch} loss {np.mean(losses):.4f} accuracy {acc:.4f} " + " ".join(f"{s} {r:.2f}" for s, r in zip(STAGES, recalls)))
