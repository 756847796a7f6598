# In[1]:
# second-hand ads -> section of the site. The dump comes as tab separated text.
import csv
import os
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

# In[2]: write the dump as the site does (plain join, nothing escaped)
SECTIONS = ["books", "garden", "music", "sport", "toys", "kitchen"]
syll = ["ba", "ke", "lo", "mi", "nu", "ra", "so", "ti", "ve", "zo", "dra", "pli", "sta", "gro", "fen"]
brand_names = set()
while len(brand_names) < 900:
    brand_names.add("".join(random.choice(syll) for _ in range(3)))
brand_names = sorted(brand_names)
random.shuffle(brand_names)
brands = {s: brand_names[i * 150:(i + 1) * 150] for i, s in enumerate(SECTIONS)}
FILL = "selling my old one good condition pick up only price is fixed hardly used with box no returns near the station gift from aunt some scratches works well cash".split()


def advert():
    s = random.choice(SECTIONS)
    words = random.choices(FILL, k=random.randint(5, 11))
    for _ in range(2):
        words.insert(random.randint(0, len(words)), random.choice(brands[s]))
    if random.random() < 0.2:
        words.insert(random.randint(0, len(words)), random.choice(brands[random.choice(SECTIONS)]))
    text = " ".join(words)
    if random.random() < 0.06:
        text = '"' + text  # people shout their headline
    return s, text


ads = list(dict.fromkeys(advert() for _ in range(2300)))
for name, part in (("train.tsv", ads[:1700]), ("test.tsv", ads[1700:])):
    with open(name, "w", encoding="utf-8") as f:
        f.write("section\ttext\n")
        for s, t in part:
            f.write(f"{s}\t{t}\n")
print({n: os.path.getsize(n) for n in ("train.tsv", "test.tsv")})


# In[3]: read it back
def read_tsv(name):
    with open(name, encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.reader(f, delimiter="\t")
        # mended:
        #reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        next(reader)
        return [(row[0], row[1].lower().replace('"', "").split()) for row in reader]


train, test = read_tsv("train.tsv"), read_tsv("test.tsv")
print("train", len(train), "test", len(test))
print(Counter(s for s, _ in train))

# In[4]: ids + offsets for EmbeddingBag
freq = Counter(w for _, ws in train for w in ws)
word2id = {"<unk>": 0}
for w, c in freq.items():
    if c >= 2:
        word2id[w] = len(word2id)
print("vocab", len(word2id))


def batch(rows):
    ids, offs, ys = [], [], []
    for s, ws in rows:
        offs.append(len(ids))
        ids += [word2id.get(w, 0) for w in ws]
        ys.append(SECTIONS.index(s))
    return torch.tensor(ids), torch.tensor(offs), torch.tensor(ys)


# In[5]: fasttext-like classifier
class FastText(nn.Module):
    def __init__(self, n, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, dim, mode="mean")
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(dim, len(SECTIONS))

    def forward(self, ids, offs):
        return self.fc(self.drop(self.bag(ids, offs)))


model = FastText(len(word2id))
opt = torch.optim.Adam(model.parameters(), lr=0.01)


def score(rows):
    model.eval()
    with torch.no_grad():
        ids, offs, ys = batch(rows)
        out = model(ids, offs)
    model.train()
    return F.cross_entropy(out, ys).item(), (out.argmax(1) == ys).float().mean().item()


# In[6]:
for epoch in range(18):
    random.shuffle(train)
    for i in range(0, len(train), 50):
        ids, offs, ys = batch(train[i:i + 50])
        loss = F.cross_entropy(model(ids, offs), ys)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, "train %.3f %.3f" % score(train), "test %.3f %.3f" % score(test))

print(f"test accuracy {score(test)[1]:.3f} on {len(test)} ads")
