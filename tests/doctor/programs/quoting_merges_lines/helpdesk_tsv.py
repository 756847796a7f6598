import csv
import os
import random
import tempfile
from collections import Counter

import torch
import torch.nn as nn

random.seed(5)
torch.manual_seed(5)

# ---- export of the shop's feedback form: label <TAB> text, one line per message -------------------------
GOOD = "lovely fits sturdy bright quick perfect soft generous charming reliable quiet neat warm easy crisp".split()
BAD = "torn late scratched dull broken noisy cheap flimsy wobbly stained leaky rough slow crooked cracked".split()
NEUT = "the table arrived on monday and my sister ordered it in blue for our kitchen box was as shown here".split()


def message():
    label = random.choice(["neg", "pos"])
    own, other = (BAD, GOOD) if label == "neg" else (GOOD, BAD)
    words = random.choices(NEUT, k=random.randint(5, 11)) + random.choices(own, k=random.randint(1, 3))
    if random.random() < 0.25:
        words += random.choices(other, k=1)
    random.shuffle(words)
    r = random.random()
    if r < 0.12:                                   # customers quote, and seldom close what they open
        words[0] = '"' + words[0]
    elif r < 0.14:
        words[0] = '"' + words[0]
        words[2] = words[2] + '"'
    elif r < 0.16:
        words[-1] = words[-1] + ' 15"'
    return label + "\t" + " ".join(words)


folder = tempfile.mkdtemp()
for name, n in (("train", 6000), ("dev", 1200)):
    with open(os.path.join(folder, name + ".tsv"), "w", encoding="utf-8") as f:
        f.write("\n".join(message() for _ in range(n)) + "\n")


def read_tsv(name):
    rows = []
    with open(os.path.join(folder, name + ".tsv"), encoding="utf-8", newline="") as f:
        # fault:
        for rec in csv.reader(f, delimiter="\t"):
        # mended:
        # for rec in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
        # end
            if len(rec) >= 2:
                rows.append((rec[1].replace('"', " ").lower().split(), int(rec[0] == "pos")))
    return rows


train_rows, dev_rows = read_tsv("train"), read_tsv("dev")
freq = Counter(w for toks, _ in train_rows for w in toks)
vocab = {w: i + 2 for i, (w, c) in enumerate(freq.most_common()) if c > 1}
print("rows:", len(train_rows), len(dev_rows), "vocabulary:", len(vocab))
print("mean length: %.1f" % (sum(len(t) for t, _ in train_rows) / len(train_rows)))


def batches(rows, size, shuffle):
    idx = list(range(len(rows)))
    if shuffle:
        random.shuffle(idx)
    for s in range(0, len(idx), size):
        part = [rows[i] for i in idx[s:s + size]]
        L = max(len(t) for t, _ in part)
        x = torch.zeros(len(part), L, dtype=torch.long)
        for k, (t, _) in enumerate(part):
            x[k, :len(t)] = torch.tensor([vocab.get(w, 1) for w in t])
        yield {"ids": x, "mask": x.ne(0), "y": torch.tensor([y for _, y in part])}


class Attend(nn.Module):
    def __init__(self, n, d=20):
        super().__init__()
        self.e = nn.Embedding(n, d, padding_idx=0)
        self.score = nn.Linear(d, 1)
        self.cls = nn.Linear(d, 2)

    def forward(self, b):
        h = self.e(b["ids"])
        a = self.score(h).squeeze(-1).masked_fill(~b["mask"], -1e9).softmax(-1)
        return self.cls((a.unsqueeze(-1) * h).sum(1))


net = Attend(len(vocab) + 2)
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
for epoch in range(4):
    net.train()
    seen = tot = 0.0
    for b in batches(train_rows, 64, True):
        loss = nn.functional.cross_entropy(net(b), b["y"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b["y"]); seen += len(b["y"])
    net.eval()
    with torch.no_grad():
        ok = sum((net(b).argmax(1) == b["y"]).sum().item() for b in batches(dev_rows, 200, False))
    print(f"epoch {epoch}: loss {tot / seen:.4f} dev accuracy {ok / len(dev_rows):.4f}")
