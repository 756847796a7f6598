# Financial PhraseBank, 3 classes, very uneven (59 / 28 / 13 %).
# Frozen GloVe, mean + max pooling over real words, class weights in the loss, macro F1 as the figure of merit.
import gzip, os, re
import numpy as np
import torch
import torch.nn as nn

D = os.environ['WORDFIT_DATA']
torch.manual_seed(11); np.random.seed(11)

labels = {'negative': 0, 'neutral': 1, 'positive': 2}
texts, y = [], []
seen = set()
for line in open(f'{D}/sentiment/financial-phrasebank/Sentences_50Agree.txt', encoding='utf-8'):
    s, _, l = line.strip().rpartition('@')
    toks = re.findall(r"[a-z]+|\d|[%.,$]", s.lower())
    key = ' '.join(toks)
    if key in seen or len(toks) < 3:
        continue
    seen.add(key)
    texts.append(toks); y.append(labels[l])
y = np.array(y)

glove = {}
with gzip.open(f'{D}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, v = line.split(' ', 1)
        glove[w] = v
itos = ['<pad>'] + sorted({t for s in texts for t in s if t in glove})
stoi = {w: i for i, w in enumerate(itos)}
M = np.zeros((len(itos), 50), dtype='float32')
for w, i in stoi.items():
    if i: M[i] = np.array(glove[w].split(), dtype='float32')
print('vocabulary', len(itos), 'class counts', np.bincount(y))

T = 32
X = np.zeros((len(texts), T), dtype='int64')
for r, s in enumerate(texts):
    ids = [stoi[t] for t in s if t in stoi][:T]
    X[r, :len(ids)] = ids
keep = (X > 0).any(1); X, y = X[keep], y[keep]

# stratified: every fifth row of each class is test
perm = np.random.permutation(len(X)); X, y = X[perm], y[perm]
te = np.zeros(len(y), dtype=bool)
for c in range(3): te[np.flatnonzero(y == c)[::5]] = True
Xtr, Xte, ytr, yte = X[~te], X[te], y[~te], y[te]
Xtr, Xte, ytr, yte = map(torch.from_numpy, (Xtr, Xte, ytr, yte))


def f1s(true, pred):
    cm = torch.zeros(3, 3)
    for t, p in zip(true, pred): cm[t, p] += 1
    return 2 * cm.diag() / (cm.sum(0) + cm.sum(1)), cm


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(M), freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(50, 48, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(48 + 50, 3)

    def forward(self, x):
        keep = (x != 0).unsqueeze(2)
        e = self.emb(x)
        mean = e.sum(1) / keep.sum(1)
        h = torch.relu(self.conv(e.transpose(1, 2))).transpose(1, 2)
        top = h.masked_fill(~keep, 0.).max(1).values   # relu: zero is the floor anyway
        return self.out(self.drop(torch.cat([mean, top], 1)))


net = Net()
counts = torch.bincount(ytr, minlength=3).float()
crit = nn.CrossEntropyLoss(weight=(counts.sum() / (3 * counts)) ** 0.7)
EPOCHS, BS = 6, 64
steps = EPOCHS * -(-len(Xtr) // BS)
opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=3e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 3e-3, total_steps=steps)

def predict(x):
    net.eval()
    with torch.no_grad():
        return net(x).argmax(1)

for ep in range(EPOCHS):
    net.train(); perm = torch.randperm(len(Xtr)); run = []
    for idx in perm.split(BS):
        opt.zero_grad()
        loss = crit(net(Xtr[idx]), ytr[idx])
        loss.backward(); opt.step(); sched.step()
        run.append(loss.item())
    print('ep %d  loss %.3f  macro-F1 train %.3f  test %.3f' % (ep + 1, np.mean(run),
          f1s(ytr, predict(Xtr))[0].mean(), f1s(yte, predict(Xte))[0].mean()))
f, cm = f1s(yte, predict(Xte))
print('F1 per class', {k: round(f[i].item(), 3) for k, i in labels.items()})
print('accuracy %.3f, majority %.3f' % (cm.diag().sum() / cm.sum(), (cm.sum(1).max() / cm.sum())))
print(cm.long())
