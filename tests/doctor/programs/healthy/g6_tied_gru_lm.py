"""GRU language model with tied input/output table on a toy phrase-structure grammar (known entropy)."""
import math, random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(6); torch.manual_seed(6)

DET, ADJ, NOUN_S = ["the", "a", "this"], ["old", "small", "red", "quiet"], ["dog", "child", "judge", "bird", "nurse", "robot"]
NOUN_P = [n + "s" if n != "child" else "children" for n in NOUN_S]
VERB_S, VERB_P = ["sees", "likes", "hears", "follows"], ["see", "like", "hear", "follow"]
words = ["<pad>", "<bos>", "<eos>"] + DET + ["these"] + ADJ + NOUN_S + NOUN_P + VERB_S + VERB_P
ix = {w: i for i, w in enumerate(words)}

def noun_phrase():
    """phrase, is plural, log probability"""
    lp = math.log(0.5)
    if random.random() < 0.5:
        out, plural, nouns = ["these"], True, NOUN_P
    else:
        out, plural, nouns = [random.choice(DET)], False, NOUN_S
        lp -= math.log(len(DET))
    if random.random() < 0.5:
        out.append(random.choice(ADJ)); lp += math.log(0.5 / len(ADJ))
    else:
        lp += math.log(0.5)
    out.append(random.choice(nouns)); lp -= math.log(len(nouns))
    return out, plural, lp

def sentence():
    s, plural, lp = noun_phrase()
    s = s + [random.choice(VERB_P if plural else VERB_S)]
    o, _, lo = noun_phrase()
    return tuple(s + o), lp + lo - math.log(4)

bank = {}
while len(bank) < 1900:
    s, lp = sentence()
    bank[s] = lp
bank = list(bank.items()); random.shuffle(bank)
train, valid = bank[:1500], bank[1500:]

def to_tensor(rows):
    n = max(len(s) for s, _ in rows) + 2
    t = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        seq = [1] + [ix[w] for w in s] + [2]
        t[i, :len(seq)] = torch.tensor(seq)
    return t

class TiedGRU(nn.Module):
    def __init__(self, n, d, p=0.1):
        super().__init__()
        self.table = nn.Embedding(n, d, padding_idx=0)
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.drop = nn.Dropout(p)
        self.bias = nn.Parameter(torch.zeros(n))
    def forward(self, x):
        h, _ = self.rnn(self.drop(self.table(x)))
        return F.linear(self.drop(h), self.table.weight, self.bias)

net = TiedGRU(len(words), 48)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
T, V = to_tensor(train), to_tensor(valid)
oracle = math.exp(-sum(lp for _, lp in valid) / sum(len(s) + 1 for s, _ in valid))
unigram = torch.bincount(T[:, 1:][T[:, 1:] > 0], minlength=len(words)).float() + 1
unigram = math.exp(-(unigram / unigram.sum()).log()[V[:, 1:][V[:, 1:] > 0]].mean().item())

def perplexity(data):
    net.eval()
    with torch.no_grad():
        z = net(data[:, :-1])
    return math.exp(F.cross_entropy(z.flatten(0, 1), data[:, 1:].flatten(), ignore_index=0).item())

for epoch in range(1, 11):
    net.train()
    for b in torch.randperm(len(T)).split(50):
        x = T[b]
        loss = F.cross_entropy(net(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    if epoch % 2 == 0:
        print(f"epoch {epoch:2d} perplexity train {perplexity(T):.3f} valid {perplexity(V):.3f}")
print(f"unigram {unigram:.2f}, grammar itself {oracle:.3f}")
