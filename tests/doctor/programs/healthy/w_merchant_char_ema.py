"""Merchant name -> business type from characters; label smoothing, gradient clipping and an
exponential moving average of the weights that is used for scoring."""
import copy
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2024)
torch.manual_seed(2024)

STEMS = {
    "pharmacy": ["pharm", "apothek", "drugst", "chemist", "medicin"],
    "fuel": ["petrol", "gasst", "fuel", "oilco", "diesel"],
    "hotel": ["hotel", "motel", "hostel", "resort", "lodg"],
    "bakery": ["baker", "bread", "cake", "pastr", "donut"],
}
TYPES = sorted(STEMS)
ALPHABET = "abcdefghijklmnopqrstuvwxyz '-&."
code = {c: i + 1 for i, c in enumerate(ALPHABET)}
WIDTH = 28


def proper():
    return "".join(random.choice("bcdfghklmnprstvw") + random.choice("aeiou") for _ in range(random.randint(2, 3)))


def merchant():
    t = random.choice(TYPES)
    core = random.choice(STEMS[t]) + random.choice(["", "y", "s", "o", "ex", "land", "er"])
    parts = [proper(), core] if random.random() < .7 else [core, random.choice(["&", "of", "at"]), proper()]
    return " ".join(parts)[:WIDTH], TYPES.index(t)


rows = list(dict(merchant() for _ in range(2600)).items())
random.shuffle(rows)
ids = torch.tensor([[code[c] for c in n] + [0] * (WIDTH - len(n)) for n, _ in rows])
lab = torch.tensor([y for _, y in rows])
n_fit = len(rows) - 500


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(code) + 1, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 48, 5, padding=2)
        self.head = nn.Sequential(nn.Dropout(.1), nn.Linear(48, len(TYPES)))

    def forward(self, x):
        h = self.conv(self.emb(x).transpose(1, 2)).masked_fill((x == 0)[:, None], float("-inf"))
        return self.head(F.relu(h.amax(2)))


net = CharCNN()
shadow = copy.deepcopy(net).eval().requires_grad_(False)
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss(label_smoothing=.1)
for epoch in range(5):
    net.train()
    cum = []
    for b in torch.randperm(n_fit).split(32):
        loss = loss_fn(net(ids[b]), lab[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        cum.append(loss.item())
        with torch.no_grad():
            for slow, fast in zip(shadow.parameters(), net.parameters()):
                slow.lerp_(fast, .05)
    with torch.no_grad():
        right = (shadow(ids).argmax(1) == lab).float()
    print(f"epoch {epoch}: smoothed loss {sum(cum) / len(cum):.3f}, averaged weights: fit {right[:n_fit].mean():.3f}, held-out {right[n_fit:].mean():.3f}")
