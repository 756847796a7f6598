# %% [markdown]
# # Financial PhraseBank: class-weighted classifier + temperature scaling (Guo et al. 2017)
# %%
import os, torch, numpy as np
from torch import nn
from sklearn.model_selection import train_test_split
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score

torch.manual_seed(0)
NAMES = ['negative', 'neutral', 'positive']
seen = {}
for line in open(os.path.join(os.environ['WORDFIT_DATA'], 'sentiment/financial-phrasebank/Sentences_50Agree.txt'), encoding='utf-8'):
    s, _, lab = line.strip().rpartition('@')
    if lab in NAMES:
        seen.setdefault(s.lower(), NAMES.index(lab))
texts, y = list(seen), np.array(list(seen.values()))
tr_t, rest_t, ytr, yrest = train_test_split(texts, y, test_size=.4, stratify=y, random_state=1)
va_t, te_t, yva, yte = train_test_split(rest_t, yrest, test_size=.5, stratify=yrest, random_state=1)

# %%
cv = CountVectorizer(min_df=8, binary=True, token_pattern=r'[a-z]+|%')
Xtr = torch.tensor(cv.fit_transform(tr_t).toarray(), dtype=torch.float32)
Xva, Xte = (torch.tensor(cv.transform(t).toarray(), dtype=torch.float32) for t in (va_t, te_t))
ytr, yva, yte = map(torch.tensor, (ytr, yva, yte))
counts = torch.bincount(ytr)
print(dict(zip(NAMES, counts.tolist())), 'features', Xtr.shape[1])
w = (counts.sum() / (3. * counts)).sqrt()             # square root: milder than full balancing

# %%
model = nn.Sequential(nn.Dropout(.4), nn.Linear(Xtr.shape[1], 16), nn.ReLU(), nn.Dropout(.3), nn.Linear(16, 3))
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=.5)
N, bs, EPOCHS = len(Xtr), 32, 6
total = EPOCHS * ((N + bs - 1) // bs)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 40, max(0.0, (total - s) / total)))
for ep in range(EPOCHS):
    model.train()
    for ix in torch.randperm(N).split(bs):
        l = nn.functional.cross_entropy(model(Xtr[ix]), ytr[ix], weight=w)
        opt.zero_grad(); l.backward(); opt.step(); warm.step()
    model.eval()
    with torch.no_grad():
        f = [f1_score(b, model(a).argmax(1), average='macro') for a, b in ((Xtr, ytr), (Xva, yva))]
        v = nn.functional.cross_entropy(model(Xva), yva, weight=w)
    print(f'epoch {ep}  last batch {l.item():.3f}  val loss {v.item():.3f}  macro F1 train {f[0]:.3f} val {f[1]:.3f}')

# %% one parameter, found on the validation set with the network fixed
for p in model.parameters():
    p.requires_grad_(False)
with torch.no_grad():
    zva, zte = model(Xva), model(Xte)
logT = torch.zeros(1, requires_grad=True)
lb = torch.optim.LBFGS([logT], lr=.5, max_iter=40)
def closure():
    lb.zero_grad()
    l = nn.functional.cross_entropy(zva / logT.exp(), yva)
    l.backward()
    return l
lb.step(closure)

def ece(z, y, bins=10):
    conf, pred = z.softmax(1).max(1)
    b = (conf * bins).long().clamp(max=bins - 1)
    return sum(((pred[b == k] == y[b == k]).float().mean() - conf[b == k].mean()).abs() * (b == k).float().mean()
               for k in range(bins) if (b == k).any()).item()

T = logT.exp().item()
print(f'T = {T:.3f}')
print(f'test acc {(zte.argmax(1) == yte).float().mean():.3f} (majority {(yte == 1).float().mean():.3f})  ECE {ece(zte, yte):.3f} -> {ece(zte / T, yte):.3f}')
