# tone of financial news (PhraseBank, >= 50% agreement): negative / neutral / positive
import gzip, os, re
import numpy as np, torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import train_test_split

torch.manual_seed(0)
D = os.environ["WORDFIT_DATA"]
names = ["negative", "neutral", "positive"]
pairs = {}
for line in open(D + "/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8"):
    sent, _, lab = line.strip().rpartition("@")
    toks = re.findall(r"[a-z]+|\d+|%", sent.lower())[:24]
    if toks:
        pairs[" ".join(toks)] = names.index(lab)          # repeated lines fall together
X, y = list(pairs), list(pairs.values())
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=3, stratify=y)

glove = {}
with gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for row in fh:
        w, v = row.split(" ", 1)
        glove[w] = v
words = sorted({w for s in X for w in s.split() if w in glove})
ids = {w: i + 1 for i, w in enumerate(words)}             # 0: every other word
E = np.vstack([np.zeros((1, 50))] + [np.array(glove[w].split(), float) for w in words])
E = torch.tensor(E, dtype=torch.float32)
seq = lambda s: E[[ids.get(w, 0) for w in s.split()]]     # sentence -> (T, 50); the vectors are never trained
train, test = [seq(s) for s in Xtr], [seq(s) for s in Xte]
ytr, yte = torch.tensor(ytr), torch.tensor(yte)


class Tone(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(50, 40)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(40, 3)

    def forward(self, seqs):
        _, h = self.gru(pack_sequence(seqs, enforce_sorted=False))
        return self.out(self.drop(h[-1]))


def predict(seqs):
    net.eval()
    with torch.no_grad():
        return torch.cat([net(seqs[i:i + 256]).argmax(1) for i in range(0, len(seqs), 256)])


net = Tone()
weight = (len(ytr) / torch.bincount(ytr).float()).sqrt()  # softened class weights
loss_fn = nn.CrossEntropyLoss(weight=weight / weight.mean())
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
EPOCHS, B = 4, 64
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.5e-2, epochs=EPOCHS, steps_per_epoch=-(-len(train) // B))
for ep in range(EPOCHS):
    net.train()
    total = 0
    for idx in torch.randperm(len(train)).split(B):
        loss = loss_fn(net([train[i] for i in idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item() * len(idx)
    print(f"epoch {ep + 1} loss {total / len(train):.4f}")
print(f"macro-F1 on the training rows {f1_score(ytr, predict(train), average='macro'):.3f}")
print(classification_report(yte, predict(test), target_names=names, digits=3))
