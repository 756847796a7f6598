"""SICK sentence relatedness: siamese averaging encoder, similarity 1 / (1 + euclidean distance), Pearson on the trial set."""
import argparse, gzip, math, os
import numpy as np, torch
from scipy.stats import pearsonr, spearmanr

parser = argparse.ArgumentParser()
parser.add_argument('--dim', type=int, default=40)
parser.add_argument('--epochs', type=int, default=6)
parser.add_argument('--bs', type=int, default=64)
parser.add_argument('--lr', type=float, default=5e-3)
parser.add_argument('--seed', type=int, default=5)
opt = parser.parse_args()
torch.manual_seed(opt.seed)
root = os.environ['WORDFIT_DATA']


def load_pairs(fn):
    pairs = []
    with open(os.path.join(root, 'glue/SICK', fn), encoding='utf-8') as fh:
        next(fh)
        for row in fh:
            c = row.rstrip('\r\n').split('\t')
            pairs.append((c[1].lower().split(), c[2].lower().split(), (float(c[3]) - 1) / 4))
    return pairs


train, trial = load_pairs('SICK_train.txt'), load_pairs('SICK_trial.txt')
needed = {w for a, b, _ in train + trial for w in a + b}

vocab, table = {}, [[0.0] * 50]
with gzip.open(os.path.join(root, 'vectors/glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as fh:
    for row in fh:
        word, _, rest = row.partition(' ')
        if word in needed:
            vocab[word] = len(table)
            table.append([float(x) for x in rest.split()])
table = torch.tensor(table)
print(f'{len(vocab)} of {len(needed)} words have a vector')


def tensorise(pairs):
    def side(k):
        ids = [[vocab[w] for w in p[k] if w in vocab] for p in pairs]
        out = torch.zeros(len(ids), max(len(i) for i in ids), dtype=torch.long)
        for r, i in enumerate(ids):
            out[r, :len(i)] = torch.tensor(i)
        return out
    return side(0), side(1), torch.tensor([p[2] for p in pairs])


class Siamese(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = torch.nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.gate = torch.nn.Linear(50, 1)
        self.proj = torch.nn.Linear(50, opt.dim)
        self.log_scale = torch.nn.Parameter(torch.tensor(0.0))

    def encode(self, ids):
        e = self.lookup(ids)
        w = torch.sigmoid(self.gate(e)) * (ids > 0).unsqueeze(-1)
        return self.proj((e * w).sum(1) / w.sum(1).clamp(min=1e-6))

    def forward(self, a, b):
        diff = self.encode(a) - self.encode(b)
        # fault:
        dist = torch.sqrt((diff ** 2).sum(-1))
        # mended:
        # dist = torch.sqrt((diff ** 2).sum(-1) + 1e-6)
        # end
        return 1 / (1 + self.log_scale.exp() * dist)


A, B, S = tensorise(train)
a2, b2, s2 = tensorise(trial)
model = Siamese()
optim = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=opt.lr)
for epoch in range(1, opt.epochs + 1):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(S)).split(opt.bs):
        loss = ((model(A[idx], B[idx]) - S[idx]) ** 2).mean()
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        pred = model(a2, b2)
    ok = bool(torch.isfinite(pred).all())
    r = pearsonr(pred.numpy(), s2.numpy())[0] if ok else math.nan
    rho = spearmanr(pred.numpy(), s2.numpy())[0] if ok else math.nan
    print(f'epoch {epoch} mse {total / len(S):.4f} | trial mse {((pred - s2) ** 2).mean().item():.4f} pearson {r:.3f} spearman {rho:.3f}')
