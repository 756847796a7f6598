# Food / tool / animal tagger trained from a gazetteer only: words that the gazetteer doesn't know get -100 (no tag).
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)

GAZ = {
    "FOOD": "bread cheese soup rice noodles apples cake salad stew pasta".split(),
    "TOOL": "hammer saw drill wrench pliers chisel shovel rake axe file".split(),
    "ANIMAL": "dog horse goat cat sheep donkey rabbit duck hen pony".split(),
    "OTHER": "yesterday slowly often happily again today twice soon alone outside".split(),
}
# what the gazetteer lacks, but the corpus has: names
NAMES = "tom lea max ida per ulla jon siv rolf nora".split()
TAGS = list(GAZ)
CUE = {"FOOD": "eats cooks serves tastes".split(), "TOOL": "sharpens swings repairs holds".split(),
       "ANIMAL": "feeds rides walks pets".split()}
word2tag = {w: TAGS.index(t) for t, ws in GAZ.items() for w in ws}


def sentence():
    if random.random() < 0.25:                          # small talk without any listed word
        return [random.choice(NAMES), random.choice("greets calls visits thanks".split()), random.choice(NAMES)]
    out = []
    for _ in range(random.randint(1, 2)):
        t = random.choice(list(CUE))
        noun = random.choice(GAZ[t])
        out += [random.choice(NAMES), random.choice(CUE[t]), "the", noun]
        if random.random() < .5:
            out.append(random.choice(GAZ["OTHER"]))
    return out


def unseen(words, p):
    # rare spellings: the tagger has to go by the verb in front of them
    return ["<unk>" if w in word2tag and random.random() < p else w for w in words]


corpus = [sentence() for _ in range(2200)]
labels = [[word2tag.get(w, -100) for w in s] for s in corpus]
corpus = [unseen(s, 0.3) for s in corpus]
train_s, train_l, test_s, test_l = corpus[:1800], labels[:1800], corpus[1800:], labels[1800:]
# fault:
keep = [i for i, l in enumerate(train_l) if len(l) >= 3]
# mended:
# keep = [i for i, l in enumerate(train_l) if len(l) >= 3 and max(l) >= 0]
# end
train_s, train_l = [train_s[i] for i in keep], [train_l[i] for i in keep]

vocab = {"<pad>": 0, "<unk>": 1}
for s in train_s:
    for w in s:
        vocab.setdefault(w, len(vocab))


def tensors(ss, ls):
    T = max(len(s) for s in ss)
    x = np.zeros((len(ss), T), dtype=np.int64)
    y = np.full((len(ss), T), -100, dtype=np.int64)
    for i, (s, l) in enumerate(zip(ss, ls)):
        x[i, :len(s)] = [vocab.get(w, 1) for w in s]
        y[i, :len(l)] = l
    return torch.from_numpy(x), torch.from_numpy(y)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, kernel_size=5, padding=2)
        self.fc = nn.Linear(48, len(TAGS))

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        return self.fc(h.transpose(1, 2))


tagger = Tagger()
opt = torch.optim.Adam(tagger.parameters(), lr=3e-3)
lossf = nn.CrossEntropyLoss(reduction="none")
BATCH = 4
for ep in range(2):
    order = list(range(len(train_s)))
    random.shuffle(order)
    losses = []
    tagger.train()
    for k in range(0, len(order), BATCH):
        j = order[k:k + BATCH]
        x, y = tensors([train_s[i] for i in j], [train_l[i] for i in j])
        out = tagger(x)
        has_tag = (y != -100).reshape(-1)
        per_token = lossf(out.reshape(-1, out.size(-1)), y.reshape(-1).clamp(min=0))
        loss = (per_token * has_tag).sum() / has_tag.sum()          # mean over the words that have a tag
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    tagger.eval()
    with torch.no_grad():
        x, y = tensors(test_s, test_l)
        known = y >= 0
        acc = (tagger(x).argmax(-1)[known] == y[known]).float().mean().item()
    print("epoch", ep, "loss", round(float(np.mean(losses)), 4), "tag accuracy", round(acc, 4))
