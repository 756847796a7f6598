"""Language model over chat lines of very different length."""
import math
import random

import torch
import torch.nn as nn

random.seed(157)
torch.manual_seed(157)
SUBJ = {"i": "am", "you": "are", "she": "is", "we": "are", "it": "is"}
MOOD = "happy tired late ready hungry sick free".split()
LONG = "because the bus to the city was full and then we had to walk home in the rain again".split()


def line():
    s = random.choice(list(SUBJ))
    words = [s, SUBJ[s], random.choice(MOOD)]
    if random.random() < 0.5:
        words += ["and", random.choice(MOOD)]
    if random.random() < 0.05:
        words += LONG
    return words


lines = [line() for _ in range(1500)]
itos = ["<pad>", "<s>", "</s>"] + sorted({w for t in lines for w in t})
stoi = {w: i for i, w in enumerate(itos)}


def collate(batch):
    seqs = [torch.tensor([1] + [stoi[w] for w in t] + [2]) for t in batch]
    x = nn.utils.rnn.pad_sequence(seqs)  # (T, B)
    return x[:-1], x[1:]


class ChatLM(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.emb = nn.Embedding(len(itos), d, padding_idx=0)
        self.rnn = nn.LSTM(d, d)
        self.out = nn.Linear(d, len(itos))

    def forward(self, x):
        return self.out(self.rnn(self.emb(x))[0])


def loss_of(model, x, y):
    logits = model(x)
    # fault:
    return nn.functional.cross_entropy(logits.view(-1, len(itos)), y.reshape(-1))
    # mended:
    # return nn.functional.cross_entropy(logits.view(-1, len(itos)), y.reshape(-1), ignore_index=0)
    # end


loader = torch.utils.data.DataLoader(lines[:1300], batch_size=26, shuffle=True, collate_fn=collate)
model = ChatLM()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(3):
    total = 0.0
    for x, y in loader:
        loss = loss_of(model, x, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        held = loss_of(model, *collate(lines[1300:])).item()
    print(f"epoch {epoch} train loss {total / len(loader):.4f} perplexity {math.exp(held):.3f}")
