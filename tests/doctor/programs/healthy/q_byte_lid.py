# Which language is this snippet? Byte-level CNN, no tokenizer: windows of raw UTF-8 out of Multi30k captions.
import gzip, os, random
import torch
import torch.nn as nn
import torch.nn.functional as F

LANGS = ["en", "de", "fr", "cs"]
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
random.seed(1); torch.manual_seed(1)

def lines(split, lang, n):
    with gzip.open(os.path.join(base, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as fh:
        return [l.strip() for _, l in zip(range(n), fh)]

def snippets(split, n):
    """every caption gives one piece of 6 to 24 bytes; the four versions of a caption stay in one split"""
    rows = []
    for y, lang in enumerate(LANGS):
        for l in lines(split, lang, n):
            raw = l.lower().encode("utf-8")
            size = random.randint(6, 24)
            a = random.randint(0, max(0, len(raw) - size))
            rows.append((raw[a:a + size], y))
    return rows

train_rows, dev_rows, test_rows = snippets("train", 1300), snippets("val", 400), snippets("test_2016_flickr", 400)

def to_tensor(rows):
    width = max(len(r) for r, _ in rows)
    x = torch.full((len(rows), width), 256)
    for i, (r, _) in enumerate(rows):
        x[i, :len(r)] = torch.tensor(list(r))
    return x, torch.tensor([y for _, y in rows])

class ByteCNN(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.table = nn.Embedding(257, 16, padding_idx=256)
        self.convs = nn.ModuleList([nn.Conv1d(16, width, k, padding=k - 1) for k in (2, 3, 5)])
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(3 * width, len(LANGS))

    def forward(self, x):
        e = self.table(x).transpose(1, 2)
        n = (x != 256).sum(1)
        pooled = []
        for conv in self.convs:
            h = F.relu(conv(e))
            k = conv.kernel_size[0]
            pos = torch.arange(h.size(2))
            seen = pos[None, :] < (n + k - 1)[:, None]     # outputs whose window holds at least one byte of the text
            pooled.append(h.masked_fill(~seen.unsqueeze(1), 0.0).amax(2))   # relu: 0 is the floor anyway
        return self.out(self.drop(torch.cat(pooled, 1)))

model = ByteCNN()
opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
EPOCHS = 5
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=3e-3, total_steps=EPOCHS * (len(train_rows) // 48), cycle_momentum=False)

def accuracy(rows):
    model.eval()
    x, y = to_tensor(rows)
    with torch.no_grad():
        p = model(x).argmax(1)
    model.train()
    return (p == y).float().mean().item(), p, y

for ep in range(1, EPOCHS + 1):
    random.shuffle(train_rows)
    s = 0.0
    for i in range(len(train_rows) // 48):
        x, y = to_tensor(train_rows[i * 48:(i + 1) * 48])
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        s += loss.item()
    scores = {name: accuracy(rows)[0] for name, rows in [("train[:1000]", train_rows[:1000]), ("dev", dev_rows), ("test", test_rows)]}
    print(ep, f"loss {s / (i + 1):.4f}", " ".join(f"{k} {v:.3f}" for k, v in scores.items()))

_, p, y = accuracy(test_rows)
conf = torch.zeros(4, 4, dtype=torch.long)
conf.index_put_((y, p), torch.ones_like(y), accumulate=True)
print("confusion (rows: truth)", dict(zip(LANGS, conf.tolist())))
