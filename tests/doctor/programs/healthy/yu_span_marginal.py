# reading comprehension with distant supervision: every position where the answer string shows up counts as right
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

RS = np.random.RandomState(17)
torch.manual_seed(17)
people = ["anna", "bert", "cleo", "dina", "egon", "fritz", "gina", "hugo", "ines", "jack", "kurt", "lena"]
cities = ["rome", "oslo", "kyiv", "bern", "riga", "baku", "lima", "cairo", "quito", "delhi", "tunis", "seoul", "minsk", "sofia"]
verbs = ["lives", "works"]
extra = ["yesterday", "sadly", "indeed", "again", "perhaps"]
itos = people + cities + verbs + extra + ["in", ".", "where", "does"]
stoi = {w: i for i, w in enumerate(itos)}
N_FACTS = 6


def story():
    """six facts 'extra person verb in city .', one question; the same fact may be told twice"""
    facts = [(RS.choice(people), RS.choice(verbs)) for _ in range(N_FACTS - 2)]
    home = {}
    for f in facts:
        home.setdefault(f, RS.choice(cities))
    facts += [facts[RS.randint(len(facts))] for _ in range(2)]
    RS.shuffle(facts)
    facts = [tuple(f) for f in facts]
    toks = []
    for p, v in facts:
        toks += [RS.choice(extra), p, v, "in", home[p, v], "."]
    p, v = facts[RS.randint(N_FACTS)]
    ans = home[p, v]
    return [stoi[t] for t in toks], [stoi[p], stoi[v]], stoi[ans]


raw = [story() for _ in range(1300)]
ctx, qst, ans = (torch.tensor(np.array(c)) for c in zip(*raw))
gold = ctx == ans[:, None]                      # (N, 36) booleans, one to several per row
tr, dv = slice(0, 1000), slice(1000, 1300)


class Reader(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.word = nn.Embedding(len(itos), d)
        self.left = nn.Conv1d(d, 2 * d, 4)          # sees three words before and the word itself
        self.mix = nn.Linear(2 * d, 2 * d)
        self.q = nn.Linear(2 * d, 2 * d)
        self.bias = nn.Linear(2 * d, 1)

    def forward(self, c, q):
        e = F.pad(self.word(c).transpose(1, 2), (3, 0))
        h = self.mix(torch.relu(self.left(e)).transpose(1, 2))
        u = self.q(self.word(q).flatten(1))
        return (h * u[:, None]).sum(-1) / h.size(-1) ** .5 + self.bias(h).squeeze(-1)


reader = Reader()
optimizer = torch.optim.Adam(reader.parameters(), lr=3e-3)
EPOCHS = 5
lr_at = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda e: 1.0 if e < 3 else 0.3)


def exact(sl):
    reader.eval()
    with torch.no_grad():
        pos = reader(ctx[sl], qst[sl]).argmax(1, keepdim=True)
    reader.train()
    return (ctx[sl].gather(1, pos).squeeze(1) == ans[sl]).float().mean().item()


print("answers per story: %.2f on average" % gold.float().sum(1).mean().item(), "| untrained", round(exact(dv), 3))
for epoch in range(EPOCHS):
    order = torch.randperm(1000)
    log = []
    for b in order.split(40):
        lp = reader(ctx[b], qst[b]).log_softmax(1)
        nll = -torch.logsumexp(lp.masked_fill(~gold[b], -1e9), dim=1)     # log of the summed mass
        loss = nll.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        log.append(loss.item())
    lr_at.step()
    print(f"{epoch}: marginal nll {np.mean(log):.3f} exact match train {exact(slice(0, 300)):.3f} dev {exact(dv):.3f}")
