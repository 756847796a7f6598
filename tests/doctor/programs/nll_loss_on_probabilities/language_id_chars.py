import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(5)
torch.manual_seed(5)

SYLLABLES = {
    0: ["ka", "to", "mi", "shi", "ra", "no", "ku", "ha"],
    1: ["sch", "ung", "ber", "lich", "ein", "aus", "kra", "tz"],
    2: ["eau", "ille", "oir", "ment", "que", "ette", "ou", "ai"],
    3: ["zione", "ella", "cci", "etto", "amo", "ria", "gli", "oso"],
    4: ["ing", "tion", "th", "ough", "ly", "ness", "ed", "sh"],
}
ALPHABET = " abcdefghijklmnopqrstuvwxyz"


def name(lang):
    parts = [random.choice(SYLLABLES[lang]) for _ in range(random.randint(2, 3))]
    if random.random() < 0.25:
        parts.insert(0, random.choice(SYLLABLES[random.randrange(5)]))
    return "".join(parts)[:14]


def make(n):
    y = [random.randrange(5) for _ in range(n)]
    x = torch.zeros(n, 14, dtype=torch.long)
    for i, lang in enumerate(y):
        for j, ch in enumerate(name(lang)):
            x[i, j] = ALPHABET.index(ch)
    return x, torch.tensor(y)


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.chars = nn.Embedding(27, 16, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(16, 32, k, padding=k - 1) for k in (2, 3, 4))
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(96, 5)

    def forward(self, x):
        e = self.chars(x).permute(0, 2, 1)
        h = torch.cat([F.relu(c(e)).amax(2) for c in self.convs], dim=1)
        # fault:
        return F.softmax(self.fc(self.drop(h)), dim=1)
        # mended:
        # return F.log_softmax(self.fc(self.drop(h)), dim=1)
        # end


x, y = make(2400)
xd, yd = make(500)
model = CharCNN()
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(5):
    model.train()
    perm = torch.randperm(len(x))
    seen = 0.0
    for i in range(0, len(x), 60):
        idx = perm[i : i + 60]
        optimizer.zero_grad()
        loss = criterion(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        seen += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(xd).argmax(1) == yd).float().mean()
    print(f"Epoch {epoch + 1} | loss {seen / 40:.4f} | valid acc {acc:.3f}")
