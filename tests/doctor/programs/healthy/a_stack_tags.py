"""Multi-label tags for questions; GRU in the (T, B) layout, max over the real steps, one logit per tag."""
import random
import torch
import torch.nn as nn

random.seed(6); torch.manual_seed(6)
TAGS = {
    "python": ["list comprehension", "pip install fails", "indentation error", "my decorator", "a generator yields", "the virtualenv"],
    "sql": ["left join", "group by clause", "a slow query", "foreign key", "select distinct rows", "stored procedure"],
    "regex": ["lookahead", "match a digit", "greedy pattern", "capture group", "escape the dot"],
    "pandas": ["a dataframe", "groupby apply", "merge two frames", "nan values in a column", "read_csv is slow"],
    "docker": ["the container exits", "a volume mount", "compose file", "image layers", "port mapping"],
    "git": ["rebase conflict", "detached head", "cherry pick", "undo a commit", "the remote branch"],
}
GLUE = ["how do i", "why does", "i try to", "when i use", "is there a way to", "help with", "what is wrong with", "strange behaviour of", "and also", "together with", "after", "before", "in combination with"]
NAMES = list(TAGS)


def question():
    k = random.choices([1, 2, 3], [5, 3, 1])[0]
    tags = random.choices(NAMES, weights=[6, 4, 2, 3, 2, 2], k=k)
    tags = list(dict.fromkeys(tags))
    text = []
    for t in tags:
        text += [random.choice(GLUE), random.choice(TAGS[t])]
    if random.random() < .5:
        text += [random.choice(["thanks in advance", "on my laptop", "at work", "for a school project", "i am a beginner"])]
    return " ".join(text), tags


data = {}
while len(data) < 2400:
    q, t = question(); data[q] = t
data = list(data.items()); random.shuffle(data)
tr, va = data[:2000], data[2000:]
stoi = {"<pad>": 0, "<unk>": 1}
for q, _ in tr:
    for w in q.split():
        stoi.setdefault(w, len(stoi))


def batches(rows, bs, train):
    rows = random.sample(rows, len(rows)) if train else rows
    for i in range(0, len(rows), bs):
        part = rows[i:i + bs]
        L = [len(q.split()) for q, _ in part]
        x = torch.zeros(max(L), len(part), dtype=torch.long)            # time first
        y = torch.zeros(len(part), len(NAMES))
        for b, (q, ts) in enumerate(part):
            x[:L[b], b] = torch.tensor([stoi.get(w, 1) for w in q.split()])
            for t in ts:
                y[b, NAMES.index(t)] = 1
        yield x, y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(stoi), 32, padding_idx=0)
        self.g = nn.GRU(32, 40)
        self.o = nn.Linear(40, len(NAMES))

    def forward(self, x):
        h, _ = self.g(self.e(x))
        return self.o(h.masked_fill((x == 0).unsqueeze(-1), float("-inf")).amax(0))


net = Net()
freq = torch.cat([y for _, y in batches(tr, 500, False)]).mean(0)
lossf = nn.BCEWithLogitsLoss(pos_weight=((1 - freq) / freq).clamp(max=5))
opt = torch.optim.NAdam(net.parameters(), lr=4e-3)
for epoch in range(4):
    net.train(); tot = n = 0
    for x, y in batches(tr, 40, True):
        opt.zero_grad(); loss = lossf(net(x), y); loss.backward(); opt.step()
        tot += loss.item(); n += 1
    net.eval(); tp = fp = fn = exact = 0
    with torch.no_grad():
        for x, y in batches(va, 200, False):
            p = (torch.sigmoid(net(x)) > .5).float()
            tp += (p * y).sum().item(); fp += (p * (1 - y)).sum().item(); fn += ((1 - p) * y).sum().item()
            exact += (p == y).all(1).sum().item()
    print(f"epoch {epoch} loss {tot / n:.4f} micro F1 {2 * tp / (2 * tp + fp + fn):.4f} exact {exact / len(va):.3f}")
