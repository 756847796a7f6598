"""Ticket router that grows: in spring three queues, from summer on two more queues and a lot of new product words."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

rnd = random.Random(31)
torch.manual_seed(31)

QUEUES = {
    "billing": "invoice refund charge receipt payment vat overcharged subscription card".split(),
    "login": "password login reset locked account token username captcha signin".split(),
    "shipping": "parcel courier tracking late delivery customs address lost pickup".split(),
    "privacy": "gdpr consent erase personal data cookies export optout tracking".split(),
    "firmware": "firmware update brick flashing bootloop beta rollback version led".split(),
}
NAMES = list(QUEUES)
FILL = "hello please help with my since yesterday again the thanks team it is a problem about and still".split()
NEW_WORDS = "doorcam smartlock hubmini airbeam solarplug".split()


def ticket(queue, season):
    words = rnd.choices(QUEUES[queue], k=rnd.randint(2, 4)) + rnd.choices(FILL, k=rnd.randint(5, 10))
    if rnd.random() < 0.3:
        words.append(rnd.choice(QUEUES[rnd.choice(NAMES[:3] if season == 1 else NAMES)]))
    if season == 2:
        words.append(rnd.choice(NEW_WORDS))
    rnd.shuffle(words)
    return words


def season_rows(season, n):
    queues = NAMES[:3] if season == 1 else NAMES
    rows = [(ticket(queues[i % len(queues)], season), i % len(queues)) for i in range(n)]
    rnd.shuffle(rows)
    return rows


class Router(nn.Module):
    def __init__(self, words, queues, dim=32):
        super().__init__()
        self.vocab = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted(words))}
        self.dim = dim
        self.emb = nn.Embedding(len(self.vocab), dim, padding_idx=0)
        self.lin = nn.Linear(dim, dim)
        self.head = nn.Linear(dim, queues)

    def grow(self, words, queues):
        """Make room for unseen words and queues; what is known stays."""
        for w in sorted(words):
            self.vocab.setdefault(w, len(self.vocab))
        emb, head = nn.Embedding(len(self.vocab), self.dim, padding_idx=0), nn.Linear(self.dim, queues)
        with torch.no_grad():
            emb.weight[: self.emb.num_embeddings] = self.emb.weight
            head.weight[: self.head.out_features] = self.head.weight
            head.bias[: self.head.out_features] = self.head.bias
        self.emb, self.head = emb, head

    def encode(self, rows):
        n = max(len(w) for w, _ in rows)
        x = [[self.vocab.get(t, 1) for t in w] + [0] * (n - len(w)) for w, _ in rows]
        return torch.tensor(x), torch.tensor([y for _, y in rows])

    def forward(self, x):
        keep = (x != 0).float().unsqueeze(2)
        pooled = (self.emb(x) * keep).sum(1) / keep.sum(1)
        return self.head(torch.tanh(self.lin(pooled)))


def fit(model, opt, rows, dev, epochs, title):
    for ep in range(epochs):
        model.train()
        rnd.shuffle(rows)
        total = 0.0
        for i in range(0, len(rows), 32):
            x, y = model.encode(rows[i:i + 32])
            loss = F.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        model.eval()
        with torch.no_grad():
            x, y = model.encode(dev)
            acc = (model(x).argmax(1) == y).float().mean().item()
        print(f"{title} epoch {ep}: loss {total / len(rows):.3f}, held-out accuracy {acc:.3f}")


spring, spring_dev = season_rows(1, 900), season_rows(1, 200)
summer, summer_dev = season_rows(2, 3000), season_rows(2, 500)

router = Router({t for w, _ in spring for t in w}, 3)
opt = torch.optim.Adam(router.parameters(), lr=2e-3)
fit(router, opt, spring, spring_dev, 4, "spring")

# fault:
router.grow({t for w, _ in summer for t in w}, 5)
# mended:
# router.grow({t for w, _ in summer for t in w}, 5)
# opt = torch.optim.Adam(router.parameters(), lr=2e-3)
# end
fit(router, opt, summer, summer_dev, 7, "summer")
