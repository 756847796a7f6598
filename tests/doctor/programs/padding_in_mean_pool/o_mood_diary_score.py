# Average mood of a diary entry (a number), from the words in it.  Entries are two words or forty words long.
import random
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(31)
torch.manual_seed(31)

syll = ["ba", "ko", "ri", "ne", "tu", "la", "mi", "so", "va", "de"]
lexicon = {}
while len(lexicon) < 260:
    lexicon.setdefault("".join(random.choices(syll, k=3)), random.gauss(0, 1))


def entry():
    # a day has a tendency; short notes and long ones are equally common
    lean = random.gauss(0, .9)
    pool = random.sample(list(lexicon), 60)
    weights = [np.exp(lean * lexicon[w]) for w in pool]
    n = random.choice([random.randint(2, 6), random.randint(20, 45)])
    words = random.choices(pool, weights, k=n)
    return words, sum(lexicon[w] for w in words) / n + 1.0 + random.gauss(0, .05)


entries = [entry() for _ in range(3000)]
train, valid = entries[:2500], entries[2500:]
ids = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for e, _ in train for w in e}))}


def collate(rows):
    longest = max(len(e) for e, _ in rows)
    x = torch.tensor([[ids.get(w, 1) for w in e] + [0] * (longest - len(e)) for e, _ in rows])
    return x, torch.tensor([m for _, m in rows], dtype=torch.float32)


class MoodModel(nn.Module):
    def __init__(self, vocab, dim=16):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim, padding_idx=0)
        self.word = nn.Sequential(nn.Linear(dim, 24), nn.ReLU(), nn.Linear(24, 8))
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        h = self.word(self.emb(x))
        # fault:
        pooled = h.mean(dim=1)
        # mended:
        # keep = (x != 0).unsqueeze(2).float()
        # pooled = (h * keep).sum(dim=1) / keep.sum(dim=1)
        # end
        return self.out(pooled).squeeze(1)


model = MoodModel(len(ids))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.MSELoss()
train_loader = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid, batch_size=100, collate_fn=collate)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5 * len(train_loader))

for epoch in range(5):
    model.train()
    total = 0
    for x, y in train_loader:
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        pred, true = map(torch.cat, zip(*[(model(x), y) for x, y in valid_loader]))
    mse = loss_fn(pred, true).item()
    print(f"epoch {epoch}: train mse {total / len(train):.4f}  valid mse {mse:.4f}  R2 {1 - mse / true.var().item():.3f}")
