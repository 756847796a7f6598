"""Continual tuning of a term table for intent routing: many rare terms, short queries, crowd labels with errors.

Term vectors come from a big query log; every term occurs once or twice in the labelled queries.
"""
import numpy as np
import torch
from torch import nn


class Params:
    intents, terms, dim = 10, 4000, 32
    n_train, n_test, query_len = 2000, 1000, 4
    crowd_error = 0.3
    lr_table, lr_net = 0.004, 5e-3
    batch, epochs, seed = 16, 5, 12


P = Params
gen = np.random.default_rng(P.seed)
torch.manual_seed(P.seed)

centres = gen.normal(size=(P.intents, P.dim)) * 0.22
term_intent = gen.integers(0, P.intents, P.terms)
log_vectors = centres[term_intent] + gen.normal(size=(P.terms, P.dim)) * 0.25
terms_of = [np.flatnonzero(term_intent == k) for k in range(P.intents)]


def queries(n, error):
    y = gen.integers(0, P.intents, n)
    x = np.stack([np.where(gen.random(P.query_len) < 0.75, gen.choice(terms_of[k], P.query_len),
                           gen.integers(0, P.terms, P.query_len)) for k in y])
    given = np.where(gen.random(n) < error, gen.integers(0, P.intents, n), y)
    return torch.tensor(x), torch.tensor(given)


class Router(nn.Module):
    def __init__(self, table):
        super().__init__()
        # fault:
        self.terms = nn.EmbeddingBag.from_pretrained(table, freeze=False, mode="mean")
        # mended:
        #self.terms = nn.EmbeddingBag.from_pretrained(table, freeze=False, mode="mean", sparse=True)
        # end
        self.net = nn.Sequential(nn.Linear(P.dim, 48), nn.ReLU(), nn.Linear(48, P.intents))

    def forward(self, x):
        return self.net(self.terms(x))


x_train, y_train = queries(P.n_train, P.crowd_error)
x_test, y_test = queries(P.n_test, 0.0)
router = Router(torch.tensor(log_vectors, dtype=torch.float32))
# fault:
table_opt = torch.optim.Adam(router.terms.parameters(), lr=P.lr_table, betas=(0.95, 0.999))
# mended:
#table_opt = torch.optim.SparseAdam(list(router.terms.parameters()), lr=P.lr_table, betas=(0.95, 0.999))
# end
net_opt = torch.optim.Adam(router.net.parameters(), lr=P.lr_net)
loss_fn = nn.CrossEntropyLoss()

print("epoch  train loss  test loss  test accuracy")
for epoch in range(P.epochs):
    router.train()
    total = 0.0
    for rows in torch.randperm(P.n_train).split(P.batch):
        loss = loss_fn(router(x_train[rows]), y_train[rows])
        table_opt.zero_grad()
        net_opt.zero_grad()
        loss.backward()
        table_opt.step()
        net_opt.step()
        total += loss.item() * len(rows)
    router.eval()
    with torch.no_grad():
        logits = router(x_test)
    print(f"{epoch:5d}  {total / P.n_train:10.3f}  {loss_fn(logits, y_test).item():9.3f}  "
          f"{(logits.argmax(1) == y_test).float().mean().item():13.3f}")
print(f"chance {1 / P.intents:.2f}")
