# Relatedness of sentence pairs (SICK, 1..5).  Plain functions, no classes.
import csv, gzip, os
import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import pearsonr, spearmanr

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(8)


def sick(name):
    with open(f"{DATA}/glue/SICK/{name}", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(r["sentence_A"].lower().split(), r["sentence_B"].lower().split(), float(r["relatedness_score"])) for r in rows]


train, test = sick("SICK_train.txt"), sick("SICK_test_annotated.txt")[:2000]
words = sorted({w for a, b, _ in train + test for w in a + b})
index = {w: i + 1 for i, w in enumerate(words)}

# pretrained table; row 0 is for padding, unknown words stay at zero too
table = np.zeros((len(words) + 1, 50))
hits = 0
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.partition(" ")
        if w in index:
            table[index[w]] = [float(v) for v in rest.split()]
            hits += 1
print(f"{hits}/{len(words)} words have a vector")
# fault:
E = torch.from_numpy(table)
# mended:
# E = torch.from_numpy(table).float()
# end


def pad(sents):
    n = max(map(len, sents))
    return torch.tensor([[index[w] for w in s] + [0] * (n - len(s)) for s in sents])


def tensors(rows):
    return pad([a for a, _, _ in rows]), pad([b for _, b, _ in rows]), torch.tensor([s for _, _, s in rows])


def avg(ids):
    return F.embedding(ids, E).sum(1) / ids.ne(0).sum(1, keepdim=True)


def overlap(a, b):
    same = (a.unsqueeze(2) == b.unsqueeze(1)) & a.ne(0).unsqueeze(2)
    return torch.stack([same.any(2).sum(1) / a.ne(0).sum(1), same.any(1).sum(1) / b.ne(0).sum(1)], 1)


H = 16
W1 = torch.nn.init.xavier_uniform_(torch.empty(2 * 50 + 3, H)).requires_grad_()
b1 = torch.zeros(H, requires_grad=True)
W2 = torch.nn.init.xavier_uniform_(torch.empty(H, 1)).requires_grad_()
b2 = torch.full((1,), 3.5, requires_grad=True)
params = [W1, b1, W2, b2]


def score(a, b):
    u, v = avg(a), avg(b)
    cos = F.cosine_similarity(u, v).unsqueeze(1)
    z = torch.relu(torch.cat([u * v, (u - v).abs(), cos, overlap(a, b)], 1) @ W1 + b1)
    return (z @ W2 + b2).squeeze(1)


A, B, S = tensors(train)
At, Bt, St = tensors(test)
opt = torch.optim.Adam(params, lr=5e-3, weight_decay=1e-3)
for epoch in range(5):
    perm = torch.randperm(len(S))
    total = 0.0
    for i in range(0, len(S), 50):
        k = perm[i:i + 50]
        loss = F.mse_loss(score(A[k], B[k]), S[k])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(k)
    with torch.no_grad():
        p, q = score(At, Bt).numpy(), score(A, B).numpy()
    print(f"epoch {epoch}  mse {total / len(S):.4f}  train r {pearsonr(q, S.numpy())[0]:.3f}  test r {pearsonr(p, St.numpy())[0]:.3f}"
          f"  rho {spearmanr(p, St.numpy())[0]:.3f}")
