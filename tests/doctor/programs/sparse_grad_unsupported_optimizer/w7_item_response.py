# Item response theory as an embedding model: P(right) = sigmoid(a_j * (theta_i - b_j)),
# learnt by plain maximum likelihood from a log of (student, item, right) events.
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import roc_auc_score

rs = np.random.RandomState(42)
torch.manual_seed(42)

N_STUDENTS, N_ITEMS, N_EVENTS = 150, 100, 14000
ability = rs.normal(0, 1.3, N_STUDENTS)
difficulty = rs.normal(0, 1.3, N_ITEMS)
sharpness = rs.uniform(1.2, 2.5, N_ITEMS)

# every pair at most once
pairs = rs.permutation(N_STUDENTS * N_ITEMS)[:N_EVENTS]
s, j = pairs // N_ITEMS, pairs % N_ITEMS
p_true = 1 / (1 + np.exp(-sharpness[j] * (ability[s] - difficulty[j])))
right = (rs.uniform(size=N_EVENTS) < p_true).astype(np.float32)
log = [torch.as_tensor(v) for v in (s, j, right)]
cut = 11500
train = [v[:cut] for v in log]
held = [v[cut:] for v in log]


class TwoPL(nn.Module):
    """two-parameter logistic model"""

    def __init__(self):
        super().__init__()
        # a step sees a few rows of each table only
        self.theta = nn.Embedding(N_STUDENTS, 1, sparse=True)
        self.b = nn.Embedding(N_ITEMS, 1, sparse=True)
        self.log_a = nn.Embedding(N_ITEMS, 1, sparse=True)
        nn.init.normal_(self.theta.weight, std=.1)
        nn.init.normal_(self.b.weight, std=.1)
        nn.init.zeros_(self.log_a.weight)

    def forward(self, student, item):
        a = self.log_a(item).exp()
        return (a * (self.theta(student) - self.b(item))).squeeze(1)


def report(model, part):
    with torch.no_grad():
        logit = model(part[0], part[1])
        nll = nn.functional.binary_cross_entropy_with_logits(logit, part[2]).item()
        acc = ((logit > 0).float() == part[2]).float().mean().item()
    return nll, acc, roc_auc_score(part[2].numpy(), logit.numpy())


net = TwoPL()
# fault:
optimiser = torch.optim.AdamW(net.parameters(), lr=0.03)
# mended:
# optimiser = torch.optim.SparseAdam(list(net.parameters()), lr=0.03)
# end
bce = nn.BCEWithLogitsLoss()

for sweep in range(6):
    for group in optimiser.param_groups:
        group["lr"] = 0.03 * 0.6 ** sweep
    idx = torch.randperm(cut)
    for k in range(0, cut, 100):
        b = idx[k:k + 100]
        loss = bce(net(train[0][b], train[1][b]), train[2][b])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    tr, te = report(net, train), report(net, held)
    print("sweep %d  nll %.4f / %.4f   acc %.3f / %.3f   auc %.3f / %.3f" % (sweep, tr[0], te[0], tr[1], te[1], tr[2], te[2]))

print("share of right answers held out: %.3f" % held[2].mean())
print("correlation with the true ability: %.3f" % np.corrcoef(net.theta.weight.detach().numpy()[:, 0], ability)[0, 1])
