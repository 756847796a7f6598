# Semi-supervised paper classification in the spirit of Kipf & Welling: one graph, full batch, boolean masks.
# The "papers" are bags of made-up words with citation links between them.
import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse

torch.manual_seed(42)
rs = np.random.RandomState(42)
N, TOPICS, WORDS = 1500, 5, 500

# ---- data -----------------------------------------------------------------------------------------------------
topic = rs.randint(TOPICS, size=N)
word_pref = rs.dirichlet(np.full(WORDS, 0.15), size=TOPICS) * 0.45 + rs.dirichlet(np.full(WORDS, 0.5)) * 0.55
counts = np.stack([rs.multinomial(rs.randint(8, 25), word_pref[t] / word_pref[t].sum()) for t in topic])
X = torch.tensor(np.log1p(counts), dtype=torch.float32)
X = X / X.sum(1, keepdim=True)

src, dst = [], []
for i in range(N):
    for _ in range(rs.poisson(2.5)):
        same = rs.rand() < 0.75
        pool = np.flatnonzero(topic == topic[i]) if same else np.arange(N)
        j = rs.choice(pool)
        if j != i:
            src += [i, j]; dst += [j, i]
A = sparse.coo_matrix((np.ones(len(src)), (src, dst)), shape=(N, N)).tocsr()
A.data[:] = 1
A = A + sparse.eye(N)
d = sparse.diags(np.asarray(A.sum(1)).ravel() ** -0.5)
A = (d @ A @ d).tocoo()
adj = torch.sparse_coo_tensor(np.stack([A.row, A.col]), A.data.astype(np.float32), (N, N)).coalesce()

y = torch.from_numpy(topic)
split = rs.permutation(N)
train_mask = torch.zeros(N, dtype=torch.bool); train_mask[split[:700]] = True
val_mask = torch.zeros(N, dtype=torch.bool); val_mask[split[700:1000]] = True
test_mask = ~(train_mask | val_mask)


# ---- model ----------------------------------------------------------------------------------------------------
class GCN(torch.nn.Module):
    def __init__(self, nin, nhid, nout, p):
        super().__init__()
        self.W0 = torch.nn.Parameter(torch.nn.init.xavier_uniform_(torch.empty(nin, nhid)))
        self.W1 = torch.nn.Parameter(torch.nn.init.xavier_uniform_(torch.empty(nhid, nout)))
        self.b1 = torch.nn.Parameter(torch.zeros(nout))
        self.p = p

    def forward(self, x, a):
        x = F.dropout(x, self.p, self.training)
        h = torch.relu(torch.sparse.mm(a, x @ self.W0))
        h = F.dropout(h, self.p, self.training)
        return F.log_softmax(torch.sparse.mm(a, h @ self.W1) + self.b1, dim=1)


model = GCN(WORDS, 16, TOPICS, 0.5)
optimizer = torch.optim.Adam([{"params": [model.W0], "weight_decay": 5e-4},
                              {"params": [model.W1, model.b1], "weight_decay": 0.0}], lr=0.02)


def test():
    model.eval()
    with torch.no_grad():
        pred = model(X, adj).argmax(1)
    return [(pred[m] == y[m]).float().mean().item() for m in (train_mask, val_mask, test_mask)]


best_val = final = 0
for epoch in range(1, 121):
    model.train()
    optimizer.zero_grad()
    loss = F.nll_loss(model(X, adj)[train_mask], y[train_mask])
    loss.backward()
    optimizer.step()
    if epoch % 5 == 0:
        tr, va, te = test()
        if va > best_val:
            best_val, final = va, te
    if epoch % 20 == 0:
        print(f"Epoch: {epoch:03d}, Loss: {loss.item():.4f}, Train: {tr:.4f}, Val: {va:.4f}, Test: {te:.4f}")
print(f"test accuracy at best validation: {final:.4f} (largest topic {np.bincount(topic).max() / N:.3f})")
