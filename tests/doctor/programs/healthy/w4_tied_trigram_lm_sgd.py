# Feed-forward word LM (Bengio style) with output weights = input weights, trained by hand-written SGD with momentum.
import math
import numpy as np
import torch

torch.manual_seed(12); rng = np.random.default_rng(12)
SUBJ = "anna ben clara david emma".split()
VERB = {"eats": "bread soup apples rice".split(), "reads": "books letters news poems".split(), "drives": "cars vans buses trucks".split(), "plays": "chess cards tennis piano".split()}
WHEN = "daily often rarely".split()

def sentence():
    v = rng.choice(list(VERB))
    s = ["<s>", "<s>", rng.choice(SUBJ), v, rng.choice(VERB[v], p=[.55, .25, .15, .05])]
    if rng.random() < .5: s.append(rng.choice(WHEN))
    return s + ["</s>"]

corpus = [sentence() for _ in range(3000)]
ix = {w: i for i, w in enumerate(sorted({w for s in corpus for w in s}))}
V, D, H = len(ix), 16, 32

def windows(sents):
    return torch.tensor([[ix[w] for w in s[k - 2:k + 1]] for s in sents for k in range(2, len(s))])

train, dev = windows(corpus[:2500]), windows(corpus[2500:])
P = {
    "E": 0.3 * torch.randn(V, D), "W1": torch.randn(2 * D, H) / math.sqrt(2 * D), "b1": torch.zeros(H),
    "W2": torch.randn(H, D) / math.sqrt(H), "b": torch.zeros(V),
}
for p in P.values(): p.requires_grad_()
velocity = {k: torch.zeros_like(p) for k, p in P.items()}

def nll(win):
    h = torch.tanh(P["E"][win[:, :2]].flatten(1) @ P["W1"] + P["b1"])
    logp = torch.log_softmax(h @ P["W2"] @ P["E"].T + P["b"], dim=1)      # tied
    return -logp.gather(1, win[:, 2:]).mean()

lr, EPOCHS = 0.2, 8
for epoch in range(EPOCHS):
    tot = 0.
    for idx in torch.randperm(len(train)).split(64):
        loss = nll(train[idx])
        grads = torch.autograd.grad(loss, list(P.values()))
        norm = torch.sqrt(sum(g.pow(2).sum() for g in grads)).item()
        clip = min(1.0, 2.0 / (norm + 1e-8))
        with torch.no_grad():
            for (k, p), g in zip(P.items(), grads):
                velocity[k].mul_(0.8).add_(g, alpha=clip)
                p.sub_(velocity[k], alpha=lr)
        tot += loss.item() * len(idx)
    lr *= 0.7
    with torch.no_grad():
        print("epoch %d lr %.3f train ppl %.3f dev ppl %.3f" % (epoch, lr, math.exp(tot / len(train)), math.exp(nll(dev).item())))

# how good can it get? the counts know
count = {}
for a, b, c in train.tolist(): count.setdefault((a, b), np.ones(V) * .01)[c] += 1
best = np.mean([-math.log(count[a, b][c] / count[a, b].sum()) for a, b, c in dev.tolist()])
uni = np.bincount(train[:, 2], minlength=V) + .01
print("trigram counts: ppl %.3f, unigram: ppl %.3f" % (math.exp(best), math.exp(-np.log((uni / uni.sum())[dev[:, 2]]).mean())))
