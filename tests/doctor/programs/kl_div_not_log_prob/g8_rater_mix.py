# Predict how a panel of raters splits over five moods, given a short list of tags.
import numpy as np
import torch
import torch.nn.functional as F

SEED = 5
N_TAGS, N_MOODS, DIM, HID = 160, 5, 24, 32
gen = np.random.default_rng(SEED)
torch.manual_seed(SEED)

affinity = gen.normal(0, 1.0, (N_TAGS, N_MOODS))


def make(n):
    ids = np.stack([gen.choice(N_TAGS, 6, replace=False) for _ in range(n)])
    lean = affinity[ids].mean(1) * 2.2
    p = np.exp(lean)
    p /= p.sum(1, keepdims=True)
    votes = np.stack([gen.multinomial(40, q) for q in p]) + 0.25
    return torch.from_numpy(ids), torch.from_numpy(votes / votes.sum(1, keepdims=True)).float()


x_train, q_train = make(4000)
x_test, q_test = make(800)

params = {
    "tags": torch.randn(N_TAGS, DIM) * 0.3,
    "w1": torch.randn(DIM, HID) / DIM ** 0.5,
    "b1": torch.zeros(HID),
    "w2": torch.randn(HID, N_MOODS) / HID ** 0.5,
    "b2": torch.zeros(N_MOODS),
}
for t in params.values():
    t.requires_grad_(True)


def scores(p, ids):
    h = F.embedding(ids, p["tags"]).mean(1)
    h = torch.tanh(h @ p["w1"] + p["b1"])
    return h @ p["w2"] + p["b2"]


def loss_fn(p, ids, q):
    # fault:
    guess = F.softmax(scores(p, ids), dim=-1)
    # mended:
    #guess = F.log_softmax(scores(p, ids), dim=-1)
    # end
    return F.kl_div(guess, q, reduction="batchmean")


@torch.no_grad()
def divergence(p, ids, q):
    logp = scores(p, ids).log_softmax(-1)
    return (q * (q.log() - logp)).sum(-1).mean().item()


@torch.no_grad()
def total_variation(p, ids, q):
    return 0.5 * (scores(p, ids).softmax(-1) - q).abs().sum(-1).mean().item()


optimiser = torch.optim.Adam(list(params.values()), lr=4e-3)
EPOCHS, BATCH = 14, 100
decay = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda e: 1.0 - 0.95 * e / EPOCHS)
prior = q_train.mean(0)
base = (q_test * (q_test.log() - prior.log())).sum(-1).mean().item()
print(f"panel average for everything: KL {base:.4f}")
for epoch in range(EPOCHS):
    perm = torch.randperm(len(x_train))
    running = []
    for chunk in perm.split(BATCH):
        loss = loss_fn(params, x_train[chunk], q_train[chunk])
        grads = torch.autograd.grad(loss, list(params.values()))
        for t, g in zip(params.values(), grads):
            t.grad = g
        optimiser.step()
        running.append(loss.item())
    decay.step()
    print(f"{epoch + 1:2d} loss {np.mean(running):.4f}  KL train {divergence(params, x_train, q_train):.4f} "
          f"test {divergence(params, x_test, q_test):.4f}")

with torch.no_grad():
    hit = (scores(params, x_test).argmax(-1) == q_test.argmax(-1)).float().mean().item()
print(f"test: top mood {hit:.3f}, total variation {total_variation(params, x_test, q_test):.3f}, "
      f"KL {divergence(params, x_test, q_test):.4f} (average panel {base:.4f})")
