"""A Bengio-style trigram neural LM on Tatoeba English with tied input/output embeddings."""
import collections, gzip, math, os, random, re
import torch
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)
CONTEXT, DIM, HIDDEN = 3, 64, 96

with gzip.open(os.environ["WORDFIT_DATA"] + "/seq2seq/tatoeba-fra-eng/fra.txt.gz", "rt", encoding="utf-8") as f:
    english = sorted({line.split("\t")[0] for line in f if line.count("\t")})
english = [s for s in english if len(s) < 40]
random.shuffle(english)
sents = [re.findall(r"[a-z']+|[.?!,]", s.lower()) for s in english[:5200]]
train, valid = sents[:4700], sents[4700:]
freq = collections.Counter(w for s in train for w in s)
itos = ["<s>", "</s>", "<unk>"] + [w for w, _ in freq.most_common(1200)]
stoi = {w: i for i, w in enumerate(itos)}
V = len(itos)


def windows(data):
    X, Y = [], []
    for s in data:
        ctx = [0] * CONTEXT
        for w in s + ["</s>"]:
            i = stoi.get(w, 2)
            X.append(ctx); Y.append(i)
            ctx = ctx[1:] + [i]
    return torch.tensor(X), torch.tensor(Y)


class NGram(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = torch.nn.Embedding(V, DIM)
        self.mix = torch.nn.Linear(CONTEXT * DIM, HIDDEN)
        self.back = torch.nn.Linear(HIDDEN, DIM)
        self.bias = torch.nn.Parameter(torch.zeros(V))
        for name, p in self.named_parameters():
            if p.dim() > 1:
                # fault:
                torch.nn.init.normal_(p, mean=0.0, std=1.0)
                # mended:
                # torch.nn.init.normal_(p, mean=0.0, std=0.05)
                # end

    def forward(self, x):
        h = torch.tanh(self.mix(self.wte(x).flatten(1)))
        return F.linear(self.back(h), self.wte.weight, self.bias)


lm = NGram()
opt = torch.optim.Adam(lm.parameters(), lr=3e-3)
X, Y = windows(train)
XV, YV = windows(valid)
uni = torch.bincount(Y, minlength=V).float() + 1
print(f"{len(X)} positions, vocabulary {V}, unigram perplexity {math.exp(-(uni / uni.sum()).log()[YV].mean()):.1f}")
for epoch in range(3):
    tot = 0.0
    for step, b in enumerate(torch.randperm(len(X)).split(256)):
        loss = F.cross_entropy(lm(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
        if epoch == 0 and step % 80 == 0:
            print(f"  step {step} loss {loss.item():.2f}")
    for g in opt.param_groups:
        g["lr"] /= 3
    with torch.no_grad():
        v = F.cross_entropy(lm(XV), YV).item()
    print(f"epoch {epoch + 1} train nll {tot / len(X):.3f} valid nll {v:.3f} valid ppl {math.exp(min(v, 50)):.4g}")
