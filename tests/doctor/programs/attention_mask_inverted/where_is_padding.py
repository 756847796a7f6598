"""Mood of a chat line; dictionary batches with an attention mask; additive attention by torch.where."""
import random

import torch
from torch import nn

random.seed(12)
torch.manual_seed(12)
mood = {"happy": [f"h{i}" for i in range(10)], "cross": [f"c{i}" for i in range(10)]}
plain = [f"w{i}" for i in range(40)]
stoi = {w: i + 1 for i, w in enumerate([*mood["happy"], *mood["cross"], *plain])}


def line():
    y = random.randrange(2)
    t = random.choices(mood[["happy", "cross"][y]], k=2) + random.choices(plain, k=random.randint(2, 10))
    random.shuffle(t)
    return t, y


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in rows], batch_first=True)
    return {"input_ids": x, "attention_mask": (x != 0).long(), "labels": torch.tensor([y for _, y in rows])}


class Chat(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(stoi) + 1, 24, padding_idx=0)
        self.key, self.query = nn.Linear(24, 16), nn.Linear(16, 1, bias=False)
        self.out = nn.Linear(24, 2)

    def forward(self, input_ids, attention_mask, labels=None):
        e = self.embed(input_ids)
        s = self.query(torch.tanh(self.key(e))).squeeze(-1)
        # fault:
        s = torch.where(attention_mask.bool(), torch.full_like(s, -1e9), s)
        # mended:
        # s = torch.where(attention_mask.bool(), s, torch.full_like(s, -1e9))
        # end
        logits = self.out((s.softmax(1).unsqueeze(1) @ e).squeeze(1))
        return {"logits": logits, "loss": nn.functional.cross_entropy(logits, labels) if labels is not None else None}


data = [line() for _ in range(1200)]
model = Chat()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    for rows in torch.utils.data.DataLoader(data[:1000], 25, shuffle=True, collate_fn=collate):
        out = model(**rows)
        opt.zero_grad()
        out["loss"].backward()
        opt.step()
    with torch.no_grad():
        rows = collate(data[1000:])
        print(epoch, round(out["loss"].item(), 3), (model(**rows)["logits"].argmax(1) == rows["labels"]).float().mean().item())
