# Short gadget reviews -> stars up or down. Frozen GloVe, mean pooling, logistic layer.
import gzip
import os
import random
import re
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(99)
torch.manual_seed(99)

good = "great excellent perfect wonderful impressive fantastic superb brilliant solid reliable comfortable fast strong amazing nice beautiful outstanding good".split()
bad = "terrible awful horrible poor weak cheap useless slow broken disappointing bad ugly faulty noisy dangerous worthless painful worst".split()
parts = "screen battery keyboard sound camera case cable speaker charger display software price design box manual button".split()
lead = ["bought this in {m}", "used it for {n} weeks", "a gift for my {p}", "second one i own", "ordered it on {d}", "my {p} wanted it"]
fill = dict(m="january february march april june july august october november december".split(),
            n=[str(i) for i in range(2, 13)], p="brother sister mother father wife husband friend son daughter boss".split(),
            d="monday tuesday wednesday thursday friday saturday sunday".split())


def sentence(words):
    a, b = random.sample(parts, 2)
    s = [random.choice(lead).format(**{k: random.choice(v) for k, v in fill.items()}),
         f"the {a} is {random.choice(words)}",
         f"{b}: {random.choice(words)}"]
    return s[0].capitalize() + ". " + s[1].capitalize() + random.choice([", ", "! ", "... "]) + s[2] + random.choice("!.")


reviews = {}
while len(reviews) < 3000:
    y = random.randint(0, 1)
    reviews[sentence(good if y else bad)] = y
reviews = list(reviews.items())
random.shuffle(reviews)
train_set, val_set = reviews[:2400], reviews[2400:]
print(train_set[0])

# ---- GloVe ----
glove = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as fin:
    for line in fin:
        word, rest = line.split(" ", 1)
        glove[word] = rest
PAD, UNK = 0, 1


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    # return re.findall(r"\w+|[^\w\s]+", text.lower())
    # end


stoi = {"<pad>": PAD, "<unk>": UNK}
table = [np.zeros(50, dtype="float32"), np.zeros(50, dtype="float32")]
for text, _ in reviews:
    for w in tokenize(text):
        if w in glove and w not in stoi:
            stoi[w] = len(stoi)
            table.append(np.array(glove[w].split(), dtype="float32"))
weights = torch.tensor(np.stack(table))
print("vocabulary", tuple(weights.shape))


def collate(rows):
    ids = [[stoi.get(w, UNK) for w in tokenize(t)] for t, _ in rows]
    width = max(map(len, ids))
    return (torch.tensor([i + [PAD] * (width - len(i)) for i in ids]), torch.tensor([[float(y)] for _, y in rows]))


class MeanGlove(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=PAD)
        self.classify = nn.Linear(50, 1)

    def forward(self, ids):
        keep = (ids != PAD).float().unsqueeze(2)
        return self.classify((self.embed(ids) * keep).sum(1) / keep.sum(1).clamp(min=1))


net = MeanGlove()
opt = torch.optim.Adam(net.classify.parameters(), lr=0.03)
bce = nn.BCEWithLogitsLoss()
train_dl = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
val_dl = DataLoader(val_set, batch_size=200, collate_fn=collate)
for epoch in range(6):
    net.train()
    loss_sum = 0
    for ids, y in train_dl:
        opt.zero_grad()
        loss = bce(net(ids), y)
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        hit = sum(((net(ids) > 0).float() == y).sum().item() for ids, y in val_dl)
    print(f"[{epoch}] loss={loss_sum / len(train_set):.4f} val_acc={hit / len(val_set):.4f}")
