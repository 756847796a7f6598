# Exercise 4 -- Self-attention from scratch (no nn.MultiheadAttention!)
# Task: the network reads 8 digits and has to write them down back to front.
# Every row has exactly 8 digits, therefore neither padding nor a mask is needed.
import math
import torch

torch.manual_seed(42)
L, D, H, N_SYM = 8, 32, 4, 10


def data(n):
    x = torch.randint(0, N_SYM, (n, L))
    return x, x.flip(1)


def init(*shape):
    w = torch.randn(*shape) / math.sqrt(shape[0])
    return w.requires_grad_()


# --- parameters, all by hand -----------------------------------------------
P = {
    "tok": torch.randn(N_SYM, D).mul_(0.5).requires_grad_(),
    "pos": torch.randn(L, D).mul_(0.5).requires_grad_(),
    "Wq": init(D, D), "Wk": init(D, D), "Wv": init(D, D), "Wo": init(D, D),
    "W1": init(D, 48), "b1": torch.zeros(48, requires_grad=True),
    "W2": init(48, N_SYM), "b2": torch.zeros(N_SYM, requires_grad=True),
}


def split(t):           # (B, L, D) -> (B, H, L, D/H)
    return t.view(t.shape[0], L, H, D // H).transpose(1, 2)


def attention(x):
    q, k, v = split(x @ P["Wq"]), split(x @ P["Wk"]), split(x @ P["Wv"])
    a = q @ k.transpose(-2, -1) / math.sqrt(D // H)
    a = (a - a.amax(-1, keepdim=True)).exp()          # 4b) softmax by hand, numerically safe
    a = a / a.sum(-1, keepdim=True)
    y = (a @ v).transpose(1, 2).reshape(x.shape)
    return y @ P["Wo"], a


def forward(ids):
    x = P["tok"][ids] + P["pos"]
    y, a = attention(x)
    h = torch.relu((x + y) @ P["W1"] + P["b1"])
    return h @ P["W2"] + P["b2"], a


def nll(logits, target):
    lp = logits - logits.logsumexp(-1, keepdim=True)
    return -lp.gather(-1, target.unsqueeze(-1)).mean()


# 4d) Adam by hand
m = {k: torch.zeros_like(p) for k, p in P.items()}
v = {k: torch.zeros_like(p) for k, p in P.items()}


def adam(t, lr=6e-3, b1=0.9, b2=0.98):
    with torch.no_grad():
        for k, p in P.items():
            m[k] = b1 * m[k] + (1 - b1) * p.grad
            v[k] = b2 * v[k] + (1 - b2) * p.grad ** 2
            p -= lr * (m[k] / (1 - b1 ** t)) / ((v[k] / (1 - b2 ** t)).sqrt() + 1e-8)
            p.grad = None


x_train, y_train = data(2000)
x_test, y_test = data(500)
step = 0
for epoch in range(1, 5):
    total = 0
    for idx in torch.randperm(len(x_train)).split(50):
        loss = nll(forward(x_train[idx])[0], y_train[idx])
        loss.backward()
        step += 1
        adam(step, lr=6e-3 if epoch < 3 else 2e-3)
        total += loss.item() * len(idx)
    with torch.no_grad():
        ok = forward(x_test)[0].argmax(-1) == y_test
    print(f"epoch {epoch}: nll {total / len(x_train):.4f}   digits right {ok.float().mean():.4f}   rows right {ok.all(1).float().mean():.4f}")

with torch.no_grad():
    ok = forward(x_train)[0].argmax(-1) == y_train
    _, a = forward(x_test[:100])
print("train digits right %.4f" % ok.float().mean())
print("where position 0..7 looks (best head):", a.mean(0).amax(0).argmax(-1).tolist())
