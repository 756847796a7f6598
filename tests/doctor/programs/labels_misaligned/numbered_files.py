"""One file per essay, grades in a list of their own. A hashed bag of words and a small net."""
import random
import zlib
from pathlib import Path

import torch
from torch import nn

random.seed(83)
torch.manual_seed(83)
good = "therefore however evidence argument structure analysis precise conclude compare source".split()
weak = "stuff things like very nice maybe whatever kinda boring idk".split()
plain = [f"topic{i}" for i in range(80)]

# --- the folder as it came from the school
folder = Path("essays")
folder.mkdir(exist_ok=True)
grades = []
for i in range(1200):
    q = random.random()
    words = [random.choice(good if random.random() < q else weak) if random.random() < 0.3 else random.choice(plain) for _ in range(random.randint(25, 60))]
    (folder / f"essay_{i}.txt").write_text(" ".join(words))
    grades.append(round(1 + 5 * (1 - q), 1))
Path("grades.txt").write_text("\n".join(map(str, grades)))

# --- reading
# fault:
files = sorted(folder.glob("essay_*.txt"))
# mended:
# files = sorted(folder.glob("essay_*.txt"), key=lambda p: int(p.stem.split("_")[1]))
# end
texts = [f.read_text().split() for f in files]
y = torch.tensor([float(g) for g in Path("grades.txt").read_text().split()])
BUCKETS = 512
x = torch.zeros(len(texts), BUCKETS)
for r, t in enumerate(texts):
    for w in t:
        x[r, zlib.crc32(w.encode()) % BUCKETS] += 1 / len(t)

order = torch.randperm(len(texts))
tr, dv = order[:900], order[900:]
model = nn.Sequential(nn.Linear(BUCKETS, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
mean, std = y[tr].mean(), y[tr].std()
for epoch in range(12):
    total = 0.0
    for b in tr[torch.randperm(len(tr))].split(30):
        loss = nn.functional.mse_loss(model(x[b]).squeeze(1), (y[b] - mean) / std)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 30
    with torch.no_grad():
        p = model(x[dv]).squeeze(1) * std + mean
        r = torch.corrcoef(torch.stack([p, y[dv]]))[0, 1]
    print(f"epoch {epoch} loss {total:.4f} dev correlation {r.item():.4f}")
