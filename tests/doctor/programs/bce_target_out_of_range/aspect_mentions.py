"""Which aspects will guests complain about? Predicted from the booking note; a complaint list names an aspect once per mention."""
import torch
import torch.nn as nn

torch.manual_seed(31)
N_WORDS, N_ASPECTS, NOTE = 120, 8, 10
lean = torch.rand(N_WORDS, N_ASPECTS).pow(3) * 0.9        # how strongly a word hints at an aspect


def bookings(n):
    note = torch.randint(0, N_WORDS, (n, NOTE))
    chance = (lean[note].mean(1) - 0.225) * 5
    chance = torch.sigmoid(4 * chance - 1.0)
    complains = torch.rand(n, N_ASPECTS) < chance
    mentions = 1 + torch.poisson(torch.full((n, N_ASPECTS), 2.5)).long()
    lists = [torch.repeat_interleave(torch.arange(N_ASPECTS), m * c) for m, c in zip(mentions, complains)]
    return note, lists


def targets(lists):
    y = torch.stack([torch.bincount(l, minlength=N_ASPECTS) for l in lists])
    # fault:
    return y.float()
    # mended:
    # return (y > 0).float()
    # end


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(N_WORDS, 24)
        self.lin = nn.Linear(24, N_ASPECTS)

    def forward(self, note):
        return self.lin(self.emb(note).mean(dim=1))


train_note, train_lists = bookings(4000)
dev_note, dev_lists = bookings(800)
train_y = targets(train_lists)
dev_y = torch.stack([torch.bincount(l, minlength=N_ASPECTS) > 0 for l in dev_lists])
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
bce = nn.BCEWithLogitsLoss()
for epoch in range(12):
    order = torch.randperm(len(train_note))
    s = 0.0
    for i in order.split(100):
        opt.zero_grad()
        loss = bce(model(train_note[i]), train_y[i])
        loss.backward()
        opt.step()
        s += loss.item() / 40
    with torch.no_grad():
        pred = torch.sigmoid(model(dev_note)) > 0.5
    tp = (pred & dev_y).sum().item()
    print(f"epoch {epoch}: loss {s:.4f}  dev accuracy {(pred == dev_y).float().mean():.4f}  F1 {2 * tp / (pred.sum() + dev_y.sum()).item():.4f}")
