# softmax regression "from scratch" -- no nn.Module, no optimizer, the gradient derived on paper.
# tickets -> queue.  The queues are unequal (55/25/12/8) and we weigh the rows for it.
import torch, random
random.seed(0); torch.manual_seed(0)

QUEUES = ["network", "billing", "hardware", "access"]
SHARE = [.55, .25, .12, .08]
CUE = [["wifi", "router", "slow", "packet", "dns", "cable", "signal", "outage", "latency", "proxy"],
       ["invoice", "refund", "charge", "receipt", "tax", "card", "overdue", "discount", "payment", "subscription"],
       ["screen", "battery", "keyboard", "fan", "noise", "charger", "cracked", "mouse", "printer", "toner"],
       ["password", "locked", "token", "permission", "login", "expired", "account", "badge", "denied", "reset"]]
TALK = "hello please help my the since monday again still it is not working urgent thanks team office today after update nobody knows why this happens every time".split()

def ticket():
    q = random.choices(range(4), SHARE)[0]
    words = random.sample(TALK, random.randint(6, 12)) + random.sample(CUE[q], 2)
    if random.random() < .35: words.append(random.choice(CUE[random.randrange(4)]))   # a word from elsewhere
    if random.random() < .12: words = [w for w in words if w not in CUE[q]] + random.sample(CUE[q], 1)
    random.shuffle(words)
    return " ".join(words), q

rows = [ticket() for _ in range(2500)]
vocab = sorted({w for t, _ in rows[:2000] for w in t.split()})
col = {w: j for j, w in enumerate(vocab)}
X = torch.zeros(2500, len(vocab) + 1); X[:, -1] = 1.0          # last column is the intercept
for i, (t, _) in enumerate(rows):
    for w in t.split(): X[i, col[w]] += 1
y = torch.tensor([q for _, q in rows])
Y = torch.eye(4)[y]
Xtr, Ytr, ytr, Xte, yte = X[:2000], Y[:2000], y[:2000], X[2000:], y[2000:]
assert not {t for t, _ in rows[:2000]} & {t for t, _ in rows[2000:]}
w_class = len(ytr) / (4 * torch.bincount(ytr).float())
print("row weights", [round(v, 2) for v in w_class.tolist()])

W = torch.zeros(X.shape[1], 4)
V = torch.zeros_like(W)            # momentum
alpha, mu, lam = 0.1, 0.9, 1e-3
for epoch in range(8):
    loss_sum = 0.
    for idx in torch.randperm(2000).split(50):
        x, t = Xtr[idx], Ytr[idx]
        z = x @ W
        z = z - z.max(1, keepdim=True).values
        p = z.exp() / z.exp().sum(1, keepdim=True)
        rw = w_class[ytr[idx]][:, None]
        loss_sum += -(rw * t * (p + 1e-12).log()).sum().item()
        grad = x.T @ (rw * (p - t)) / len(idx) + lam * W
        V = mu * V - alpha * grad
        W = W + V
    alpha *= .6
    pred = (Xte @ W).argmax(1)
    recall = [(pred[yte == k] == k).float().mean().item() for k in range(4)]
    print(f"epoch {epoch}  loss {loss_sum / 2000:.4f}  train {((Xtr @ W).argmax(1) == ytr).float().mean():.3f}  test {(pred == yte).float().mean():.3f}  mean recall {sum(recall) / 4:.3f}")
print({q: round(r, 3) for q, r in zip(QUEUES, recall)})
