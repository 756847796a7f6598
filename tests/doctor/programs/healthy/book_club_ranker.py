# Bayesian personalised ranking for a reading club. Sparse tables, two optimizers (tables / item bias).
import torch
import torch.nn.functional as F

gen = torch.Generator().manual_seed(31)
torch.manual_seed(31)
n_readers, n_books, genres = 500, 200, 5
book_genre = torch.randint(genres, (n_books,), generator=gen)
taste = torch.randint(genres, (n_readers,), generator=gen)
aff = torch.full((n_readers, n_books), 0.3)
aff[taste[:, None] == book_genre[None]] = 12.0
liked = torch.multinomial(aff, 18, generator=gen)          # distinct books per reader
train_pos, test_pos = liked[:, :15], liked[:, 15:]
seen = torch.zeros(n_readers, n_books, dtype=torch.bool).scatter_(1, train_pos, True)
heldout = torch.zeros_like(seen).scatter_(1, test_pos, True)

reader = torch.nn.Embedding(n_readers, 8, sparse=True)
book = torch.nn.Embedding(n_books, 8, sparse=True)
pop = torch.nn.Parameter(torch.zeros(n_books))
for t in (reader, book):
    torch.nn.init.normal_(t.weight, std=0.1)
opt_tables = torch.optim.SparseAdam(list(reader.parameters()) + list(book.parameters()), lr=0.02)
opt_bias = torch.optim.SGD([pop], lr=0.05, weight_decay=1e-3)

pairs = torch.stack([torch.arange(n_readers).repeat_interleave(15), train_pos.reshape(-1)], 1)


@torch.no_grad()
def auc(pos):
    s = reader.weight @ book.weight.t() + pop
    other = ~seen & ~heldout
    wins = (s.gather(1, pos)[:, :, None] > s[:, None, :]) & other[:, None, :]
    return (wins.sum((1, 2)) / (other.sum(1) * pos.size(1))).mean().item()


print(f"start: test auc {auc(test_pos):.3f}")
for epoch in range(6):
    total = count = 0
    for idx in torch.randperm(len(pairs), generator=gen).split(100):
        u, i = pairs[idx].t()
        j = torch.randint(n_books, u.shape, generator=gen)
        ok = ~seen[u, j]                                   # drop accidental positives
        u, i, j = u[ok], i[ok], j[ok]
        margin = (reader(u) * (book(i) - book(j))).sum(1) + pop[i] - pop[j]
        loss = -F.logsigmoid(margin).mean()
        opt_tables.zero_grad()
        opt_bias.zero_grad()
        loss.backward()
        opt_tables.step()
        opt_bias.step()
        total += loss.item() * len(u)
        count += len(u)
    print(f"epoch {epoch + 1}: bpr {total / count:.4f} auc train {auc(train_pos):.3f} test {auc(test_pos):.3f}")
