"""Sentence vectors for help-desk intents with the batch-hard triplet loss."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(13)
torch.manual_seed(13)
intents = {
    "password": ["i forgot my {x} password", "cannot log into {x}", "reset the login for {x} please", "{x} does not accept my password"],
    "refund": ["i want my money back for {x}", "please refund {x}", "how do i return {x}", "send back {x} and get money"],
    "delivery": ["where is my {x}", "{x} has not arrived", "when will {x} be delivered", "track the parcel with {x}"],
    "broken": ["{x} is broken", "{x} stopped working", "the {x} arrived damaged", "my {x} does not turn on"],
    "invoice": ["send me a bill for {x}", "i need an invoice for {x}", "the receipt of {x} is missing", "wrong amount on the bill for {x}"],
}
things = "phone tablet laptop camera shop app account watch printer router speaker mouse keyboard charger headset lamp".split()
extra = ["", "hello", "hi there", "good morning", "thanks"]
rows = sorted({(f"{random.choice(extra)} {p.format(x=t)} {random.choice(extra)}".strip(), k)
               for k, (_, ps) in enumerate(intents.items()) for p in ps for t in things for _ in range(2)})
random.shuffle(rows)
train, dev = rows[:400], rows[400:]
words = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in rows for w in t.split()}))}


def encode(part):
    return pad_sequence([torch.tensor([words[w] for w in t.split()]) for t, _ in part], batch_first=True), torch.tensor([k for _, k in part])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(words) + 1, 32, padding_idx=0)
        self.fc = nn.Linear(32, 16)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        return self.fc(torch.tanh(self.emb(x).sum(1) / n))


def pairwise_distances(e):
    square = (e.unsqueeze(0) - e.unsqueeze(1)).pow(2).sum(2)
    # fault:
    return square.sqrt()
    # mended:
    # return (square + 1e-12).sqrt()
    # end


def batch_hard(e, y, margin=0.5):
    d = pairwise_distances(e)
    same = y.unsqueeze(0) == y.unsqueeze(1)
    hardest_positive = (d * same.float()).max(1).values
    hardest_negative = (d + 1e6 * same.float()).min(1).values
    return torch.relu(hardest_positive - hardest_negative + margin).mean()


net = Encoder()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
x_all, y_all = encode(train)
x_dev, y_dev = encode(dev)
for epoch in range(15):
    for idx in torch.randperm(len(train)).split(40):
        loss = batch_hard(net(x_all[idx]), y_all[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        nearest = torch.cdist(net(x_dev), net(x_all)).argmin(1)
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} triplet loss {loss.item():.4f} dev nearest neighbour accuracy {(y_all[nearest] == y_dev).float().mean():.3f}")
