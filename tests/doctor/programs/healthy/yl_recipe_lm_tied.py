"""Word LSTM language model over recipe steps, input and output embedding tied.  Reports perplexity next to the
entropy of the process that wrote the text, which nobody can beat."""
import numpy as np
import torch

rng = np.random.default_rng(31)
torch.manual_seed(31)
VERBS = ["chop", "boil", "fry", "bake", "stir", "season", "drain", "grate"]
ITEMS = [f"{a}{b}" for a in ("car", "on", "lee", "pot", "be", "cel", "gar", "fen", "tur", "sal") for b in ("rot", "ion", "ato", "nip")]
TOOLS = ["pan", "pot", "oven", "bowl", "wok", "tray"]
TIMES = [str(n) for n in (2, 3, 5, 8, 10, 15, 20, 30)]
# each verb has its own taste in items, tools, times
taste = {v: (rng.dirichlet(np.full(len(ITEMS), .3)), rng.dirichlet(np.full(len(TOOLS), .4)), rng.dirichlet(np.full(len(TIMES), .4))) for v in VERBS}
start = rng.dirichlet(np.full(len(VERBS), 2.))


def step():
    bits = []
    def pick(options, p):
        i = rng.choice(len(options), p=p)
        bits.append(-np.log(p[i]))
        return options[i]
    v = pick(VERBS, start)
    out = [v, pick(ITEMS, taste[v][0])]
    if pick(["and", "."], [.4, .6]) == "and":
        out += ["and", pick(ITEMS, taste[v][0])]
    out += ["in", "the", pick(TOOLS, taste[v][1])]
    if pick(["for", "."], [.5, .5]) == "for":
        out += ["for", pick(TIMES, taste[v][2]), "minutes"]
    return out + ["</s>"], sum(bits)


seen, texts = set(), []
while len(texts) < 2300:
    words, nats = step()
    key = " ".join(words)
    if key in seen:
        continue
    seen.add(key)
    texts.append((words, nats))
train, valid = [w for w, _ in texts[:1900]], texts[1900:]
bound = np.exp(sum(n for _, n in valid) / sum(len(w) for w, _ in valid))
valid = [w for w, _ in valid]
vocab = {"<pad>": 0, "<s>": 1}
for w in VERBS + ITEMS + TOOLS + TIMES + ["and", "in", "the", "for", "minutes", "</s>"]:
    vocab[w] = len(vocab)


def to_batch(sents):
    T = max(map(len, sents))
    m = torch.zeros(len(sents), T + 1, dtype=torch.long)
    m[:, 0] = 1
    for r, s in zip(m, sents):
        r[1:len(s) + 1] = torch.tensor([vocab[w] for w in s])
    return m[:, :-1], m[:, 1:]


class TiedLM(torch.nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.emb = torch.nn.Embedding(n, d)
        torch.nn.init.normal_(self.emb.weight, std=d ** -0.5)
        self.rnn = torch.nn.LSTM(d, 64, batch_first=True)
        self.proj = torch.nn.Linear(64, d)
        self.decoder = torch.nn.Linear(d, n)
        self.decoder.weight = self.emb.weight

    def forward(self, x):
        return self.decoder(self.proj(self.rnn(self.emb(x))[0]))


lm = TiedLM(len(vocab))
optimizer = torch.optim.Adam(lm.parameters(), lr=6e-3)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5, 6], gamma=0.35)


def summed_loss(sents):
    x, y = to_batch(sents)
    return torch.nn.functional.cross_entropy(lm(x).transpose(1, 2), y, ignore_index=0, reduction="sum"), int((y != 0).sum())


def perplexity(sents):
    with torch.no_grad():
        a, b = summed_loss(sents)
    return float(torch.exp(a / b))


print(f"no model can expect less than about {bound:.2f} on these sentences; uniform would give {len(vocab)}")
for epoch in range(6):
    perm = rng.permutation(len(train))
    for at in range(0, len(train), 38):
        total, n = summed_loss([train[i] for i in perm[at:at + 38]])
        optimizer.zero_grad()
        (total / n).backward()
        torch.nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        optimizer.step()
    scheduler.step()
    print(f"epoch {epoch}: perplexity train {perplexity(train):.3f} valid {perplexity(valid):.3f}")
