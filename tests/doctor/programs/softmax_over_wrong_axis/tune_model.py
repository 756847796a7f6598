"""A language model of tunes, (T, B) as in the old example."""
import random

import torch
from torch import nn

random.seed(26)
torch.manual_seed(26)
NOTES = list("CDEFGABcdefgab")
motifs = [random.choices(range(14), k=random.randint(3, 6)) for _ in range(12)]


def tune(n=49):
    t = []
    while len(t) < n:
        t += random.choice(motifs)
    return t[:n]


train = torch.tensor([tune() for _ in range(600)])
valid = torch.tensor([tune() for _ in range(100)])


class Tunes(nn.Module):
    def __init__(self, ninp=24, nhid=64):
        super().__init__()
        self.encoder = nn.Embedding(14, ninp)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, 14)

    def forward(self, x):
        out, _ = self.rnn(self.encoder(x))          # (T, B, H)
        # fault:
        return torch.log_softmax(self.decoder(out), dim=1)
        # mended:
        # return torch.log_softmax(self.decoder(out), dim=2)
        # end


model = Tunes()
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)


def evaluate():
    with torch.no_grad():
        x = valid.t()
        logp = model(x[:-1])
        return criterion(logp.reshape(-1, 14), x[1:].reshape(-1)).exp().item()


for epoch in range(10):
    total = 0.0
    for idx in torch.randperm(len(train)).split(30):
        x = train[idx].t()
        logp = model(x[:-1])
        loss = criterion(logp.reshape(-1, 14), x[1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total += loss.item() / 20
    print(f"| epoch {epoch} | loss {total:.4f} | valid perplexity {evaluate():.3f}")
