"""Transformer encoder, (T, B) inputs; only the first 16 tokens of a mail are read, its subject comes first."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(91)
torch.manual_seed(91)
FIRST = 16
subjects = {"invoice": "invoice payment due overdue amount".split(), "meeting": "meeting agenda room invite minutes".split(),
            "delivery": "parcel courier tracking shipped depot".split(), "job": "application interview salary vacancy candidate".split()}
body = "hello all please find attached the file i hope you are well let me know if there is anything else we can do best regards team".split()
vocab = {w: i + 1 for i, w in enumerate(sorted(set(body)) + sum(subjects.values(), []))}


def mail():
    y = random.randrange(4)
    s = random.sample(list(subjects.values())[y], 2) + random.sample(body, random.randint(1, 4))
    random.shuffle(s)
    return tuple(s + random.choices(body, k=random.randint(2, 30))), y


mails = sorted({mail() for _ in range(1800)})
random.shuffle(mails)


def collate(rows):
    ids = [[vocab[w] for w in t][:FIRST] for t, _ in rows]
    n = max(map(len, ids))
    return torch.tensor([i + [0] * (n - len(i)) for i in ids]).t(), torch.tensor([y for _, y in rows])


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tokens = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.positions = nn.Embedding(FIRST, d)
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1), 1, enable_nested_tensor=False)
        self.head = nn.Linear(d, 4)

    def forward(self, x):  # x: (T, B)
        pad = (x == 0).t()
        h = self.tokens(x) + self.positions(torch.arange(len(x))).unsqueeze(1)
        h = self.layers(h, src_key_padding_mask=pad)
        keep = (x != 0).unsqueeze(2).float()
        return self.head((h * keep).sum(0) / keep.sum(0))


model = Encoder()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(6):
    model.train()
    for x, y in DataLoader(mails[:1400], 32, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, y = collate(mails[1400:])
        print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {(model(x).argmax(1) == y).float().mean():.4f}")
