# Intent detection for a bank chat bot -- Kim-style CNN
import itertools
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(42)
torch.manual_seed(42)

objects = {
    "card": ["card", "visa", "debit card", "credit card", "plastic"],
    "account": ["account", "savings", "checking account", "giro account"],
    "transfer": ["transfer", "wire", "payment", "standing order"],
    "loan": ["loan", "mortgage", "credit line", "car loan"],
    "pin": ["pin", "pin code", "secret number", "passcode"],
    "app": ["app", "mobile app", "online banking", "website"],
}
actions = {
    "open": ["i want to open a {}", "can i get a new {}", "how do i apply for a {}", "please set up a {} for me"],
    "close": ["cancel my {}", "i would like to close the {}", "please terminate my {}", "get rid of my {}"],
    "problem": ["my {} does not work", "there is an error with my {}", "the {} is broken", "why was my {} rejected"],
    "cost": ["what does a {} cost", "how high are the fees for the {}", "is the {} free", "what do you charge for a {}"],
    "status": ["where is my {}", "what is the state of my {}", "when will my {} arrive", "any news on my {}"],
}
greet = ["", "hi", "hello", "good morning", "hey there", "excuse me"]
tail = ["", "please", "thanks", "thank you", "it is urgent", "as soon as possible"]

samples, labels = [], sorted(f"{a}_{o}" for a in actions for o in objects)
for a, o in itertools.product(actions, objects):
    combos = list(itertools.product(greet, actions[a], objects[o], tail))
    random.shuffle(combos)
    for g, t, w, e in combos[:70]:
        samples.append((" ".join(f"{g} {t.format(w)} {e}".split()), labels.index(f"{a}_{o}")))
random.shuffle(samples)
split = int(len(samples) * 0.8)
train_set, val_set = samples[:split], samples[split:]

stoi = {"<pad>": 0, "<unk>": 1}
for s, _ in train_set:
    for tok in s.split():
        stoi.setdefault(tok, len(stoi))


def batchify(rows):
    longest = max(4, max(len(s.split()) for s, _ in rows))
    x = torch.tensor([[stoi.get(t, 1) for t in s.split()] + [0] * (longest - len(s.split())) for s, _ in rows])
    return x, torch.tensor([y for _, y in rows])


class TextCNN(nn.Module):
    def __init__(self, vocab_size, n_classes, dim=32, filters=32):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(dim, filters, k, padding=k // 2) for k in (1, 2, 3)])
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(3 * filters, n_classes)

    def forward(self, x):
        e = self.embed(x).transpose(1, 2)
        pooled = [F.relu(c(e)).max(dim=2).values for c in self.convs]
        h = self.dropout(torch.cat(pooled, dim=1))
        # fault:
        return F.softmax(self.fc(h), dim=1)
        # mended:
        #return self.fc(h)
        # end


model = TextCNN(len(stoi), len(labels))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

print(f"{len(train_set)} train, {len(val_set)} val, {len(labels)} intents, {len(stoi)} words")
for epoch in range(6):
    model.train()
    random.shuffle(train_set)
    running = 0.0
    for i in range(0, len(train_set), 32):
        x, y = batchify(train_set[i:i + 32])
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, y = batchify(val_set)
        out = model(x)
        val_loss = criterion(out, y).item()
        acc = (out.argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} train loss {running / len(train_set):.4f} val loss {val_loss:.4f} val acc {acc:.3f}")

print("val accuracy", round(acc, 3))
