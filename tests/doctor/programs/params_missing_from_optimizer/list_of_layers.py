import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(33)
torch.manual_seed(33)
COUNTRIES = {"france": "paris", "italy": "rome", "japan": "tokyo", "egypt": "cairo", "peru": "lima", "kenya": "nairobi", "cuba": "havana", "norway": "oslo"}
VERBS = "visited left loved described painted".split()
PEOPLE = "anna omar lucy peter maria ken".split()


def claim():
    country = random.choice(list(COUNTRIES))
    city = COUNTRIES[country]
    true = random.random() < 0.5
    if not true:
        city = random.choice([c for c in COUNTRIES.values() if c != city])
    who, verb = random.choice(PEOPLE), random.choice(VERBS)
    return f"{who} {verb} {city} the capital of {country}".split(), int(true)


lexicon = {}
data = []
claims = list({(" ".join(w), y) for w, y in (claim() for _ in range(9000))})
claims.sort()
random.shuffle(claims)
for text, y in claims[:1400]:
    words = text.split()
    data.append(([lexicon.setdefault(w, len(lexicon)) for w in words], y))
X = torch.tensor([x for x, _ in data])
Y = torch.tensor([y for _, y in data])


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.lin1 = nn.Linear(dim, 2 * dim)
        self.lin2 = nn.Linear(2 * dim, dim)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x):
        return self.norm(x + self.lin2(F.gelu(self.lin1(x))))


class FactNet(nn.Module):
    def __init__(self, n_words, length, dim=20, depth=3):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim)
        # fault:
        self.blocks = [Block(dim * length) for _ in range(depth)]
        # mended:
        # self.blocks = nn.ModuleList([Block(dim * length) for _ in range(depth)])
        # end
        self.cls = nn.Linear(dim * length, 2)
        self.emb.weight.requires_grad_(False)

    def forward(self, x):
        h = self.emb(x).flatten(1)
        for block in self.blocks:
            h = block(h)
        return self.cls(h)


model = FactNet(len(lexicon), X.size(1))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
for epoch in range(6):
    for i in torch.randperm(1100).split(30):
        opt.zero_grad()
        loss = F.cross_entropy(model(X[i]), Y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(X[1100:]).argmax(1) == Y[1100:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} held-out accuracy {acc:.3f}")
