"""Address parser: BiLSTM + CRF, CRF layer written by hand (no extra packages)."""
import random
import torch
import torch.nn as nn

random.seed(5)
torch.manual_seed(5)

TAGS = ["O", "NAME", "STREET", "NUM", "CITY", "ZIP"]
T2I = {t: i for i, t in enumerate(TAGS)}
FIRST = "anna omar lucy peter ines bruno hana karl mila jose".split()
LAST = "stone rivers hill marsh young field baker church wood king".split()
STREET = "oak maple church hill river king mill garden station wood".split()
KIND = "street road lane avenue square".split()
CITY = "leeds york bath ely derby ripon oxford stoke kendal dover".split()
FILL = "send it to the office of at in near care deliver for with return parcel flat before noon behind new old post".split()


def chunk_fill(lo, hi):
    return [(random.choice(FILL), "O") for _ in range(random.randint(lo, hi))]


def make_line():
    line = chunk_fill(2, 5)
    line += [(random.choice(FIRST), "NAME"), (random.choice(LAST), "NAME")]
    line += chunk_fill(1, 5)
    line += [(str(random.randint(1, 60)), "NUM"), (random.choice(STREET), "STREET"), (random.choice(KIND), "STREET")]
    line += chunk_fill(1, 5)
    line += [(random.choice(CITY), "CITY")]
    line += [(random.choice(["yo", "ls", "ba", "de"]) + str(random.randint(1, 40)), "ZIP")]
    line += chunk_fill(2, 6)
    line += [(random.choice(FIRST), "NAME"), (random.choice(LAST), "NAME")]
    return [w for w, _ in line], [T2I[t] for _, t in line]


lines = [make_line() for _ in range(500)]
train, test = lines[:384], lines[384:]
vocab = {"<pad>": 0, "<unk>": 1}
for ws, _ in train:
    for w in ws:
        vocab.setdefault(w, len(vocab))


def batchify(rows):
    n = max(len(w) for w, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    y = torch.zeros(len(rows), n, dtype=torch.long)
    mask = torch.zeros(len(rows), n, dtype=torch.bool)
    for i, (ws, ts) in enumerate(rows):
        x[i, :len(ws)] = torch.tensor([vocab.get(w, 1) for w in ws])
        y[i, :len(ws)] = torch.tensor(ts)
        mask[i, :len(ws)] = True
    return x, y, mask


def log_sum_exp(v, dim):
    # fault:
    return torch.log(torch.sum(torch.exp(v), dim=dim))
    # mended:
    #m = v.max(dim=dim, keepdim=True)[0]
    #return m.squeeze(dim) + torch.log(torch.sum(torch.exp(v - m), dim=dim))
    # end


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=32, hid=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hid, batch_first=True, bidirectional=True)
        self.proj = nn.Linear(2 * hid, n_tags)
        self.trans = nn.Parameter(torch.randn(n_tags, n_tags) * 0.1)
        self.start = nn.Parameter(torch.randn(n_tags) * 0.1)

    def emissions(self, x, mask):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), mask.sum(1), batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True)
        return self.proj(h)

    def neg_log_likelihood(self, x, y, mask):
        e = self.emissions(x, mask)
        rows = torch.arange(len(x))
        alpha = self.start + e[:, 0]
        gold = self.start[y[:, 0]] + e[rows, 0, y[:, 0]]
        for t in range(1, x.size(1)):
            new = log_sum_exp(alpha.unsqueeze(2) + self.trans + e[:, t].unsqueeze(1), dim=1)
            alpha = torch.where(mask[:, t].unsqueeze(1), new, alpha)
            gold = gold + (self.trans[y[:, t - 1], y[:, t]] + e[rows, t, y[:, t]]) * mask[:, t]
        return (log_sum_exp(alpha, dim=1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x, mask):
        e = self.emissions(x, mask)
        score, back = self.start + e[:, 0], []
        for t in range(1, x.size(1)):
            best, arg = (score.unsqueeze(2) + self.trans).max(1)
            keep = mask[:, t].unsqueeze(1)
            back.append(torch.where(keep, arg, torch.arange(len(TAGS)).expand_as(arg)))
            score = torch.where(keep, best + e[:, t], score)
        path = [score.argmax(1)]
        for b in reversed(back):
            path.append(b.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], 1)


def accuracy(rows):
    model.eval()
    x, y, mask = batchify(rows)
    return (model.viterbi(x, mask) == y)[mask].float().mean().item()


model = Tagger(len(vocab), len(TAGS))
optim = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(5):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 24):
        x, y, mask = batchify(train[i:i + 24])
        optim.zero_grad()
        loss = model.neg_log_likelihood(x, y, mask)
        loss.backward()
        optim.step()
        tot += loss.item()
    print(f"epoch {epoch}: nll {tot / 16:.3f}  train acc {accuracy(train[:120]):.3f}  test acc {accuracy(test):.3f}")
