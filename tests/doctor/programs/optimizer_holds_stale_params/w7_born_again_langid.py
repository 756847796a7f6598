# Born-Again Networks (Furlanello et al. 2018) in small: each generation is distilled from the one before.
# Task: language of a three word window, from its characters.
import gzip, os, random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(3); torch.manual_seed(3)
DATA = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
LANGS = ['en', 'de', 'fr', 'cs']
GENERATIONS, EPOCHS, BS, TEMP = 2, 4, 64, 2.0


def windows(split, n):
    out = []
    for y, lang in enumerate(LANGS):
        with gzip.open(f'{DATA}/{split}.{lang}.gz', 'rt', encoding='utf-8') as f:
            for i, line in enumerate(f):
                if i == n:
                    break
                w = line.lower().split()
                k = random.randrange(max(1, len(w) - 2))
                out.append((' '.join(w[k:k + 3])[:24], y))
    random.shuffle(out)
    return out


train_rows, test_rows = windows('train', 1000), windows('val', 300)
alphabet = {c: i + 2 for i, c in enumerate(sorted({c for s, _ in train_rows for c in s}))}


def tensorize(rows):
    x = torch.zeros(len(rows), 24, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor([alphabet.get(c, 1) for c in s])
    return x, torch.tensor([y for _, y in rows])


Xtr, Ytr = tensorize(train_rows)
Xte, Yte = tensorize(test_rows)


class CharNet(nn.Module):
    def __init__(self, n, d=16, h=48):
        super().__init__()
        self.e = nn.Embedding(n, d, padding_idx=0)
        self.c = nn.Conv1d(d, h, 3, padding=1)
        self.o = nn.Linear(h, len(LANGS))
        self.dp = nn.Dropout(.2)

    def forward(self, x):
        z = self.c(self.e(x).transpose(1, 2))
        z = z.masked_fill((x == 0).unsqueeze(1), float('-inf')).amax(-1)
        return self.o(self.dp(F.relu(z)))


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


net = CharNet(len(alphabet) + 2)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
teacher = None
for gen in range(GENERATIONS):
    if gen > 0:
        teacher = net.eval()
        # fault:
        net = CharNet(len(alphabet) + 2)
        # mended:
        # net = CharNet(len(alphabet) + 2)
        # opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        # end
    for ep in range(EPOCHS):
        net.train()
        tot = 0.
        for idx in torch.randperm(len(Xtr)).split(BS):
            logits = net(Xtr[idx])
            loss = F.cross_entropy(logits, Ytr[idx])
            if teacher is not None:
                with torch.no_grad():
                    soft = F.softmax(teacher(Xtr[idx]) / TEMP, 1)
                kd = F.kl_div(F.log_softmax(logits / TEMP, 1), soft, reduction='batchmean') * TEMP ** 2
                loss = .5 * loss + .5 * kd
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
        print(f'gen {gen} ep {ep} loss {tot / len(Xtr):.4f}')
    print(f'== generation {gen}: train acc {accuracy(net, Xtr, Ytr):.4f}  test acc {accuracy(net, Xte, Yte):.4f}')
print('final test accuracy of the last generation:', round(accuracy(net, Xte, Yte), 4))
