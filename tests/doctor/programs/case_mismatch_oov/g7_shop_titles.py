"""Sort product titles of a small web shop into departments.
GloVe (twitter, 25d) stays fixed, only a small attention pooling head is trained."""
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)
DATA = os.environ["WORDFIT_DATA"]

ITEMS = {
    "kitchen": "knife spoon fork bowl cup plate pan pot oven kettle glass bottle jar tray dish mug stove grill lid recipe cook kitchen toaster blender cooking".split(),
    "clothing": "shirt jacket coat dress skirt jeans socks shoes boots hat scarf gloves belt sweater pants shorts suit tie hoodie jersey sleeve sandals blouse bra underwear".split(),
    "electronics": "laptop camera phone printer keyboard monitor cable battery charger speaker headphones router tablet modem processor memory usb wireless bluetooth laser scanner mouse computer video digital".split(),
    "music": "guitar piano drum violin flute trumpet bass album vinyl songs jazz orchestra choir opera acoustic melody symphony concert band singer lyrics rock blues folk metal".split(),
    "pets": "dog cat puppy kitten horse rabbit hamster fish bird parrot turtle pet leash cage feeding animal tail fur paw dogs cats horses birds pig duck".split(),
}
FILLER = "new best small large classic premium deluxe original modern quality special edition set pack red blue black white green style series".split()
LABELS = list(ITEMS)


def load_glove(path):
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            word, rest = line.rstrip().split(" ", 1)
            table[word] = rest
    return table


def make_titles(words, n):
    seen, rows = set(), []
    while len(rows) < n:
        lab = random.randrange(len(LABELS))
        parts = random.sample(words[LABELS[lab]], random.choice([1, 2, 2])) + random.sample(FILLER, random.choice([1, 2, 3]))
        random.shuffle(parts)
        title = " ".join(p.capitalize() for p in parts)
        if random.random() < 0.5:
            title += " with free delivery"
        if title not in seen:
            seen.add(title)
            rows.append((title, lab))
    return rows


glove = load_glove(os.path.join(DATA, "vectors", "glove.twitter.27B.25d.common11925.txt.gz"))
early, late = {}, {}
for lab, ws in ITEMS.items():
    ws = [w for w in ws if w in glove]
    random.shuffle(ws)
    cut = int(0.6 * len(ws))
    early[lab], late[lab] = ws[:cut], ws[cut:]
train = make_titles(early, 1200)
test = make_titles(late, 500)          # next season: other articles


def tokenize(title):
    # fault:
    return title.split()
    # mended:
    #return title.lower().split()
    # end


vocab = {"<pad>": 0, "<unk>": 1}
for title, _ in train + test:
    for tok in tokenize(title):
        vocab.setdefault(tok, len(vocab))

weights = torch.randn(len(vocab), 25) * 0.4
weights[0] = 0
for tok, i in vocab.items():
    if tok in glove:
        weights[i] = torch.tensor([float(v) for v in glove[tok].split()])


class TitleNet(nn.Module):
    def __init__(self, weights, n_out):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.score = nn.Linear(weights.size(1), 1)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(weights.size(1), n_out)

    def forward(self, ids):
        e = self.emb(ids)
        s = self.score(e).squeeze(-1).masked_fill(ids == 0, float("-inf"))
        a = F.softmax(s, dim=1).unsqueeze(-1)
        return self.out(self.drop((a * e).sum(1)))


def batchify(rows):
    ids = [torch.tensor([vocab[t] for t in tokenize(x)]) for x, _ in rows]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in rows])


net = TitleNet(weights, len(LABELS))
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)


def accuracy(rows):
    net.eval()
    x, y = batchify(rows)
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


for epoch in range(8):
    net.train()
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 50):
        x, y = batchify(train[i:i + 50])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
    if epoch % 2 == 1:
        print(f"epoch {epoch + 1:2d}  loss {running / 24:.3f}  train {accuracy(train):.3f}  test {accuracy(test):.3f}")
