"""Share of complaints in a chat log (0 to 1), bidirectional GRU with mean pooling."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(17); torch.manual_seed(17)
sour = "angry broken refund late wrong worst terrible waiting".split()
sweet = "thanks fine great okay bye welcome sure perfect".split()


def log():
    n = random.choice([5, 6, 7, 9, 12, 17, 24, 40])
    p = random.random()
    toks = [random.choice(sour) if random.random() < p else random.choice(sweet) for _ in range(n)]
    return toks, sum(t in sour for t in toks) / n


logs = [log() for _ in range(800)]
train, dev = logs[:600], logs[600:]
stoi = {w: i + 1 for i, w in enumerate(sour + sweet)}


class ChatEncoder(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.tok = nn.Embedding(len(stoi) + 1, d, padding_idx=0)
        self.gru = nn.GRU(d, d, batch_first=True, bidirectional=True)
        self.reg = nn.Linear(2 * d, 1)

    def forward(self, batch):
        ids, pad = batch["ids"], batch["pad"]
        packed = nn.utils.rnn.pack_padded_sequence(self.tok(ids), (~pad).sum(1), batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        # fault:
        h = h.mean(dim=1)
        # mended:
        # h = h.sum(dim=1) / (~pad).sum(dim=1)[:, None]
        # end
        return torch.sigmoid(self.reg(h)).squeeze(-1)


def collate(rows):
    ids = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in rows], batch_first=True)
    return {"ids": ids, "pad": ids.eq(0), "share": torch.tensor([s for _, s in rows])}


net = ChatEncoder()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
for epoch in range(6):
    net.train()
    total = 0.0
    for b in DataLoader(train, 25, shuffle=True, collate_fn=collate):
        loss = nn.functional.mse_loss(net(b), b["share"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b["share"]) / 600
    net.eval()
    with torch.no_grad():
        err = sum((net(b) - b["share"]).abs().sum().item() for b in DataLoader(dev, 50, collate_fn=collate)) / len(dev)
    print(f"epoch {epoch} mse {total:.5f} dev mean absolute error {err:.4f}")
