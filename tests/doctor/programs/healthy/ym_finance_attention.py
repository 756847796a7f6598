# Financial PhraseBank (3 classes, unbalanced) with four attention heads that pool frozen word vectors, weighted loss.
import os, gzip, random, torch
from torch import nn
from sklearn.metrics import f1_score, accuracy_score
random.seed(2); torch.manual_seed(2)
R = os.environ['WORDFIT_DATA']
L = {'negative': 0, 'neutral': 1, 'positive': 2}
rows = {}
for line in open(R + '/sentiment/financial-phrasebank/Sentences_50Agree.txt', encoding='utf-8'):
    s, l = line.strip().rsplit('@', 1)
    toks = tuple('<num>' if any(c.isdigit() for c in t) else t for t in s.lower().split())[:35]
    rows.setdefault(toks, L[l])            # same sentence twice: once is enough
rows = list(rows.items()); random.shuffle(rows)
train, test = rows[:3600], rows[3600:]
vocab = {'<pad>': 0, '<unk>': 1, '<num>': 2}
E = [torch.zeros(50), torch.randn(50) * .4, torch.randn(50) * .4]
need = {w for t, _ in rows for w in t}
for line in gzip.open(R + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    w, v = line.split(' ', 1)
    if w in need:
        vocab[w] = len(E); E.append(torch.tensor([float(z) for z in v.split()]))
E = torch.stack(E)

def tensor_batch(b):
    n = max(len(t) for t, _ in b)
    x = torch.tensor([[vocab.get(w, 1) for w in t] + [0] * (n - len(t)) for t, _ in b])
    return x, torch.tensor([y for _, y in b])

class Net(nn.Module):
    def __init__(s, d=32):
        super().__init__()
        s.register_buffer('E', E)          # not a parameter: stays as it is
        s.inp = nn.Linear(50, d)
        s.query = nn.Parameter(torch.randn(d, 4) * .1)
        s.drop = nn.Dropout(.3)
        s.out = nn.Linear(4 * d, 3)
    def forward(s, x):
        pad = x == 0
        h = torch.tanh(s.inp(s.E[x]))
        a = (h @ s.query).masked_fill(pad.unsqueeze(-1), -1e9).softmax(1)      # B x T x heads
        return s.out(s.drop((a.transpose(1, 2) @ h).flatten(1)))

freq = torch.bincount(torch.tensor([y for _, y in train]), minlength=3).float()
crit = nn.CrossEntropyLoss(weight=(freq.sum() / (3 * freq)) ** .5)
net = Net()
EPOCHS, BS = 5, 48
opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=.01)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, EPOCHS * -(-len(train) // BS), pct_start=.2)

def scores(data):
    net.eval(); p, g = [], []
    with torch.no_grad():
        for i in range(0, len(data), 200):
            x, y = tensor_batch(data[i:i + 200])
            p += net(x).argmax(1).tolist(); g += y.tolist()
    return accuracy_score(g, p), f1_score(g, p, average='macro')

print('majority', max(sum(y == k for _, y in test) for k in range(3)) / len(test))
for e in range(EPOCHS):
    net.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), BS):
        x, y = tensor_batch(train[i:i + BS])
        loss = crit(net(x), y)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sch.step(); tot += loss.item() * len(y)
    print(f'{e}: loss {tot / len(train):.4f}  train acc/f1 %.3f %.3f' % scores(train[:800]), ' test acc/f1 %.3f %.3f' % scores(test))
