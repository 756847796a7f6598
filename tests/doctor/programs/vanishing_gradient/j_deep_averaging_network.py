# Deep Averaging Network: does a line come from a film review, a product review, a news wire or a tweet? GloVe is kept fixed
import gzip, os, random
import torch
import torch.nn as nn

torch.manual_seed(0); random.seed(0)
data_dir = os.environ['WORDFIT_DATA']

vec = {}
for line in gzip.open(os.path.join(data_dir, 'vectors/glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8'):
    w, rest = line.rstrip().split(' ', 1)
    vec[w] = rest
used = {}
def load(path, label, limit=1300):
    rows = []
    lines = open(data_dir + '/sentiment/' + path, encoding='latin-1').read().lower().split('\n')
    for line in random.sample(lines, limit):
        ids = [used.setdefault(w, len(used)) for w in line.split('@')[0].split() if w in vec]
        if len(ids) > 2:
            rows.append((ids, label))
    return rows

rows = load('MR/rt-polarity.pos', 0) + load('CR/custrev.pos', 1) + load('financial-phrasebank/Sentences_50Agree.txt', 2) + load('tweeteval/irony/train_text.txt', 3)
table = torch.tensor([[float(v) for v in vec[w].split()] for w in used])
random.shuffle(rows)

# averaging needs no gradient since the vectors are fixed: do it once
X = torch.stack([table[ids].mean(0) for ids, _ in rows])
X = (X - X.mean(0)) / X.std(0)
Y = torch.tensor([l for _, l in rows])
N_TEST = 1000
Xtr, Ytr, Xte, Yte = X[N_TEST:], Y[N_TEST:], X[:N_TEST], Y[:N_TEST]


def block(n_in, n_out):
    lin = nn.Linear(n_in, n_out)
    nn.init.xavier_uniform_(lin.weight)
    nn.init.zeros_(lin.bias)
    # fault:
    return nn.Sequential(lin, nn.Sigmoid())
    # mended:
    # return nn.Sequential(lin, nn.Tanh())
    # end


depth = 7
dan = nn.Sequential(*[block(50 if d == 0 else 40, 40) for d in range(depth)], nn.Linear(40, 4))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(dan.parameters(), lr=0.03, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.4)

for epoch in range(6):
    perm = torch.randperm(len(Xtr))
    loss_sum = 0
    for i in range(0, len(perm), 64):
        b = perm[i:i + 64]
        optimizer.zero_grad()
        loss = criterion(dan(Xtr[b]), Ytr[b])
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(b)
    scheduler.step()
    with torch.no_grad():
        tr = (dan(Xtr).argmax(1) == Ytr).float().mean()
        te = (dan(Xte).argmax(1) == Yte).float().mean()
    print('Epoch %d | Loss %.4f | Train %.2f%% | Test %.2f%%' % (epoch + 1, loss_sum / len(perm), 100 * tr, 100 * te))
