import os, re, gzip, time
from collections import Counter
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader, WeightedRandomSampler
from torch.nn.utils.rnn import pad_sequence
from sklearn.metrics import f1_score, classification_report

DIR = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "tweeteval", "offensive")
SEED = 31
torch.manual_seed(SEED); np.random.seed(SEED)

def clean(t):
    t = t.lower().replace("’", "'")
    t = re.sub(r"@user", " ", t)
    return re.findall(r"[a-z]+|[!?]", t)

def load_split(name):
    X = [clean(l) for l in open(f"{DIR}/{name}_text.txt", encoding="utf-8")]
    Y = [int(l) for l in open(f"{DIR}/{name}_labels.txt")]
    assert len(X) == len(Y)
    return [(x, y) for x, y in zip(X, Y) if len(x) > 1]

train = load_split("train")[:6000]
test = load_split("val") + load_split("test")
have = {" ".join(x) for x, _ in train}
test = [r for r in test if " ".join(r[0]) not in have]

cnt = Counter(w for x, _ in train for w in set(x))
vocab = ["<pad>", "<unk>"] + [w for w, c in cnt.most_common() if c >= 4]
index = {w: i for i, w in enumerate(vocab)}
E = np.random.normal(0, .35, (len(vocab), 25)).astype("float32"); E[0] = 0
hit = 0
for line in gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8"):
    w, *v = line.split()
    if w in index and len(v) == 25:
        E[index[w]] = v; hit += 1
print(f"vocab {len(vocab)}, {hit} with a vector")

class Tweets(Dataset):
    def __init__(self, rows): self.rows = [(torch.tensor([index.get(w, 1) for w in x]), y) for x, y in rows]
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]

def collate(b):
    return pad_sequence([x for x, _ in b], batch_first=True), torch.tensor([float(y) for _, y in b])

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(E), freeze=False, padding_idx=0)
        self.drop = nn.Dropout(.3)
        self.key = nn.Linear(25, 1)
        self.out = nn.Linear(50, 1)
    def forward(self, x):
        pad = x.eq(0)
        e = self.drop(self.emb(x))
        a = self.key(e).squeeze(-1).masked_fill(pad, float("-inf")).softmax(1)
        att = torch.bmm(a.unsqueeze(1), e).squeeze(1)
        mean = e.sum(1) / (~pad).sum(1, keepdim=True)      # pad rows are zero
        return self.out(torch.cat([att, mean], 1)).view(-1)

tr = Tweets(train)
labels = np.array([y for _, y in train])
freq = np.bincount(labels)
print("class counts", freq)
# the classes are 2:1, so every batch is drawn half and half
sampler = WeightedRandomSampler(torch.tensor(1.0 / freq[labels]), num_samples=len(labels), replacement=True)
dl = DataLoader(tr, batch_size=64, sampler=sampler, collate_fn=collate)
dt = DataLoader(Tweets(test), batch_size=512, collate_fn=collate)

net = Net()
optim = torch.optim.RMSprop(net.parameters(), lr=4e-3)
sch = torch.optim.lr_scheduler.MultiStepLR(optim, [2, 3, 4], gamma=0.3)
for ep in range(5):
    net.train(); L = []
    for x, y in dl:
        loss = nn.functional.binary_cross_entropy_with_logits(net(x), y)
        optim.zero_grad(); loss.backward(); optim.step(); L.append(loss.item())
    sch.step()
    net.eval(); P, T = [], []
    with torch.no_grad():
        for x, y in dt:
            P += (net(x) > 0).long().tolist(); T += y.long().tolist()
    print(f"[{ep}] loss {np.mean(L):.4f}  macro-F1 {f1_score(T, P, average='macro'):.4f}  acc {np.mean(np.array(P) == T):.4f}")
print(classification_report(T, P, digits=3))
