"""News desk classifier with additive attention."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(44)
torch.manual_seed(44)
DESKS = {
    "markets": "shares bond yield profit bank merger index rally dividend futures".split(),
    "health": "virus vaccine clinic patient surgery trial disease nurse hospital drug".split(),
    "arts": "gallery novel film stage painter poem dance exhibit museum author".split(),
}
FILL = "said on monday the new in a to of and its for after officials year from would city more people report first".split()
LABELS = list(DESKS)


def story():
    y = random.randrange(3)
    n = random.randint(8, 25)
    toks = random.choices(FILL, k=n)
    toks[random.randrange(n)] = random.choice(DESKS[LABELS[y]])
    if random.random() < 0.4:
        toks[random.randrange(n)] = random.choice(DESKS[LABELS[y]])
    return toks, y


data = [story() for _ in range(1500)]
train_data, dev_data = data[:1200], data[1200:]
stoi = {w: i for i, w in enumerate(["<pad>"] + sorted(set(FILL + sum(DESKS.values(), []))))}


def collate(rows):
    T = max(len(t) for t, _ in rows)
    tokens = torch.zeros(len(rows), T, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        tokens[i, :len(t)] = torch.tensor([stoi[w] for w in t])
    return tokens, torch.tensor([y for _, y in rows])


class AttnClassifier(nn.Module):
    def __init__(self, vocab, dim=20, att=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.proj = nn.Linear(dim, att)
        self.v = nn.Linear(att, 1, bias=False)
        self.fc = nn.Linear(dim, 3)

    def forward(self, tokens):
        e = self.embed(tokens)
        u = self.v(torch.tanh(self.proj(e))).squeeze(-1)
        u = u.masked_fill(tokens == 0, -1e9)
        # fault:
        alpha = u.softmax(dim=0)
        # mended:
        # alpha = u.softmax(dim=1)
        # end
        context = (alpha.unsqueeze(-1) * e).sum(dim=1)
        return self.fc(context)


model = AttnClassifier(len(stoi))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(7):
    model.train()
    tot, n = 0.0, 0
    for tokens, y in DataLoader(train_data, batch_size=40, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(tokens), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot, n = tot + loss.item() * len(y), n + len(y)
    model.eval()
    ok = 0
    with torch.no_grad():
        for tokens, y in DataLoader(dev_data, batch_size=8, collate_fn=collate):
            ok += (model(tokens).argmax(1) == y).sum().item()
    print(f"epoch {epoch} loss {tot / n:.4f} dev_acc {ok / len(dev_data):.4f}")
