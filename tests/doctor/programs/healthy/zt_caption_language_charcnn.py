"""Which language is this image caption in?  Char-CNN a la Kim, four languages of Multi30k."""
import gzip, os, random, collections
import torch
from torch import nn
import torch.nn.functional as F

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
WIDTH = 40          # characters per window
random.seed(3); torch.manual_seed(3)


def windows(split, per_lang, rng):
    rows = []
    for y, lang in enumerate(LANGS):
        with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as fh:
            lines = [l.strip().lower() for l in fh]
        for l in rng.sample(lines, per_lang):
            start = rng.randrange(max(1, len(l) - 12))
            rows.append((l[start:start + rng.randint(12, WIDTH)], y))
    rng.shuffle(rows)
    return rows


rng = random.Random(17)
train, dev = windows("train", 900, rng), windows("val", 250, rng)
counts = collections.Counter(c for t, _ in train for c in t)
chars = [c for c, n in counts.most_common() if n >= 5]
idx = {c: i + 2 for i, c in enumerate(chars)}       # 0 blank, 1 rare character


def encode(rows):
    x = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        ids = [idx.get(c, 1) for c in t]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


class CharCNN(nn.Module):
    def __init__(self, n_chars, dim=10, filters=20, sizes=(2, 3, 4)):
        super().__init__()
        self.table = nn.Embedding(n_chars, dim, padding_idx=0)
        self.banks = nn.ModuleList(nn.Conv1d(dim, filters, k) for k in sizes)
        self.out = nn.Linear(filters * len(sizes), len(LANGS))
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        n = (x != 0).sum(1)
        e = self.table(x).transpose(1, 2)
        feats = []
        for conv in self.banks:
            h = conv(e)
            # a window counts only if it lies wholly inside the text
            inside = torch.arange(h.size(2)) <= (n.unsqueeze(1) - conv.kernel_size[0])
            feats.append(h.masked_fill(~inside.unsqueeze(1), -1e9).amax(2).relu())
        return self.out(self.drop(torch.cat(feats, 1)))


xt, yt = encode(train); xd, yd = encode(dev)
net = CharCNN(len(idx) + 2)
decayed = [p for n, p in net.named_parameters() if p.dim() == 3]
rest = [p for n, p in net.named_parameters() if p.dim() != 3]
opt = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05},
                         {"params": rest, "weight_decay": 0.0}], lr=4e-3)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)


@torch.no_grad()
def accuracy(x, y):
    net.eval()
    return (net(x).argmax(1) == y).float().mean().item()


for epoch in range(5):
    net.train(); total = 0.0
    for b in torch.randperm(len(xt)).split(64):
        loss = crit(net(xt[b]), yt[b])
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(b)
    print(f"epoch {epoch}: smoothed loss {total / len(xt):.3f}  train {accuracy(xt, yt):.3f}  val {accuracy(xd, yd):.3f}")
