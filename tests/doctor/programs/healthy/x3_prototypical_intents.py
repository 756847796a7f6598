# Prototypical networks (Snell et al. 2017): 5-way 5-shot on intents never seen in training.
# A "word" has a hidden sense; an intent is a mixture of senses. What is learned is which words share a sense.
import numpy as np
import torch

rng = np.random.RandomState(4)
torch.manual_seed(4)
SENSES, WORDS_PER, LEN = 12, 15, 10
sense_of = rng.permutation(np.repeat(np.arange(SENSES), WORDS_PER))
members = [np.flatnonzero(sense_of == s) for s in range(SENSES)]


def new_intents(n):
    mix = np.zeros((n, SENSES))
    for row in mix:
        row[rng.choice(SENSES, 3, replace=False)] = rng.dirichlet([4, 4, 4])
    return 0.9 * mix + 0.1 / SENSES


def utterances(mixture, n):
    senses = rng.choice(SENSES, (n, LEN), p=mixture)
    pick = rng.randint(WORDS_PER, size=(n, LEN))
    return np.array(members)[senses, pick]


def episode(intents, way=5, shot=5, query=10):
    chosen = rng.choice(len(intents), way, replace=False)
    x = torch.from_numpy(np.stack([utterances(intents[c], shot + query) for c in chosen]))
    return x[:, :shot], x[:, shot:]


train_intents, test_intents = new_intents(80), new_intents(30)
table = torch.nn.Embedding(SENSES * WORDS_PER, 16)
optimizer = torch.optim.Adam(table.parameters(), lr=0.03)


def embed(x):
    return table(x).mean(-2)


def run(support, query):
    proto = embed(support).mean(1)
    q = embed(query).flatten(0, 1)
    logits = -torch.cdist(q, proto, compute_mode="donot_use_mm_for_euclid_dist").pow(2)
    gold = torch.arange(len(proto)).repeat_interleave(query.shape[1])
    return torch.nn.functional.cross_entropy(logits, gold), (logits.argmax(1) == gold).float().mean().item()


def test(intents, n=100):
    with torch.no_grad():
        return np.mean([run(*episode(intents))[1] for _ in range(n)])


print("before training: %.3f" % test(test_intents))
recent = []
for it in range(1, 501):
    if it == 350:
        optimizer.param_groups[0]["lr"] = 0.006
    loss, acc = run(*episode(train_intents))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    recent.append((loss.item(), acc))
    if it % 100 == 0:
        print("episode %d  loss %.3f  acc %.3f" % (it, *np.mean(recent, axis=0)))
        recent = []
print("seen intents %.3f, new intents %.3f (chance 0.2)" % (test(train_intents), test(test_intents)))
