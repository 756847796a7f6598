"""Genre tags of a song from its chord progression.  CNN, sigmoid tags, prior-probability initialisation (Lin et al. 2017)."""
import math, random
import torch
from torch import nn

random.seed(14)
torch.manual_seed(14)
ROOTS = "C C# D Eb E F F# G Ab A Bb B".split()
CHORDS = [r + q for r in ROOTS for q in ("", "m", "7", "maj7", "m7")]
GENRES = ["blues", "bossa", "punk", "gospel", "metal", "waltz"]
licks = {g: [[random.choice(CHORDS) for _ in range(3)] for _ in range(4)] for g in GENRES}


def song():
    tags = [g for g in GENRES if random.random() < 0.25]
    s = [random.choice(CHORDS) for _ in range(random.randint(6, 14))]
    for g in tags:
        for lick in random.sample(licks[g], 2):
            at = random.randint(0, len(s))
            s[at:at] = lick
    return s, [float(g in tags) for g in GENRES]


songs = [song() for _ in range(3400)]
train, dev = songs[:3000], songs[3000:]
stoi = {c: i + 1 for i, c in enumerate(CHORDS)}


def make(rows):
    T = max(len(s) for s, _ in rows)
    return torch.tensor([[stoi[c] for c in s] + [0] * (T - len(s)) for s, _ in rows]), torch.tensor([t for _, t in rows])


class ChordCNN(nn.Module):
    def __init__(self, prior=0.05):
        super().__init__()
        self.emb = nn.Embedding(len(CHORDS) + 1, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 64, 3)
        self.fc = nn.Linear(64, len(GENRES))
        bias = -math.log((1 - prior) / prior)
        # fault:
        for m in self.modules():
            if getattr(m, "bias", None) is not None:
                nn.init.constant_(m.bias, bias)
        # mended:
        # nn.init.constant_(self.fc.bias, bias)
        # end

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h * (x[:, 2:] != 0).unsqueeze(1)
        return self.fc(h.amax(2))


net = ChordCNN()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(9):
    net.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 50):
        x, y = make(train[i:i + 50])
        loss = bce(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        x, y = make(dev)
        p = (net(x) > 0).float()
    tp = (p * y).sum().item()
    f1 = 2 * tp / max((p.sum() + y.sum()).item(), 1)
    print(f"epoch {epoch}: bce {tot / len(train):.4f}  dev micro F1 {f1:.3f}  tags given {int(p.sum())} of {int(y.sum())}")
