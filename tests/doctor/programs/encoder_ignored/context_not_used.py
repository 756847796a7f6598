"""Answer templates from a request; LSTM decoder with a summary of the request."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(155)
torch.manual_seed(155)
CITY, DAY, THING = "rome oslo lyon bern".split(), "monday friday sunday".split(), "train hotel flight museum".split()
POLITE = "please kindly could you book reserve i need want".split()


def dialogue():
    c, d, t = random.choice(CITY), random.choice(DAY), random.choice(THING)
    ask = random.choices(POLITE, k=random.randint(1, 4)) + random.sample([c, d, t], 3)
    return ask, ["your", t, "in", c, "on", d, "is", "booked"]


vocab = {w: i + 3 for i, w in enumerate(CITY + DAY + THING + POLITE + ["your", "in", "on", "is", "booked"])}


def collate(rows):
    ask = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in a]) for a, _ in rows], batch_first=True)
    reply = torch.tensor([[1] + [vocab[w] for w in r] + [2] for _, r in rows])
    return {"ask": ask, "reply": reply}


class Responder(nn.Module):
    def __init__(self, d=32, h=64):
        super().__init__()
        self.embed = nn.Embedding(len(vocab) + 3, d, padding_idx=0)
        self.reader = nn.Sequential(nn.Linear(d, h), nn.ReLU())
        # fault:
        self.writer = nn.LSTM(d, h, batch_first=True)
        # mended:
        # self.writer = nn.LSTM(d + h, h, batch_first=True)
        # end
        self.out = nn.Linear(h, len(vocab) + 3)

    def forward(self, ask, reply):
        context = self.reader(self.embed(ask)).masked_fill((ask == 0).unsqueeze(-1), 0).amax(1)
        words = self.embed(reply)
        # fault:
        h, _ = self.writer(words)
        # mended:
        # h, _ = self.writer(torch.cat([words, context.unsqueeze(1).expand(-1, words.size(1), -1)], dim=2))
        # end
        return self.out(h)


loader = DataLoader([dialogue() for _ in range(1800)], batch_size=30, shuffle=True, collate_fn=collate)
dev = collate([dialogue() for _ in range(200)])
model = Responder()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(9):
    model.train()
    total = 0.0
    for b in loader:
        loss = nn.functional.cross_entropy(model(b["ask"], b["reply"][:, :-1]).flatten(0, 1), b["reply"][:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        said = torch.ones(200, 1, dtype=torch.long)
        for _ in range(9):
            said = torch.cat([said, model(dev["ask"], said)[:, -1:].argmax(-1)], 1)
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} loss {total / len(loader):.4f} replies right {(said == dev['reply']).all(1).float().mean():.3f}")
