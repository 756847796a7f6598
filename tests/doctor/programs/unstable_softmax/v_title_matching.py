"""Match a question to the right FAQ title: in-batch negatives, two towers over GloVe."""
import csv, gzip, os
import numpy as np, torch
import torch.nn.functional as F

TEMP = 0.01

torch.manual_seed(5)
root = os.environ["WORDFIT_DATA"]

stoi, M = {}, []
for line in gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8"):
    parts = line.split()
    stoi[parts[0]] = len(M)
    M.append(np.asarray(parts[1:], dtype="float32"))
E = torch.tensor(np.stack(M))


def bag(text):
    ids = [stoi[w] for w in text.lower().replace("?", " ?").replace(",", " ").replace(".", " ").split() if w in stoi]
    return E[ids].mean(0) if ids else None


def pairs(name):
    a, b = [], []
    for row in csv.DictReader(open(f"{root}/glue/QQP/{name}", encoding="utf8"), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["is_duplicate"] != "1":
            continue
        u, v = bag(row["question1"]), bag(row["question2"])
        if u is not None and v is not None:
            a.append(u); b.append(v)
    return torch.stack(a), torch.stack(b)


qa, qb = pairs("train_subset8999.tsv")
va, vb = pairs("dev_subset1000.tsv")
print("train pairs", len(qa), "dev pairs", len(va))

W = torch.nn.Linear(50, 64, bias=False)
opt = torch.optim.Adam(W.parameters(), lr=1e-3)


def log_prob(scores):
    # fault:
    e = torch.exp(scores)
    return torch.log(e / e.sum(1, keepdim=True))
    # mended:
    # return torch.log_softmax(scores, dim=1)
    # end




def similarity(a, b):
    # cosine, at the usual temperature of 0.01
    u, v = F.normalize(W(a), dim=1), F.normalize(W(b), dim=1)
    return u @ v.T / TEMP


def hit(a, b):
    with torch.no_grad():
        return (similarity(a, b).argmax(1) == torch.arange(len(a))).float().mean().item()


print("before training: hit@1 %.3f of %d" % (hit(va, vb), len(va)))
for ep in range(5):
    perm = torch.randperm(len(qa))
    losses = []
    for chunk in perm.split(64):
        a, b = qa[chunk], qb[chunk]
        lp = log_prob(similarity(a, b))
        loss = -lp.diagonal().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch %d loss %.4f dev hit@1 %.3f" % (ep, np.mean(losses), hit(va, vb)))
