"""Tag every note of a melody with the function of the chord under it (T, S, D).
Filler positions have target -100; the tagger is a convolution over note vectors in plain tensors."""
import random
import torch
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

NOTES = ["<fill>"] + [n + str(o) for o in (3, 4, 5) for n in ("C", "D", "E", "F", "G", "A", "B")]
ID = {n: i for i, n in enumerate(NOTES)}
CHORD = {"T": "CEG", "S": "FAC", "D": "GBD"}
TAGS = list(CHORD)
FOLLOW = {"T": "SSD", "S": "DDT", "D": "TTT"}


def melody():
    fn = "T"
    notes, tags = [], []
    for _ in range(random.randint(3, 6)):                 # chords
        for _ in range(random.randint(3, 5)):             # notes over one chord
            name = random.choice(CHORD[fn]) if random.random() < 0.93 else random.choice("CDEFGAB")
            notes.append(ID[name + random.choice("345")])
            tags.append(TAGS.index(fn))
        fn = random.choice(FOLLOW[fn])
    return notes, tags


def collate(tunes):
    t = max(len(n) for n, _ in tunes)
    x = torch.tensor([n + [0] * (t - len(n)) for n, _ in tunes])
    y = torch.tensor([g + [-100] * (t - len(g)) for _, g in tunes])
    return x, y


tunes = [melody() for _ in range(1900)]
train, held = tunes[:1500], tunes[1500:]

DIM, CH, WIDTH = 12, 48, 7
table = torch.randn(len(NOTES), DIM) * 0.3
table[0] = 0
table.requires_grad_()
k1 = (torch.randn(CH, DIM, WIDTH) * (DIM * WIDTH) ** -0.5).requires_grad_()
c1 = torch.zeros(CH, requires_grad=True)
k2 = (torch.randn(CH, CH, 5) * (CH * 5) ** -0.5).requires_grad_()
c2 = torch.zeros(CH, requires_grad=True)
top = (torch.randn(3, CH, 1) * CH ** -0.5).requires_grad_()
params = [table, k1, c1, k2, c2, top]


def tagger(x, drop=False):
    real = (x > 0).unsqueeze(1).float()
    e = F.embedding(x, table, padding_idx=0).transpose(1, 2)
    e = F.dropout(e, 0.15, training=drop)
    h = torch.relu(F.conv1d(e, k1, c1, padding=WIDTH // 2)) * real
    h = h + torch.relu(F.conv1d(h, k2, c2, padding=2)) * real
    return F.conv1d(F.dropout(h, 0.3, training=drop), top)          # (B, 3, T), as cross_entropy likes it


def assess(part):
    x, y = collate(part)
    with torch.no_grad():
        out = tagger(x)
    m = y != -100
    return F.cross_entropy(out, y).item(), (out.argmax(1)[m] == y[m]).float().mean().item()


opt = torch.optim.Adam(params, lr=0.006)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
for epoch in range(5):
    random.shuffle(train)
    for i in range(0, len(train), 12):
        x, y = collate(train[i:i + 12])
        loss = F.cross_entropy(tagger(x, drop=True), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    (a, b), (c, d) = assess(train), assess(held)
    print(f"epoch {epoch}  train {a:.3f} / {b:.3f}   held out {c:.3f} / {d:.3f}")

_, y = collate(held)
y = y[y != -100]
print(f"notes tagged right: {d:.3f}   (most frequent tag: {torch.bincount(y).max().item() / len(y):.3f})")
