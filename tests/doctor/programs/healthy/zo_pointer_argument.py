# Pointer network, toy: "who did the <verb>?"  The answer is a position in the sentence, namely the
# name that stands before the verb asked for.
import random, torch, torch.nn as nn
random.seed(14); torch.manual_seed(14)
names = ['anna','bob','carl','dora','emil','fay','gus','hana']
verbs = ['sang','slept','cooked','ran','wrote','danced']
small = ['then','while','and','later','quietly','again']
itos = ['PAD'] + names + verbs + small
ix = {w:i for i,w in enumerate(itos)}

def story():
    k = random.randint(2,4)
    vs = random.sample(verbs,k)
    words, spot = [], {}
    for v in vs:
        for _ in range(random.randint(0,2)): words.append(random.choice(small))
        spot[v] = len(words)
        words += [random.choice(names), v]
    q = random.choice(vs)
    return [ix[w] for w in words], ix[q], spot[q]

def tensors(rows):
    T = max(len(r[0]) for r in rows)
    x = torch.tensor([r[0]+[0]*(T-len(r[0])) for r in rows])
    return x, torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])

class Ptr(nn.Module):
    def __init__(s, d=32):
        super().__init__()
        s.e = nn.Embedding(len(itos), d, padding_idx=0)
        s.near = nn.Conv1d(d, d, 3, padding=1)
        s.q = nn.Linear(d, d)
    def forward(s, x, q):
        keys = torch.tanh(s.near(s.e(x).transpose(1,2)))              # b d t
        score = torch.einsum('bd,bdt->bt', s.q(s.e(q)), keys)
        return score.masked_fill(x == 0, float('-inf')).log_softmax(1)

train = [story() for _ in range(1500)]
known = {str(r) for r in train}
test = [r for r in (story() for _ in range(500)) if str(r) not in known]
net = Ptr()
opt = torch.optim.NAdam(net.parameters(), 4e-3)
acc = lambda rows: (lambda x,q,y: (net(x,q).argmax(1) == y).float().mean().item())(*tensors(rows))
for ep in range(3):
    random.shuffle(train); L = []
    for i in range(0, len(train), 30):
        x,q,y = tensors(train[i:i+30])
        loss = nn.functional.nll_loss(net(x,q), y)
        opt.zero_grad(); loss.backward(); opt.step(); L.append(loss.item())
    with torch.no_grad():
        print(ep, 'loss %.4f' % (sum(L)/len(L)), 'train %.3f' % acc(train), 'test (%d) %.3f' % (len(test), acc(test)))
