import torch, torch.nn as nn, numpy as np
from collections import defaultdict
# Prototypical network. Topics of the test episodes never occur in training (5-way 5-shot).
SEED = 19
torch.manual_seed(SEED); R = np.random.default_rng(SEED)
V, TOPICS, ASPECTS = 300, 160, 20
aspect_words = R.permutation(V).reshape(ASPECTS, -1)          # 20 aspects x 15 words


def write(topic_aspects, n=14):
    # most words come from the three aspects of the topic, the rest is chatter
    a = np.array(topic_aspects)[R.integers(0, 3, n)]
    return np.where(R.random(n) < .7, aspect_words[a, R.integers(0, 15, n)], R.integers(0, V, n))


library = defaultdict(list)
combos = set()
while len(combos) < TOPICS:
    combos.add(tuple(sorted(R.choice(ASPECTS, 3, replace=False).tolist())))
for t, c in enumerate(sorted(combos, key=lambda c: hash(c) % 1009)):
    library[t] = torch.tensor(np.stack([write(c) for _ in range(40)]))
topics = R.permutation(TOPICS)
base, novel = topics[:125], topics[125:]


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(V, 32, mode='mean')
        self.head = nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 32))
        nn.init.normal_(self.bag.weight, std=.3)

    def forward(self, x):
        return self.head(self.bag(x))


def episode(pool, way=5, shot=5, query=8):
    ts = R.choice(pool, way, replace=False)
    S, Q = [], []
    for t in ts:
        pick = R.permutation(40)[:shot + query]
        S.append(library[t][pick[:shot]]); Q.append(library[t][pick[shot:]])
    return torch.stack(S), torch.stack(Q)


def logits_of(net, S, Q):
    way, shot, L = S.shape
    proto = net(S.reshape(-1, L)).reshape(way, shot, -1).mean(1)
    q = net(Q.reshape(-1, L))
    d2 = ((q[:, None] - proto[None]) ** 2).sum(-1)
    return -d2, torch.arange(way).repeat_interleave(Q.shape[1])


net = Embedder()
optimizer = torch.optim.Adam(net.parameters(), lr=6e-3)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: max(.02, 1 - s / 500))


@torch.inference_mode()
def evaluate(pool, n=50):
    net.eval()
    hits = []
    for _ in range(n):
        lg, y = logits_of(net, *episode(pool))
        hits.append((lg.argmax(1) == y).float().mean().item())
    return np.mean(hits), 1.96 * np.std(hits) / n ** .5


print('untrained, novel topics: %.3f +- %.3f' % evaluate(novel))
trail = []
for it in range(1, 501):
    net.train()
    lg, y = logits_of(net, *episode(base))
    loss = nn.functional.cross_entropy(lg, y)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step(); scheduler.step()
    trail.append(loss.item())
    if it % 100 == 0:
        print(f'episode {it}: loss {np.mean(trail[-100:]):.3f}')
print('base topics  %.3f +- %.3f' % evaluate(base))
print('novel topics %.3f +- %.3f' % evaluate(novel))
