"""word2vec skip-gram with negative sampling, sparse tables and SparseAdam; scored by how often the nearest neighbours
of a word belong to its (hidden) class in the little grammar that wrote the corpus."""
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(9)
torch.manual_seed(9)
CLASSES, PER_CLASS, DIM, WINDOW, NEG = 8, 20, 24, 2, 5
V = CLASSES * PER_CLASS
perm = torch.randperm(V, generator=g)  # word id -> place in the grammar
word_at = torch.argsort(perm)
follow = torch.softmax(2.5 * torch.randn(CLASSES, CLASSES, generator=g), -1)


def write(n):
    c, out = 0, []
    for _ in range(n):
        c = int(torch.multinomial(follow[c], 1, generator=g))
        out.append(c)
    classes = torch.tensor(out)
    return word_at[classes * PER_CLASS + torch.randint(PER_CLASS, (n,), generator=g)]


text = write(12000)
pairs = []
for d in range(1, WINDOW + 1):
    # a table for each direction would know the order; plain word2vec doesn't
    pairs += [torch.stack([text[:-d], text[d:]], 1), torch.stack([text[d:], text[:-d]], 1)]
pairs = torch.cat(pairs)
noise = torch.bincount(text, minlength=V).float().pow(0.75)

inp = torch.nn.Embedding(V, DIM, sparse=True)
out = torch.nn.Embedding(V, DIM, sparse=True)
torch.nn.init.uniform_(inp.weight, -0.5 / DIM, 0.5 / DIM)
torch.nn.init.normal_(out.weight, std=0.05)
opt = torch.optim.SparseAdam(list(inp.parameters()) + list(out.parameters()), lr=0.01)


def loss_of(batch):
    c, o = inp(batch[:, 0]), out(batch[:, 1])
    n = out(torch.multinomial(noise, len(batch) * NEG, replacement=True).view(-1, NEG))
    good = F.logsigmoid((c * o).sum(-1))
    bad = F.logsigmoid(-torch.einsum("bd,bnd->bn", c, n)).sum(-1)
    return -(good + bad).mean()


@torch.no_grad()
def neighbours(k=5):
    w = F.normalize(inp.weight, dim=1)
    near = (w @ w.T - 2 * torch.eye(V)).topk(k).indices
    cls = perm // PER_CLASS
    return (cls[near] == cls[:, None]).float().mean().item()


print(f"{len(text)} tokens, {len(pairs)} pairs; same-class neighbours at the start {neighbours():.3f}")
for epoch in range(3):
    for group in opt.param_groups:
        group["lr"] = (0.01, 0.004, 0.001)[epoch]
    tot = n = 0
    for b in torch.randperm(len(pairs)).split(256):
        loss = loss_of(pairs[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
        n += 1
    print(f"epoch {epoch + 1}  sgns loss {tot / n:.4f}  same-class neighbours@5 {neighbours():.3f}")
