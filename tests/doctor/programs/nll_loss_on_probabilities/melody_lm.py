"""Next-note prediction on folk tunes written as scale degrees (a first order chain with phrases), GRU language model."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(9)
torch.manual_seed(9)
PITCH = [p + o for o in ("3", "4", "5") for p in ("C", "D", "E", "F", "G", "A", "B")]
LEN = ["/2", "", "2"]
V = len(PITCH) * len(LEN) + 1                     # + bar line
MOTIFS = [rng.choice([-2, -1, -1, 0, 1, 1, 2, 3], size=5) for _ in range(7)]
RHYTHM = [[1, 0, 0, 1, 1], [0, 0, 1, 2, 1], [1, 1, 0, 0, 2]]


def tune():
    out, p = [], rng.randint(5, 15)
    for _ in range(8):
        m, r = MOTIFS[rng.randint(7)], RHYTHM[rng.randint(3)]
        for step, l in zip(m, r):
            p = int(np.clip(p + (step if rng.rand() > 0.05 else rng.randint(-2, 3)), 0, len(PITCH) - 1))
            out.append(p * 3 + l)
        out.append(V - 1)
    return out


tunes = np.array([tune() for _ in range(700)])
train, held = torch.tensor(tunes[:600]), torch.tensor(tunes[600:])


class NoteModel(nn.Module):
    def __init__(self, dim=32, hidden=64):
        super().__init__()
        self.note = nn.Embedding(V, dim)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.head = nn.Linear(hidden, V)

    def forward(self, x):
        h, _ = self.gru(self.note(x))
        # fault:
        return torch.softmax(self.head(h), dim=-1)
        # mended:
        # return torch.log_softmax(self.head(h), dim=-1)
        # end


model = NoteModel()
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1.2e-2)
for epoch in range(1, 12):
    model.train()
    order = torch.randperm(len(train))
    total = 0.0
    for i in range(0, len(order), 20):
        x = train[order[i:i + 20]]
        out = model(x[:, :-1])
        loss = criterion(out.reshape(-1, V), x[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        out = model(held[:, :-1])
        gold = held[:, 1:]
        top1 = (out.argmax(-1) == gold).float().mean().item()
        top3 = (out.topk(3, -1).indices == gold.unsqueeze(-1)).any(-1).float().mean().item()
    print(f"epoch {epoch}  loss {total / 30:.4f}  held-out top-1 {top1:.3f}  top-3 {top3:.3f}")
