"""Learn how annotators split over the tone of a message: the target is the share of votes for each tone."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(54)
torch.manual_seed(54)
tones = 5
lex = {f"w{i}": torch.distributions.Dirichlet(torch.full((tones,), 0.4)).sample() for i in range(70)}
vocab = {w: i + 1 for i, w in enumerate(lex)}


def message():
    words = random.choices(list(lex), k=random.randint(2, 7))
    p = torch.stack([lex[w] for w in words]).mean(0)
    votes = torch.distributions.Multinomial(20, p).sample() / 20
    return {"words": torch.tensor([vocab[w] for w in words]), "votes": votes, "true": p}


def collate(rows):
    return {
        "x": nn.utils.rnn.pad_sequence([r["words"] for r in rows], batch_first=True),
        "votes": torch.stack([r["votes"] for r in rows]),
        "true": torch.stack([r["true"] for r in rows]),
    }


class Tone(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, tones))

    def forward(self, batch):
        x = batch["x"]
        return self.net(self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True))


rows = [message() for _ in range(1500)]
train = torch.utils.data.DataLoader(rows[:1200], 30, shuffle=True, collate_fn=collate)
test = next(iter(torch.utils.data.DataLoader(rows[1200:], 300, collate_fn=collate)))
model = Tone()
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
for epoch in range(8):
    for batch in train:
        logits = model(batch)
        # fault:
        loss = F.kl_div(logits.softmax(-1), batch["votes"], reduction="batchmean")
        # mended:
        # loss = F.kl_div(logits.log_softmax(-1), batch["votes"], reduction="batchmean")
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        p = model(test).softmax(-1)
        off = (p - test["true"]).abs().sum(1).mean() / 2
    print(f"epoch {epoch} loss {loss.item():.4f} distance to the true shares {off:.4f}")
