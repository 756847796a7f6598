# Secondary structure (helix / strand / coil / turn) with a linear-chain CRF written by hand.
import random
import torch
import torch.nn as nn

random.seed(9)
torch.manual_seed(9)

AA = "ACDEFGHIKLMNPQRSTVWY"
FAV = {0: "ALEKMQ", 1: "VIYFWT", 2: "GSDNPC", 3: "PGNDHR"}
STATES = "HECT"


def chain(n=96):
    s, res, tags = random.randrange(4), [], []
    while len(tags) < n:
        run = random.randint(3, 12)
        for _ in range(run):
            tags.append(s)
            res.append(random.choice(FAV[s]) if random.random() < 0.55 else random.choice(AA))
        s = {0: [2, 3], 1: [2, 3], 2: [0, 1], 3: [0, 1, 2]}[s][random.randrange(2)]
    return [AA.index(a) for a in res[:n]], tags[:n]


rows = [chain() for _ in range(800)]
X = torch.tensor([r[0] for r in rows])
Y = torch.tensor([r[1] for r in rows])
train_X, train_Y, test_X, test_Y = X[:700], Y[:700], X[700:], Y[700:]


class ChainCRF(nn.Module):
    def __init__(self, k=4, dim=20, width=32):
        super().__init__()
        self.emb = nn.Embedding(20, dim)
        self.conv = nn.Conv1d(dim, width, 5, padding=2)
        self.emit = nn.Linear(width, k)
        self.trans = nn.Parameter(torch.randn(k, k) * 0.1)
        self.start = nn.Parameter(torch.zeros(k))

    def unary(self, x):
        return self.emit(torch.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2))

    def path_score(self, u, y):
        s = self.start[y[:, 0]] + u.gather(2, y.unsqueeze(2)).sum((1, 2))
        return s + self.trans[y[:, :-1], y[:, 1:]].sum(1)

    def log_z(self, u):
        # fault:
        alpha = torch.exp(self.start + u[:, 0])
        for t in range(1, u.size(1)):
            alpha = (alpha @ torch.exp(self.trans)) * torch.exp(u[:, t])
        return torch.log(alpha.sum(1))
        # mended:
        # alpha = self.start + u[:, 0]
        # for t in range(1, u.size(1)):
        #     alpha = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + u[:, t]
        # return torch.logsumexp(alpha, 1)
        # end

    def nll(self, x, y):
        u = self.unary(x)
        return (self.log_z(u) - self.path_score(u, y)).mean() / x.size(1)

    @torch.no_grad()
    def viterbi(self, x):
        u = self.unary(x)
        best, back = self.start + u[:, 0], []
        for t in range(1, u.size(1)):
            m, arg = (best.unsqueeze(2) + self.trans).max(1)
            best = m + u[:, t]
            back.append(arg)
        tag = best.argmax(1)
        path = [tag]
        for arg in reversed(back):
            tag = arg.gather(1, tag.unsqueeze(1)).squeeze(1)
            path.append(tag)
        return torch.stack(path[::-1], 1)


crf = ChainCRF()
opt = torch.optim.Adam(crf.parameters(), lr=0.025)
for epoch in range(7):
    order = torch.randperm(len(train_X))
    losses = []
    for b in order.split(20):
        loss = crf.nll(train_X[b], train_Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        test_nll = crf.nll(test_X, test_Y).item()
    q4 = (crf.viterbi(test_X) == test_Y).float().mean().item()
    print(f"epoch {epoch} nll per residue {sum(losses) / len(losses):.4f}  test {test_nll:.4f}  test Q4 {q4:.3f}")
print("".join(STATES[i] for i in test_Y[0].tolist()))
print("".join(STATES[i] for i in crf.viterbi(test_X[:1])[0].tolist()))
