"""Query adapter for catalogue search.

The catalogue index in production holds plain averaged word vectors and is rebuilt once a quarter, so
the word table must not change. Queries come with the older vectors of the voice assistant, which live in
a space of their own; a linear adapter from there into the catalogue space is fitted on click pairs.
"""
import gzip
import os
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(42)
torch.manual_seed(42)

vocab, mat = [], []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k < 300:
            continue
        if k >= 3300:
            break
        word, *nums = line.split()
        vocab.append(word)
        mat.append(np.array(nums, dtype=np.float32))
mat = np.stack(mat)
unit = mat / np.linalg.norm(mat, axis=1, keepdims=True)
spin, _ = np.linalg.qr(rng.normal(size=(50, 50)))
voice = ((unit @ spin) + .04 * rng.normal(size=unit.shape)).astype(np.float32)
near = np.argsort(-(unit @ unit.T), axis=1)[:, 1:4]          # close words, used as rephrasings

N_ITEMS, TITLE, QUERY = 1800, 5, 4
titles = rng.integers(0, len(vocab), (N_ITEMS, TITLE))


def click(item):
    q = rng.permutation(titles[item])[:QUERY]
    swap = rng.random(QUERY) < .2
    return np.where(swap, near[q, rng.integers(0, 3, QUERY)], q)


train_items, test_items = np.arange(1500), np.arange(1500, N_ITEMS)
train_pairs = [(click(i), i) for i in np.repeat(train_items, 2)]
test_pairs = [(click(i), i) for i in test_items]
titles_t = torch.from_numpy(titles)


class QueryAdapter(torch.nn.Module):
    def __init__(self, table, query_table):
        super().__init__()
        self.table = torch.nn.Embedding.from_pretrained(table.clone(), freeze=False)
        # fault:
        self.table.weight.require_grad = False
        # mended:
        # self.table.weight.requires_grad = False
        # end
        self.register_buffer("query_table", query_table)
        self.adapt = torch.nn.Linear(query_table.shape[1], table.shape[1], bias=False)

    def item(self, title):
        return F.normalize(self.table(title).mean(1), dim=-1)

    def query(self, q):
        return F.normalize(self.adapt(self.query_table[q].mean(1)), dim=-1)


model = QueryAdapter(torch.from_numpy(unit), torch.from_numpy(voice))
with torch.no_grad():
    index = model.item(titles_t)                              # what production serves


@torch.no_grad()
def recall(pairs, k):
    q = torch.from_numpy(np.stack([p[0] for p in pairs]))
    gold = torch.tensor([p[1] for p in pairs])
    top = (model.query(q) @ index.T).topk(k).indices
    return (top == gold[:, None]).any(1).float().mean().item()


print(f"start       recall@1 {recall(test_pairs, 1):.3f}  recall@10 {recall(test_pairs, 10):.3f}")
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(5):
    order = rng.permutation(len(train_pairs))
    losses = []
    for s in range(0, len(order) - 99, 100):
        batch = [train_pairs[i] for i in order[s:s + 100]]
        q = torch.from_numpy(np.stack([b[0] for b in batch]))
        items = torch.tensor([b[1] for b in batch])
        sim = model.query(q) @ model.item(titles_t[items]).T / 0.07
        sim = sim.masked_fill((items[:, None] == items[None]) & ~torch.eye(len(items), dtype=torch.bool), -1e4)
        loss = F.cross_entropy(sim, torch.arange(len(items)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1} loss {np.mean(losses):.4f}  recall@1 {recall(test_pairs, 1):.3f}  recall@10 {recall(test_pairs, 10):.3f}")
