# Word level language model with tied input/output embeddings on made-up kitchen recipes, (time, batch) layout
import math
import random

import torch
import torch.nn as nn

torch.manual_seed(13)
rng = random.Random(13)

FOODS = {"boil": ["rice", "pasta", "potatoes", "eggs"], "fry": ["onions", "bacon", "mushrooms", "fish"],
         "bake": ["bread", "cake", "cookies", "pie"], "chop": ["carrots", "herbs", "peppers", "leeks"]}
PLACE = {"boil": "in the pot", "fry": "in the pan", "bake": "in the oven", "chop": "on the board"}


def recipe():
    lines = []
    for verb in rng.choices(list(FOODS), k=3):
        line = f"{verb} the {rng.choice(FOODS[verb])} {PLACE[verb]}"
        if verb != "chop":
            line += f" for {rng.choice(['five', 'ten', 'twenty'])} minutes"
        lines.append(line)
    return (" then ".join(lines) + " . enjoy").split() + ["<eos>"]


recipes = list(dict.fromkeys(tuple(recipe()) for _ in range(700)))
train_words = [w for r in recipes[100:] for w in r]
valid_words = [w for r in recipes[:100] for w in r]
vocab = {w: i for i, w in enumerate(dict.fromkeys(train_words))}
counts = torch.bincount(torch.tensor([vocab[w] for w in train_words])).float()


def columns(words, batch):
    ids = torch.tensor([vocab[w] for w in words])
    n = len(ids) // batch
    return ids[:n * batch].view(batch, n).t().contiguous()


class LM(nn.Module):
    def __init__(self, size, dim=48):
        super().__init__()
        self.table = nn.Embedding(size, dim)
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.lstm = nn.LSTM(dim, dim)
        self.drop = nn.Dropout(0.2)
        self.decoder = nn.Linear(dim, size)
        self.decoder.weight = self.table.weight

    def forward(self, x, state=None):
        h, state = self.lstm(self.drop(self.table(x)), state)
        return self.decoder(self.drop(h)), state


train_data, valid_data = columns(train_words, 20), columns(valid_words, 10)
BPTT = 30
model = LM(len(vocab))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12, eta_min=1e-3)


def evaluate(data):
    model.eval()
    total, n, state = 0.0, 0, None
    with torch.no_grad():
        for i in range(0, len(data) - 1, BPTT):
            y = data[i + 1:i + 1 + BPTT]
            logits, state = model(data[i:i + len(y)], state)
            total += criterion(logits.flatten(0, 1), y.flatten()).item() * y.numel()
            n += y.numel()
    return total / n


unigram = -(counts / counts.sum()).log()[valid_data].mean().item()
print(f"{len(train_words)} words, vocabulary {len(vocab)}, unigram perplexity {math.exp(unigram):.2f}")
for epoch in range(1, 13):
    model.train()
    state, total, n = None, 0.0, 0
    for i in range(0, len(train_data) - 1, BPTT):
        y = train_data[i + 1:i + 1 + BPTT]
        if state is not None:
            state = tuple(s.detach() for s in state)
        logits, state = model(train_data[i:i + len(y)], state)
        loss = criterion(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total, n = total + loss.item(), n + 1
    scheduler.step()
    print(f"epoch {epoch} train ppl {math.exp(total / n):.2f} valid ppl {math.exp(evaluate(valid_data)):.2f}")
