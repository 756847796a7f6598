# Blog: "Can a GRU hear the church modes?"  -- code from the post, in one file
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(8); torch.manual_seed(8)

MODES = {                       # semitones above the final
    "aeolian":    [0, 2, 3, 5, 7, 8, 10],
    "dorian":     [0, 2, 3, 5, 7, 9, 10],
    "ionian":     [0, 2, 4, 5, 7, 9, 11],
    "locrian":    [0, 1, 3, 5, 6, 8, 10],
    "lydian":     [0, 2, 4, 6, 7, 9, 11],
    "mixolydian": [0, 2, 4, 5, 7, 9, 10],
    "phrygian":   [0, 1, 3, 5, 7, 8, 10],
}
NAMES = sorted(MODES)

def melody(mode):
    scale = MODES[mode]
    deg, notes = 0, []
    for _ in range(24):                     # random walk on scale degrees, always 24 notes
        notes.append(scale[deg % 7] + 12 * (deg // 7 % 2))
        deg = max(0, min(13, deg + random.choice([-3, -2, -1, -1, 1, 1, 2, 3])))
    return notes

def corpus(n):
    ys = [random.randrange(7) for _ in range(n)]
    return torch.tensor([melody(NAMES[y]) for y in ys]), torch.tensor(ys)

X_tr, y_tr = corpus(1200)
X_te, y_te = corpus(400)

class ModeNet(nn.Module):
    def __init__(self, emb=24, hid=32):
        super().__init__()
        self.note = nn.Embedding(24, emb)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        # fault:
        self.head = nn.Linear(hid, 1)
        # mended:
        # self.head = nn.Linear(hid, len(NAMES))
        # end

    def forward(self, x):
        out, _ = self.gru(self.note(x))
        # fault:
        return self.head(out.amax(1)).squeeze(1)
        # mended:
        # return self.head(out.amax(1))
        # end

net = ModeNet()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)

def objective(out, y):
    # fault:
    return F.mse_loss(out, y.float())
    # mended:
    # return F.cross_entropy(out, y)
    # end

def predict(x):
    net.eval()
    with torch.no_grad():
        out = net(x)
    net.train()
    # fault:
    return out.round().clamp(0, len(NAMES) - 1).long()
    # mended:
    # return out.argmax(-1)
    # end

for epoch in range(6):
    perm = torch.randperm(len(X_tr))
    s = 0
    for b in perm.chunk(30):
        opt.zero_grad()
        loss = objective(net(X_tr[b]), y_tr[b])
        loss.backward()
        opt.step()
        s += loss.item() / 30
    print(f"[{epoch}] loss={s:.3f}  test acc={(predict(X_te) == y_te).float().mean():.3f}")

pred = predict(X_te)
for k, name in enumerate(NAMES):
    hit = (pred[y_te == k] == k).float().mean()
    print(f"   {name:11s} {hit:.2f}")
print(f"train {(predict(X_tr) == y_tr).float().mean():.3f} test {(pred == y_te).float().mean():.3f}")
