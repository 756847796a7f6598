# Stage 1: masked word model on unlabelled sequences.  Stage 2: freeze the encoder, linear probe on its states.
import torch
import torch.nn as nn

torch.manual_seed(12)
K, PER, T = 8, 5, 10                      # hidden states, words per state; a Markov chain emits the words
A = torch.full((K, K), 0.02); A[torch.arange(K), (torch.arange(K) + 1) % K] = 0.7; A[torch.arange(K), (torch.arange(K) + 3) % K] = 0.3
A /= A.sum(1, keepdim=True)
V, MASK = K * PER, K * PER


def sample(n):
    s = torch.randint(0, K, (n,)); seq = [s]
    for _ in range(T - 1):
        s = torch.multinomial(A[s], 1)[:, 0]; seq.append(s)
    s = torch.stack(seq, 1)
    return s * PER + torch.randint(0, PER, s.shape), s


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.e = nn.Embedding(V + 1, d)
        self.g = nn.GRU(d, d // 2, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.g(self.e(x))[0]


enc, lm = Encoder(), nn.Linear(32, V)
opt = torch.optim.Adam([*enc.parameters(), *lm.parameters()], lr=2e-2)
raw, _ = sample(4000)
for ep in range(4):
    tot = 0
    for i in torch.randperm(4000).split(50):
        x = raw[i]
        hole = torch.rand(x.shape) < 0.2
        hole[:, 4] |= ~hole.any(1)
        logits = lm(enc(x.masked_fill(hole, MASK)))
        loss = nn.functional.cross_entropy(logits[hole], x[hole])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    print("mlm epoch", ep, "loss %.3f" % (tot / 80), "(uniform: %.3f)" % torch.log(torch.tensor(float(V))))

enc.requires_grad_(False).eval()
probe = nn.Linear(32, K)
opt2 = torch.optim.SGD(probe.parameters(), lr=1.0, momentum=0.9)
(xa, sa), (xb, sb) = sample(1500), sample(500)


def hidden_middle(x):                     # the probe may not see the word itself
    x = x.clone(); x[:, 5] = MASK
    with torch.no_grad():
        return enc(x)[:, 5]


for ep in range(5):
    for i in torch.randperm(1500).split(50):
        loss = nn.functional.cross_entropy(probe(hidden_middle(xa[i])), sa[i, 5])
        opt2.zero_grad(); loss.backward(); opt2.step()
    with torch.no_grad():
        acc = [(probe(hidden_middle(x)).argmax(1) == s[:, 5]).float().mean().item() for x, s in ((xa, sa), (xb, sb))]
    print("probe epoch %d train %.3f test %.3f (chance %.3f)" % (ep, *acc, 1 / K))
