"""Two shops name the same product differently; find the partner of each listing.

Dual encoder, one tower for both shops, in-batch negatives, learned temperature.
"""
import itertools, math, random
import torch
import torch.nn.functional as F

random.seed(5)
torch.manual_seed(5)

brands = ["sony", "bosch", "apple", "asus", "philips", "lg", "canon", "makita", "dyson", "garmin", "nikon", "braun"]
kinds = {"laptop": ["notebook", "laptop"], "phone": ["smartphone", "phone"], "drill": ["drill", "power drill"], "tv": ["television", "tv"],
         "camera": ["camera", "cam"], "vacuum": ["vacuum", "hoover"], "watch": ["watch", "smartwatch"], "shaver": ["shaver", "razor"]}
colors = {"black": ["black", "blk"], "white": ["white", "wht"], "silver": ["silver", "slv"], "red": ["red"]}
sizes = {"s": ["small", "compact"], "m": ["medium", "standard"], "l": ["large", "xl"]}
filler = ["new", "original", "sale", "free", "shipping", "2023", "top", "boxed"]


def title(p, shop):
    b, k, c, s = p
    words = [b, random.choice(kinds[k]), random.choice(colors[c]), random.choice(sizes[s])]
    words += random.sample(filler, random.randint(0, 3))
    if shop == "B":
        random.shuffle(words)
    return " ".join(words).split()


products = list(itertools.product(brands, kinds, colors, sizes))      # 1152 different things
random.shuffle(products)
train_p, test_p = products[:950], products[950:]
vocab = {}
for w in brands + filler + [x for d in (kinds, colors, sizes) for v in d.values() for t in v for x in t.split()]:
    vocab.setdefault(w, len(vocab))

E = torch.nn.Parameter(torch.randn(len(vocab), 32) * 0.1)
W = torch.nn.Parameter(torch.randn(32, 32) / math.sqrt(32))
log_t = torch.nn.Parameter(torch.tensor(math.log(10.0)))
opt = torch.optim.Adam([{"params": [E, W], "lr": 0.01}, {"params": [log_t], "lr": 0.005}])


def encode(titles):
    # bag of counts times table: no padding needed
    counts = torch.zeros(len(titles), len(vocab))
    for i, t in enumerate(titles):
        for w in t:
            counts[i, vocab[w]] += 1
    return F.normalize(torch.tanh(counts @ E) @ W, dim=-1)


def hits(items):
    with torch.no_grad():
        sim = encode([title(p, "A") for p in items]) @ encode([title(p, "B") for p in items]).T
    best = sim.argmax(1)
    return (best == torch.arange(len(items))).float().mean().item()


for epoch in range(12):
    random.shuffle(train_p)
    losses = []
    for lo in range(0, 950, 95):
        part = train_p[lo:lo + 95]
        a, b = encode([title(p, "A") for p in part]), encode([title(p, "B") for p in part])
        logits = log_t.exp().clamp(max=50) * a @ b.T
        target = torch.arange(len(part))
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    if epoch % 2 == 1:
        print(f"{epoch + 1:3d} loss {sum(losses) / len(losses):.4f} scale {log_t.exp().item():.1f} "
              f"recall@1 train(202) {hits(train_p[:202]):.3f} test(202) {hits(test_p):.3f}")
