# Which language is this tweet? Character CNN, 5 languages
import os, random
import torch, torch.nn as nn

torch.manual_seed(0); random.seed(0)
LANGS = ["english", "french", "german", "italian", "spanish"]
root = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
MAX = 80


def load(split, per):
    rows = []
    for k, lang in enumerate(LANGS):
        lines = open(os.path.join(root, lang, split + "_text.txt"), encoding="utf-8").read().splitlines()
        lines = [" ".join(w for w in l.split() if w not in ("@user", "http")) for l in lines]
        lines = [l.lower()[:MAX] for l in lines if len(l) >= 30]
        rows += [(l, k) for l in lines[:per]]
    return rows


train, valid = load("train", 400), load("val", 120)
count = {}
for t, _ in train:
    for c in t:
        count[c] = count.get(c, 0) + 1
alphabet = sorted(c for c, n in count.items() if n >= 5)
char = {c: i + 2 for i, c in enumerate(alphabet)}          # 0 pad, 1 unknown
print(len(train), "train", len(valid), "valid", len(alphabet), "characters")


def encode(rows):
    X = torch.zeros(len(rows), MAX, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        X[i, :len(t)] = torch.tensor([char.get(c, 1) for c in t])
    return X, torch.tensor([y for _, y in rows])


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(alphabet) + 2, 16, padding_idx=0)
        self.c1 = nn.Conv1d(16, 48, 3, padding=1)
        self.bn = nn.BatchNorm1d(48)
        self.c2 = nn.Conv1d(48, 64, 3, padding=1)
        self.fc = nn.Linear(64, len(LANGS))
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        keep = (x != 0).unsqueeze(1)
        h = torch.relu(self.bn(self.c1(self.emb(x).transpose(1, 2)))) * keep
        h = self.c2(h).masked_fill(~keep, -1e4).amax(2)
        return self.fc(self.drop(torch.relu(h)))


Xt, yt = encode(train)
Xv, yv = encode(valid)
model = CharCNN()
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
EPOCHS = 6
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS)


def acc(X, y):
    model.eval()
    with torch.no_grad():
        return sum((model(a).argmax(1) == b).sum().item() for a, b in zip(X.split(250), y.split(250))) / len(y)


for epoch in range(EPOCHS):
    model.train()
    run = 0.0
    for idx in torch.randperm(len(Xt)).split(50):
        loss = nn.functional.cross_entropy(model(Xt[idx]), yt[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(idx)
    sched.step()
    print("epoch %d loss %.3f train %.3f valid %.3f" % (epoch + 1, run / len(Xt), acc(Xt, yt), acc(Xv, yv)))
