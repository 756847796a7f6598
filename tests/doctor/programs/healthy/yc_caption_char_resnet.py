# Character residual CNN: which language is this caption in? (Multi30k, four languages)
import gzip, os, torch, torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(21)
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
langs = ("en", "de", "fr", "cs")
L = 48


def grab(split, lang, lo, hi):
    with gzip.open(f"{base}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [l.strip().lower() for l in f][lo:hi]


tr = [(s, i) for i, l in enumerate(langs) for s in grab("train", l, 450 * i, 450 * i + 450)]  # different captions per language
va = [(s, i) for i, l in enumerate(langs) for s in grab("val", l, 200 * i, 200 * i + 120)]
chars = sorted({c for s, _ in tr for c in s})
c2i = {c: i + 2 for i, c in enumerate(chars)}        # 0 nothing, 1 other


def tensorise(rows):
    x = torch.zeros(len(rows), L, dtype=torch.long)
    for r, (s, _) in enumerate(rows):
        ids = [c2i.get(c, 1) for c in s[:L]]
        x[r, :len(ids)] = torch.tensor(ids)
    return TensorDataset(x, torch.tensor([y for _, y in rows]))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Conv1d(c, c, 3, padding=1)
        self.b = nn.Conv1d(c, c, 3, padding=1)
        nn.init.zeros_(self.b.weight)                # each block starts as the identity
        nn.init.zeros_(self.b.bias)

    def forward(self, h, keep):
        return (h + self.b(torch.relu(self.a(h)) * keep)) * keep


class CharResNet(nn.Module):
    def __init__(self, c=24):
        super().__init__()
        self.look = nn.Embedding(len(c2i) + 2, c, padding_idx=0)
        self.blocks = nn.ModuleList([Block(c), Block(c)])
        self.norm = nn.LayerNorm(c)
        self.out = nn.Linear(c, len(langs))

    def forward(self, x):
        keep = (x > 0).unsqueeze(1).float()
        h = self.look(x).transpose(1, 2)
        for blk in self.blocks:
            h = blk(h, keep)
        h = h.masked_fill(keep == 0, float("-inf")).max(dim=2).values
        return self.out(self.norm(h))


net = CharResNet()
epochs = 5
dl = DataLoader(tensorise(tr), batch_size=32, shuffle=True)
dv = DataLoader(tensorise(va), batch_size=256)
opt = torch.optim.NAdam(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=epochs * len(dl), power=1.0)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(1, epochs + 1):
    for phase, loader in (("train", dl), ("val", dv)):     # one loop for both
        net.train(phase == "train")
        s = n = ok = 0
        for x, y in loader:
            with torch.set_grad_enabled(phase == "train"):
                logits = net(x)
                loss = loss_fn(logits, y)
            if phase == "train":
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                opt.step()
                sched.step()
            s += loss.item() * len(y); n += len(y); ok += (logits.argmax(1) == y).sum().item()
        print(f"{epoch} {phase:5s} loss {s / n:.4f} acc {ok / n:.4f}")
