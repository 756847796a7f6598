# Linear chain CRF on top of window features, for the slots of smart home commands.
import itertools, random
import torch

random.seed(17)
torch.manual_seed(17)

ROOMS = "kitchen bath bedroom cellar hall garage living_room attic".split()
THINGS = "lamp heater blind radio fan oven kettle door".split()
TIMES = "noon midnight six seven eight nine ten tomorrow tonight".split()
ACTS = "open close start stop dim raise lower turn_on turn_off".split()
TAGS = ["O", "B-ACT", "B-THING", "I-THING", "B-ROOM", "B-TIME", "I-TIME"]
COLORS = "red old small second left big".split()


def command():
    """the word 'second', 'old'... is O before a room but part of the thing before a thing"""
    out = []
    if random.random() < .4:
        out += [(w, "O") for w in random.choice(["please", "could you", "hey now", "i want to"]).split()]
    out.append((random.choice(ACTS), "B-ACT"))
    if random.random() < .7: out.append(("the", "O"))
    thing = random.choice(THINGS)
    if random.random() < .5:
        out += [(random.choice(COLORS), "B-THING"), (thing, "I-THING")]
    else:
        out.append((thing, "B-THING"))
    if random.random() < .6:
        out += [("in", "O"), ("the", "O")]
        if random.random() < .5: out.append((random.choice(COLORS), "O"))
        out.append((random.choice(ROOMS), "B-ROOM"))
    if random.random() < .6:
        t = random.choice(TIMES)
        out += [("at", "B-TIME"), (t, "I-TIME")] if random.random() < .6 else [(t, "B-TIME")]
    # asr noise: words get lost
    return [(w if random.random() > .06 else "<noise>", t) for w, t in out]


class CRF(torch.nn.Module):
    def __init__(self, words, tags, dim=24):
        super().__init__()
        self.emb = torch.nn.Embedding(words, dim, padding_idx=0)
        self.conv = torch.nn.Conv1d(dim, 48, 3, padding=1)
        self.score = torch.nn.Linear(48, tags)
        self.trans = torch.nn.Parameter(torch.zeros(tags, tags))
        self.first = torch.nn.Parameter(torch.zeros(tags))

    def emissions(self, w):
        return self.score(torch.relu(self.conv(self.emb(w).transpose(1, 2))).transpose(1, 2))

    def neg_log_likelihood(self, w, t, mask):
        e = self.emissions(w)
        gold = self.first[t[:, 0]] + e[:, 0].gather(1, t[:, :1]).squeeze(1)
        alpha = self.first + e[:, 0]
        for k in range(1, w.shape[1]):
            m = mask[:, k]
            gold = gold + m * (self.trans[t[:, k - 1], t[:, k]] + e[:, k].gather(1, t[:, k:k + 1]).squeeze(1))
            nxt = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + e[:, k]
            alpha = torch.where(m.bool().unsqueeze(1), nxt, alpha)
        return (alpha.logsumexp(1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, w, n):
        e = self.emissions(w)
        paths = []
        for row, length in zip(e, n.tolist()):
            best, back = self.first + row[0], []
            for k in range(1, length):
                best, arg = (best.unsqueeze(1) + self.trans).max(0)
                best = best + row[k]
                back.append(arg)
            path = [best.argmax().item()]
            for arg in reversed(back):
                path.append(arg[path[-1]].item())
            paths.append(path[::-1])
        return paths


sents = [command() for _ in range(2400)]
sents = [list(x) for x in {tuple(s): None for s in sents}]        # no sentence twice
random.shuffle(sents)
train, test = sents[:1700], sents[1700:2000]
w2i = {w: i for i, w in enumerate(["<pad>"] + sorted({w for s in train for w, _ in s}))}


def tensors(batch):
    n = torch.tensor([len(s) for s in batch])
    w, t = torch.zeros(len(batch), int(n.max()), dtype=torch.long), torch.zeros(len(batch), int(n.max()), dtype=torch.long)
    for r, s in enumerate(batch):
        w[r, :len(s)] = torch.tensor([w2i[x] for x, _ in s])
        t[r, :len(s)] = torch.tensor([TAGS.index(x) for _, x in s])
    return w, t, (torch.arange(w.shape[1]) < n[:, None]).float(), n


def accuracy(data):
    w, t, _, n = tensors(data)
    guess = model.viterbi(w, n)
    pairs = [(g, y) for p, row in zip(guess, t.tolist()) for g, y in zip(p, row)]
    whole = sum(p == row[:len(p)] for p, row in zip(guess, t.tolist())) / len(data)
    return sum(g == y for g, y in pairs) / len(pairs), whole


model = CRF(len(w2i), len(TAGS))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    random.shuffle(train)
    run = []
    for k in itertools.count(0, 50):
        if k >= len(train): break
        w, t, m, n = tensors(train[k:k + 50])
        opt.zero_grad()
        nll = model.neg_log_likelihood(w, t, m)
        nll.backward()
        opt.step()
        run.append(nll.item())
    if epoch == 1:
        for gr in opt.param_groups: gr["lr"] = 0.003
    print("epoch %d nll %.4f | tokens, sentences right: train %.3f %.3f, test %.3f %.3f" % (
        epoch, sum(run) / len(run), *accuracy(train[:300]), *accuracy(test)))
