# No optimizer class, no nn.Module: softmax regression with the update written out, five folds.
# (answer to "what does opt.step() actually do?")
import numpy as np
import torch

torch.manual_seed(77)
rs = np.random.RandomState(77)

topics = {
    "sport": "ball goal team coach score match league player win lose".split(),
    "food": "bread cheese cook oven taste sweet salt plate fruit wine".split(),
    "sky": "star moon comet orbit planet light night lens cloud dawn".split(),
}
shared = "the a of in and to was is it that very one some over".split()
vocab = sorted({w for ws in topics.values() for w in ws} | set(shared))
pos = {w: i for i, w in enumerate(vocab)}

X = torch.zeros(1500, len(vocab))
y = torch.from_numpy(rs.randint(0, 3, 1500))
for r in range(1500):
    own = list(topics.values())[y[r]]
    for _ in range(12):
        u = rs.rand()
        bag = own if u < 0.25 else (list(topics.values())[rs.randint(3)] if u < 0.45 else shared)
        X[r, pos[bag[rs.randint(len(bag))]]] += 1
X = X / X.norm(dim=1, keepdim=True)

fold_of = torch.arange(1500) % 5
scores = []
for fold in range(5):
    tr, te = fold_of != fold, fold_of == fold
    W = torch.zeros(len(vocab), 3, requires_grad=True)          # convex problem, zeros are fine
    b = torch.zeros(3, requires_grad=True)
    vW, vb = torch.zeros_like(W), torch.zeros_like(b)
    Xtr, ytr = X[tr], y[tr]
    for epoch in range(8):
        lr = 0.5 / (1 + 0.2 * epoch)
        total = 0.0
        for idx in torch.randperm(len(Xtr)).split(40):
            logits = Xtr[idx] @ W + b
            loss = (logits.logsumexp(1) - logits[torch.arange(len(idx)), ytr[idx]]).mean() + 1e-3 * W.pow(2).sum()
            gW, gb = torch.autograd.grad(loss, [W, b])
            with torch.no_grad():
                vW.mul_(0.8).add_(gW)
                vb.mul_(0.8).add_(gb)
                W -= lr * vW
                b -= lr * vb
            total += loss.item() * len(idx)
    with torch.no_grad():
        acc_tr = ((Xtr @ W + b).argmax(1) == ytr).float().mean().item()
        acc = ((X[te] @ W + b).argmax(1) == y[te]).float().mean().item()
    scores.append(acc)
    print(f"fold {fold}: last loss {total / len(Xtr):.4f}  train {acc_tr:.3f}  held out {acc:.3f}")
print(f"mean {np.mean(scores):.3f} +- {np.std(scores):.3f}")
