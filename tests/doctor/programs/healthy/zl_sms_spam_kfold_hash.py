# SMS spam (13% spam, as in the UCI set; texts generated here): hashed character trigrams, 3-fold CV, averaged test predictions.
# "Trust your CV" -- every Kaggle grandmaster ever
import random, zlib
import numpy as np, torch, torch.nn as nn
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.metrics import roc_auc_score, f1_score

def seed_everything(s=2023):
    random.seed(s); np.random.seed(s); torch.manual_seed(s)

class CFG:
    buckets = 2048
    dim = 12
    folds = 3
    epochs = 3
    bs = 32
    lr = 3e-2

seed_everything()
who = ["mom", "dude", "anna", "boss", "love", "bro", "sir", "aunty"]
ham = ["are you home yet", "running late sorry", "call me after class", "bring some milk", "see you at {n} pm", "lol ok", "did you win the match",
       "the meeting is free of charge", "dinner at {n}", "i will text you later", "happy birthday", "my phone is dead", "where is the key", "ok thanks"]
spam = ["WINNER claim your prize now", "call 0{n}{n}{n}{n} for free ringtones", "urgent your account is suspended", "txt WIN to {n}{n}{n}",
        "cheap loans approved today", "you have won {n}00 pounds cash", "congratulations claim voucher code {n}{n}"]
fill = lambda s: s.replace("{n}", str(random.randint(1, 99)))

def sms(y):
    out = [fill(random.choice(spam if y else ham))] + [fill(random.choice(ham)) for _ in range(random.randint(1, 2))]
    random.shuffle(out)
    return (random.choice(who) + " " if random.random() < .5 else "") + " ".join(out)

pool = {}
while len(pool) < 1500:
    y = int(random.random() < .13)
    pool.setdefault(sms(y), y)
texts = np.array(list(pool)); y = np.array(list(pool.values()), dtype=np.float32)
X, X_test, y, y_test = train_test_split(texts, y, test_size=0.2, stratify=y, random_state=1)

def trigrams(t):
    t = f"^{t}$"
    return [zlib.crc32(t[i:i + 3].encode()) % CFG.buckets for i in range(len(t) - 2)]

def batch(ts):
    g = [trigrams(t) for t in ts]
    off = np.cumsum([0] + [len(x) for x in g[:-1]])
    return torch.tensor(sum(g, [])), torch.from_numpy(off)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.EmbeddingBag(CFG.buckets, CFG.dim, mode="mean")
        self.o = nn.Linear(CFG.dim, 1)
    def forward(self, ids, off):
        return self.o(self.e(ids, off)).flatten()

def predict(net, ts):
    net.eval()
    with torch.no_grad():
        return torch.sigmoid(net(*batch(ts))).numpy()

oof, test_pred = np.zeros(len(X)), np.zeros(len(X_test))
for fold, (tr, va) in enumerate(StratifiedKFold(CFG.folds, shuffle=True, random_state=0).split(X, y)):
    net = Net()
    opt = torch.optim.Adam(net.parameters(), CFG.lr)
    crit = nn.BCEWithLogitsLoss()
    batches = [b for e in range(CFG.epochs) for b in np.array_split(np.random.permutation(tr), len(tr) // CFG.bs)]
    sch = torch.optim.lr_scheduler.OneCycleLR(opt, CFG.lr * 4, total_steps=len(batches))
    for k, b in enumerate(batches):
        net.train()
        loss = crit(net(*batch(X[b])), torch.from_numpy(y[b]))
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
    oof[va] = predict(net, X[va])
    test_pred += predict(net, X_test) / CFG.folds
    print(f"fold {fold}: last loss {loss.item():.4f}  train f1 {f1_score(y[tr], predict(net, X[tr]) > .5):.4f}  valid auc {roc_auc_score(y[va], oof[va]):.4f}  f1 {f1_score(y[va], oof[va] > .5):.4f}")
print(f"OOF f1 {f1_score(y, oof > .5):.4f}   blended test auc {roc_auc_score(y_test, test_pred):.4f} f1 {f1_score(y_test, test_pred > .5):.4f}")
