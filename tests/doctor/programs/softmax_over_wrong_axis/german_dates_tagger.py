# Tag day / month / year / amount / place in short German sentences.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(8)
torch.manual_seed(8)
MONTHS = "januar februar märz april mai juni juli august september oktober november dezember".split()
PLACES = "köln bonn kiel jena ulm graz bern wien trier essen".split()
THINGS = "kisten briefe stühle karten ordner gläser".split()
GLUE = "am und dann wieder wir haben dort noch etwas ihr kamt er ging sie blieb".split()
TAGS = ["O", "DAY", "MONTH", "YEAR", "AMOUNT", "PLACE"]


def sentence():
    out = []

    def say(*pairs):
        out.extend(pairs)

    for _ in range(random.randint(1, 2)):
        kind = random.randrange(4)
        if kind == 0:
            say(("am", "O"), (str(random.randint(1, 31)), "DAY"), (".", "O"), (random.choice(MONTHS), "MONTH"))
            if random.random() < 0.6:
                say((str(random.randint(1980, 2020)), "YEAR"))
        elif kind == 1:
            say((str(random.choice([random.randint(1, 31), random.randint(1980, 2020)])), "AMOUNT"), (random.choice(THINGS), "O"))
        elif kind == 2:
            say((random.choice(["in", "nach", "bei"]), "O"), (random.choice(PLACES), "PLACE"))
        else:
            say(*[(w, "O") for w in random.choices(GLUE, k=random.randint(1, 3))])
    return out


train = [sentence() for _ in range(2000)]
seen = {" ".join(w for w, _ in s) for s in train}
dev = [s for s in (sentence() for _ in range(1200)) if " ".join(w for w, _ in s) not in seen][:400]
vocab = {"<pad>": 0, "<unk>": 1}
for s in train:
    for w, _ in s:
        vocab.setdefault(w, len(vocab))


def collate(rows):
    n = max(map(len, rows))
    x = torch.zeros(len(rows), n, dtype=torch.long)
    y = torch.full((len(rows), n), -100)
    for i, s in enumerate(rows):
        x[i, :len(s)] = torch.tensor([vocab.get(w, 1) for w, _ in s])
        y[i, :len(s)] = torch.tensor([TAGS.index(t) for _, t in s])
    return x, y


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.mix = nn.Sequential(nn.Conv1d(24, 48, 5, padding=2), nn.ReLU())
        self.out = nn.Linear(48, len(TAGS))

    def forward(self, x):
        h = self.mix(self.emb(x).transpose(1, 2)).transpose(1, 2)
        # fault:
        return F.log_softmax(self.out(h), dim=1)
        # mended:
        # return F.log_softmax(self.out(h), dim=2)
        # end


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
loader = DataLoader(train, batch_size=25, shuffle=True, collate_fn=collate)
for epoch in range(7):
    total = 0.0
    for x, y in loader:
        logp = model(x)
        loss = F.nll_loss(logp.reshape(-1, len(TAGS)), y.reshape(-1), ignore_index=-100)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        x, y = collate(dev)
        hat, keep = model(x).argmax(-1), y >= 0
        acc = (hat == y)[keep].float().mean().item()
        named = keep & (y > 0)
        ent = (hat == y)[named].float().mean().item()
    print(f"epoch {epoch + 1}: loss {total / len(loader):.3f}  token acc {acc:.3f}  on entities {ent:.3f}")
