import math, random
import torch, torch.nn as nn
# few-shot: which invented language is this word string from? every language strings sound classes together in
# its own way; which letters of a class are used differs from string to string (spelling of the writer).
# episodes: 5 languages, 5 support strings each, 5 queries each. Test languages are never trained on.
random.seed(8); torch.manual_seed(8)
A, K = 20, 5                       # letters, sound classes (letter // 4 would be the class)
SHUFFLED = torch.randperm(A)

def language():
    start = torch.distributions.Dirichlet(torch.full((K,), .8)).sample()
    follow = torch.distributions.Dirichlet(torch.full((K, K), .5)).sample()
    return start, follow

def speak(lang, n, length=20):
    s, f = lang
    w = [torch.multinomial(s, n, replacement=True)]
    for _ in range(length - 1):
        w.append(torch.multinomial(f[w[-1]], 1).squeeze(1))
    cls = torch.stack(w, 1)                                                             # n x length
    spelling = torch.distributions.Dirichlet(torch.full((n, K, A // K), .4)).sample()
    p = spelling[torch.arange(n)[:, None], cls]
    letter = torch.multinomial(p.flatten(0, 1), 1).view_as(cls)
    return SHUFFLED[cls * (A // K) + letter]

train_langs = [speak(language(), 40) for _ in range(80)]
test_langs = [speak(language(), 40) for _ in range(25)]

def episode(pool, way=5, shot=5, query=5):
    S, Q = [], []
    for l in random.sample(range(len(pool)), way):
        x = pool[l][torch.randperm(40)[:shot + query]]
        S.append(x[:shot]); Q.append(x[shot:])
    return torch.stack(S), torch.stack(Q)

class Enc(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(A, 24)
        self.c1 = nn.Conv1d(24, 48, 2)
        self.fc = nn.Linear(48 + 24, 32)
    def forward(self, x):
        lead = x.shape[:-1]
        e = self.letters(x.reshape(-1, x.shape[-1])).transpose(1, 2)
        h = torch.cat([torch.relu(self.c1(e)).mean(-1), e.mean(-1)], -1)
        return self.fc(h).reshape(*lead, 32)

def logits(net, S, Q):
    proto = net(S).mean(1)                         # way x d
    q = net(Q).flatten(0, 1)                       # (way*query) x d
    return -((q[:, None] - proto[None]) ** 2).sum(-1)

net = Enc()
opt = torch.optim.Adam(net.parameters(), 8e-3)
y = torch.arange(5).repeat_interleave(5)

def meta_test(pool, n=60):
    st = random.getstate(); random.seed(1)
    net.eval(); acc = []
    with torch.no_grad():
        for _ in range(n):
            acc.append((logits(net, *episode(pool)).argmax(1) == y).float().mean().item())
    random.setstate(st); net.train()
    m = sum(acc) / n
    return m, 1.96 * math.sqrt(sum((a - m) ** 2 for a in acc) / n / n)

print('before  %.3f +- %.3f' % meta_test(test_langs))
for block in range(6):
    L = 0.
    for it in range(70):
        loss = nn.functional.cross_entropy(logits(net, *episode(train_langs)), y)
        opt.zero_grad(); loss.backward(); opt.step(); L += loss.item() / 70
    for gr in opt.param_groups: gr['lr'] *= .6
    print('episodes %4d  loss %.3f  new languages %.3f +- %.3f' % ((block + 1) * 70, L, *meta_test(test_langs)))
print('known languages %.3f +- %.3f' % meta_test(train_langs))
