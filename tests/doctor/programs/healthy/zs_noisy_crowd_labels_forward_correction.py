"""Learning from noisy crowd labels.  One label in four of the training set is wrong, and we know how people err (the
confusion matrix was measured on a few gold items).  'Forward' correction (Patrini et al. 2017): the model's
probabilities are passed through the matrix before the likelihood is taken.  Dev labels are clean."""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(6)
torch.manual_seed(6)
TOPICS = ["sport", "food", "travel", "money", "music"]
K, V, DOC = len(TOPICS), 400, 30

# documents are bags of 30 tokens from a mixture: topic words, words of the neighbouring topic, everyday words
topic_words = np.stack([rng.dirichlet(np.full(V, 0.05)) for _ in range(K)])
common = rng.dirichlet(np.full(V, 0.5))


def documents(n):
    y = rng.integers(0, K, n)
    X = np.zeros((n, V), dtype=np.float32)
    for i, k in enumerate(y):
        share = rng.uniform(0.2, 0.4)
        p = share * topic_words[k] + 0.08 * topic_words[(k + 1) % K] + (0.92 - share) * common
        X[i] = rng.multinomial(DOC, p / p.sum())
    return X, y


T = np.full((K, K), 0.02)
for k in range(K):
    T[k, (k + 1) % K] = 0.19                    # sport is mostly mistaken for food, food for travel, ...
    T[k, k] = 1 - T[k].sum() + T[k, k]
assert np.allclose(T.sum(1), 1)

Xtr, clean = documents(4000)
Xdev, ydev = documents(800)
noisy = np.array([rng.choice(K, p=T[k]) for k in clean])
print("labels that the annotators got wrong: %.1f %%" % (100 * (noisy != clean).mean()))
Xtr, Xdev = (torch.from_numpy(np.log1p(x)) for x in (Xtr, Xdev))
noisy, ydev = torch.from_numpy(noisy), torch.from_numpy(ydev)
logT = torch.from_numpy(T).float().log()


class BagOfWords(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = torch.nn.Linear(V, 16)
        self.out = torch.nn.Linear(16, K)

    def forward(self, x):
        return self.out(F.dropout(torch.tanh(self.inp(x)), 0.2, self.training))


def forward_corrected_nll(logits, y_noisy):
    # log p(noisy = j) = logsumexp_k [ log p(k) + log T[k, j] ]
    lp = torch.logsumexp(F.log_softmax(logits, 1).unsqueeze(2) + logT, dim=1)
    return F.nll_loss(lp, y_noisy)


net = BagOfWords()
optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9, nesterov=True, weight_decay=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
for epoch in range(1, 5):
    net.train()
    losses = []
    for idx in torch.randperm(len(noisy)).split(100):
        loss = forward_corrected_nll(net(Xtr[idx]), noisy[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    sched.step()
    net.eval()
    with torch.no_grad():
        dev = net(Xdev)
        agree = (net(Xtr).argmax(1) == noisy).float().mean()
        truth = (net(Xtr).argmax(1) == torch.from_numpy(clean)).float().mean()
    print(f"epoch {epoch} loss {np.mean(losses):.3f} | training: agrees with annotators {agree:.3f}, with the truth {truth:.3f}"
          f" | dev (clean) acc {(dev.argmax(1) == ydev).float().mean():.3f} nll {F.cross_entropy(dev, ydev):.3f}")
