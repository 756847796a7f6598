# %% [markdown]
# State of charge of a fleet vehicle from its event codes. Every code costs or gives a little energy.
# Recurrent net with ReLU and identity start (Le, Jaitly, Hinton 2015) because we need to count over a long window.

# %%
import math, random
import torch
import torch.nn as nn

torch.set_num_threads(1)
SEED = 3
torch.manual_seed(SEED)
random.seed(SEED)

CODES = 40
T = 45
H = 32
BATCH = 32
gen = torch.Generator().manual_seed(SEED)
cost = torch.randn(CODES, generator=gen)
cost = cost - cost.mean()

# %% data
N = 2000
usage = torch.softmax(torch.randn(N, CODES, generator=gen) * 0.7, 1)          # every driver has own habits
X = torch.multinomial(usage, T, replacement=True, generator=gen)
Y = cost[X].sum(1) / math.sqrt(T)
Y = (Y - Y.mean()) / Y.std() + 0.1 * torch.randn(N, generator=gen)
Xtr, Ytr, Xte, Yte = X[:1700], Y[:1700], X[1700:], Y[1700:]
assert len(set(map(tuple, X.tolist()))) == N

# %% model
emb = nn.Embedding(CODES, H)
rnn = nn.RNN(H, H, nonlinearity="relu")
out = nn.Linear(H, 1)
with torch.no_grad():
    rnn.weight_hh_l0.copy_(torch.eye(H))
    rnn.bias_hh_l0.zero_()
    rnn.bias_ih_l0.zero_()
    rnn.weight_ih_l0.normal_(0, 0.03)
    out.weight.normal_(0, 0.1)
params = [*emb.parameters(), *rnn.parameters(), *out.parameters()]


def forecast(x):
    _, h = rnn(emb(x.t()))              # time first
    return out(h[0]).squeeze(1)


# %% training
sgd = torch.optim.SGD(params, lr=0.02, momentum=0.9)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, T_max=10)


def rsq(x, y):
    with torch.no_grad():
        p = torch.cat([forecast(c) for c in x.split(200)])
    return 1 - ((p - y) ** 2).mean().item() / y.var().item()


for epoch in range(10):
    total = 0.0
    for idx in torch.randperm(len(Ytr)).split(BATCH):
        sgd.zero_grad()
        loss = nn.functional.mse_loss(forecast(Xtr[idx]), Ytr[idx])
        loss.backward()
        # fault:
        # mended:
        #nn.utils.clip_grad_norm_(params, 0.5)
        # end
        sgd.step()
        total += loss.item() * len(idx)
    sched.step()
    print(f"epoch {epoch}: mse {total / len(Ytr):.4f}  R2 test {rsq(Xte, Yte):.4f}")

# %%
print("R2 train", round(rsq(Xtr, Ytr), 4), " R2 test", round(rsq(Xte, Yte), 4))
