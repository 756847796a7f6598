# How strong is a remark?  Ratings 0..10 for short comments, from fixed word vectors.
# Functional style: the table is a plain tensor, the regressor a handful of weights.
import numpy as np
import torch
import torch.nn.functional as F

rs = np.random.RandomState(40)
torch.manual_seed(40)

D = 16
STEMS = ["good", "bad", "loud", "slow", "warm", "dull", "sharp", "sweet", "rough", "bright", "noisy", "calm"]
GRADES = ["bit", "some", "rather", "quite", "very", "ultra"]          # bit-good ... ultra-good
PLAIN = ["the", "film", "room", "it", "was", "and", "a", "sound", "food", "i", "found", "this"]
words = ["<pad>"] + PLAIN + [g + "-" + s for s in STEMS for g in GRADES]
wid = {w: i for i, w in enumerate(words)}

# distributional vectors: the direction says what, the length grows with how strongly
table = np.zeros((len(words), D), dtype=np.float32)
strength = np.zeros(len(words), dtype=np.float32)
for w in PLAIN:
    table[wid[w]] = rs.randn(D) * 0.1
axis = rs.randn(D)
axis /= np.linalg.norm(axis)
for s in STEMS:
    direction = axis * 0.8 + rs.randn(D) * 0.15
    direction /= np.linalg.norm(direction)
    for k, g in enumerate(GRADES):
        strength[wid[g + "-" + s]] = k + 1
        table[wid[g + "-" + s]] = direction * (0.6 + 0.7 * k) + rs.randn(D) * 0.05
table = torch.from_numpy(table)


def remarks(n):
    xs, ys = np.zeros((n, 10), dtype=np.int64), np.zeros(n, dtype=np.float32)
    for i in range(n):
        k = rs.randint(1, 4)
        strong = rs.choice(np.arange(len(PLAIN) + 1, len(words)), size=k)
        toks = np.concatenate([strong, rs.choice(np.arange(1, len(PLAIN) + 1), size=rs.randint(2, 10 - k + 1))])
        rs.shuffle(toks)
        xs[i, : len(toks)] = toks
        ys[i] = strength[strong].mean() / 6 * 10 + rs.randn() * 0.4
    return torch.from_numpy(xs), torch.from_numpy(ys)


x_tr, y_tr = remarks(3000)
x_te, y_te = remarks(600)

H = 32
w_gate = (torch.randn(D, 1) * D ** -0.5).requires_grad_()
w1 = (torch.randn(D, H) * D ** -0.5).requires_grad_()
b1 = torch.zeros(H, requires_grad=True)
w2 = (torch.randn(H, 1) * H ** -0.5).requires_grad_()
b2 = torch.full((1,), 5.0, requires_grad=True)
params = [w_gate, w1, b1, w2, b2]


def predict(x):
    # fault:
    e = F.embedding(x, table, padding_idx=0, max_norm=1.0)
    # mended:
    # e = F.embedding(x, table, padding_idx=0)
    # end
    gate = (e @ w_gate).masked_fill((x == 0).unsqueeze(-1), -1e9).softmax(1)
    pooled = (gate * e).sum(1)
    return (torch.relu(pooled @ w1 + b1) @ w2 + b2).squeeze(1)


def report(x, y):
    with torch.no_grad():
        p = predict(x)
    r = np.corrcoef(p.numpy(), y.numpy())[0, 1]
    return F.mse_loss(p, y).item(), r


opt = torch.optim.Adam(params, lr=3e-3)
print("variance of the ratings %.3f" % y_te.var().item())
for epoch in range(25):
    for idx in torch.randperm(len(y_tr)).split(50):
        loss = F.smooth_l1_loss(predict(x_tr[idx]), y_tr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        print("epoch %2d  train mse %.3f r %.3f   test mse %.3f r %.3f" % ((epoch + 1,) + report(x_tr, y_tr) + report(x_te, y_te)))

query = table[wid["ultra-loud"]]
near = (table @ query).topk(4).indices.tolist()
print("closest to ultra-loud:", [words[i] for i in near])
