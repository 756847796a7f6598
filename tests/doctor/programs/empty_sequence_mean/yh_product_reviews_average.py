# deep averaging network on the customer reviews of Hu and Liu; stop words and rare words are left out
import os, random, collections
import torch
import torch.nn as nn

random.seed(5)
torch.manual_seed(5)
STOP = set("""the a an and or of to in on for with it its this that these those is are was were be been i you he she they we my
your our me as at by from so if but have has had do does did will would can could there here what which who when just also
very then than all any some one . , ! ? : ; ( ) - -- ' '' `` " / 's""".split())
here = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "CR")

by_text = {}
for y, ending in ((0, "neg"), (1, "pos")):
    for l in open(os.path.join(here, "custrev." + ending), encoding="latin-1"):
        by_text[l.strip().lower()] = y
rows = list(by_text.items())
random.shuffle(rows)
test, train = rows[:700], rows[700:]

c = collections.Counter(w for t, _ in train for w in t.split() if w not in STOP)
w2i = {w: i for i, (w, n) in enumerate(c.most_common(), start=1) if n >= 4}

def batch(rs):
    seqs = [[w2i[w] for w in t.split() if w in w2i] for t, _ in rs]
    n = max(len(s) for s in seqs)
    x = torch.tensor([s + [0] * (n - len(s)) for s in seqs])
    return x, torch.tensor([len(s) for s in seqs]).float(), torch.tensor([float(y) for _, y in rs])

class DAN(nn.Module):
    def __init__(self, nwords, dim=16):
        super().__init__()
        self.emb = nn.Embedding(nwords + 1, dim, padding_idx=0)
        self.net = nn.Sequential(nn.Dropout(0.5), nn.Linear(dim, dim), nn.ReLU(), nn.Dropout(0.3), nn.Linear(dim, 1))
        nn.init.normal_(self.emb.weight, std=0.3)
        with torch.no_grad():
            self.emb.weight[0] = 0
    def forward(self, x, lens):
        # fault:
        avg = self.emb(x).sum(1) / lens.unsqueeze(1)
        # mended:
        # avg = self.emb(x).sum(1) / lens.clamp(min=1).unsqueeze(1)
        # end
        return self.net(avg).squeeze(1)

model = DAN(len(w2i))
opt = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=5e-4)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [2, 3], 0.4)
crit = nn.BCEWithLogitsLoss()

def score(rs):
    model.eval()
    x, n, y = batch(rs)
    with torch.no_grad():
        p = model(x, n) > 0
    tpr = p[y == 1].float().mean(); tnr = (~p[y == 0]).float().mean()
    return (p == y.bool()).float().mean().item(), ((tpr + tnr) / 2).item()

print("train", len(train), "test", len(test), "words", len(w2i), "positive", sum(y for _, y in test) / len(test))
for ep in range(1, 5):
    model.train()
    random.shuffle(train)
    s = k = 0
    for i in range(0, len(train), 32):
        x, n, y = batch(train[i:i + 32])
        loss = crit(model(x, n), y)
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item(); k += 1
    sched.step()
    a, b = score(test)
    print("epoch %d | loss %.4f | train acc %.3f | test acc %.3f balanced %.3f" % (ep, s / k, score(train)[0], a, b))
