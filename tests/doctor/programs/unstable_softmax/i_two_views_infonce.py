"""Contrastive document vectors: two halves of an abstract should find each other (InfoNCE, fixed temperature)."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(71)
torch.manual_seed(71)

N_FIELDS, PER_FIELD, GENERAL = 40, 5, 60
VOCAB = N_FIELDS * PER_FIELD + GENERAL


def half(fields):
    words = [f * PER_FIELD + random.randrange(PER_FIELD) for f in fields for _ in range(3)]
    words += [N_FIELDS * PER_FIELD + random.randrange(GENERAL) for _ in range(2)]
    return words


def corpus(n):
    docs = [random.sample(range(N_FIELDS), 3) for _ in range(n)]
    return torch.tensor([half(d) for d in docs]), torch.tensor([half(d) for d in docs])


class DocEncoder(nn.Module):
    def __init__(self, dim=40):
        super().__init__()
        self.words = nn.EmbeddingBag(VOCAB, dim, mode="mean")

    def forward(self, ids):
        return F.normalize(self.words(ids), dim=1)


def info_nce(a, b, tau=0.01):
    sim = a @ b.T / tau
    # fault:
    e = torch.exp(sim)
    rows = -torch.log(e.diagonal() / e.sum(1))
    cols = -torch.log(e.diagonal() / e.sum(0))
    # mended:
    # rows = torch.logsumexp(sim, 1) - sim.diagonal()
    # cols = torch.logsumexp(sim, 0) - sim.diagonal()
    # end
    return 0.5 * (rows.mean() + cols.mean())


@torch.no_grad()
def retrieval(model, left, right):
    model.eval()
    best = (model(left) @ model(right).T).argmax(1)
    model.train()
    return (best == torch.arange(len(left))).float().mean().item()


train_a, train_b = corpus(5000)
test_a, test_b = corpus(300)
model = DocEncoder()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)

for epoch in range(6):
    losses = []
    for idx in torch.randperm(len(train_a)).split(100):
        loss = info_nce(model(train_a[idx]), model(train_b[idx]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}  "
          f"R@1 of 300: train {retrieval(model, train_a[:300], train_b[:300]):.3f}  test {retrieval(model, test_a, test_b):.3f}")
