# %% [markdown]
# Chord progressions -> mood tag of the song (calm, tense, bright, sad). Leadsheets of 6 to 18 chords.

# %%
import random
import torch
from torch import nn

torch.manual_seed(0)
random.seed(0)
PAD = 0
LONGEST = 20
COMMON = ["C", "F", "G", "Am", "Dm", "Em", "D", "A", "E", "Bb", "Gm", "Bm"]
COLOUR = {
    "calm": ["Cmaj7", "Fmaj7", "Em9", "Dsus2"],
    "tense": ["Bdim", "G#dim", "E7b9", "Ab+"],
    "bright": ["C6", "G6", "A9", "D13"],
    "sad": ["Fm", "Cm", "Abm", "Ebm7"],
}
MOODS = list(COLOUR)


def song():
    y = random.randrange(4)
    n = random.randint(6, 18)
    chords = [random.choice(COMMON) for _ in range(n)]
    for _ in range(2 + n // 6):
        chords[random.randrange(n)] = random.choice(COLOUR[MOODS[y]])
    if random.random() < 0.35:
        chords[random.randrange(n)] = random.choice(COLOUR[random.choice(MOODS)])
    return chords, y


songs, known = [], set()
while len(songs) < 2000:
    c, y = song()
    if tuple(c) not in known:
        known.add(tuple(c))
        songs.append((c, y))

# %%
stoi = {"<pad>": PAD}
for chords, _ in songs[:1600]:
    for c in chords:
        stoi.setdefault(c, len(stoi))
X = torch.zeros(len(songs), LONGEST, dtype=torch.long)
for i, (chords, _) in enumerate(songs):
    X[i, :len(chords)] = torch.tensor([stoi[c] for c in chords])
Y = torch.tensor([y for _, y in songs])
Xtr, Ytr, Xte, Yte = X[:1600], Y[:1600], X[1600:], Y[1600:]


# %%
class MoodReader(nn.Module):
    def __init__(self, n_chords, dim=32):
        super().__init__()
        self.chords = nn.Embedding(n_chords, dim, padding_idx=PAD)
        self.place = nn.Parameter(torch.randn(LONGEST, dim) * 0.1)
        self.listener = nn.Parameter(torch.randn(1, 1, dim) * 0.1)
        self.att = nn.MultiheadAttention(dim, 4, batch_first=True)
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, 4)

    def forward(self, ids):
        h = self.chords(ids) + self.place
        # fault:
        mask = ids != PAD
        # mended:
        #mask = ids == PAD
        # end
        q = self.listener.expand(ids.size(0), -1, -1)
        heard, _ = self.att(q, h, h, key_padding_mask=mask, need_weights=False)
        return self.out(self.norm(heard.squeeze(1)))


model = MoodReader(len(stoi))
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
loss_fn = nn.CrossEntropyLoss()

# %%
for epoch in range(6):
    model.train()
    perm = torch.randperm(len(Xtr))
    running = 0.0
    for k in range(0, len(perm), 50):
        j = perm[k:k + 50]
        loss = loss_fn(model(Xtr[j]), Ytr[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(j)
    model.eval()
    with torch.no_grad():
        logits = model(Xte)
        acc = (logits.argmax(-1) == Yte).float().mean()
    print(f"{epoch:2d} train {running / len(Xtr):.3f} held out {loss_fn(logits, Yte):.3f} acc {acc:.3f}")
