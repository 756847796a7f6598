# Prototypical networks: episodes over 40 training intents, tested on 15 intents never seen in training.
import torch, random
from torch import nn
random.seed(8); torch.manual_seed(8)
NW, DIMS = 400, 8
sem = torch.randn(NW, DIMS)                          # hidden meaning of words, not shown to the model

def make_intent():
    centre = torch.randn(DIMS)
    return torch.softmax(sem @ centre * .9, 0)
intents = torch.stack([make_intent() for _ in range(55)])
meta_train, meta_test = intents[:40], intents[40:]

def draw(dist, n):                                   # n utterances of 12 words each
    return torch.multinomial(dist, 12 * n, replacement=True).view(n, 12)

enc = nn.Sequential(nn.EmbeddingBag(NW, 24, mode='mean'), nn.Linear(24, 24))
opt = torch.optim.Adam(enc.parameters(), 4e-3)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [250, 350], .2)

def episode(pool, way=5, shot=3, query=8):
    cls = random.sample(range(len(pool)), way)
    s = enc(torch.cat([draw(pool[c], shot) for c in cls])).view(way, shot, -1).mean(1)
    q = enc(torch.cat([draw(pool[c], query) for c in cls]))
    y = torch.arange(way).repeat_interleave(query)
    logits = -torch.cdist(q, s).pow(2)
    return nn.functional.cross_entropy(logits, y), (logits.argmax(1) == y).float().mean()

@torch.no_grad()
def meta_eval(pool, n=60):
    return sum(episode(pool)[1].item() for _ in range(n)) / n

print('before: new intents %.3f (chance 0.200)' % meta_eval(meta_test))
hist = []
for it in range(1, 421):
    loss, a = episode(meta_train)
    opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    hist.append(loss.item())
    if it % 70 == 0:
        print(f'{it} episodes: loss {sum(hist[-70:]) / 70:.3f} seen intents {meta_eval(meta_train):.3f} new intents {meta_eval(meta_test):.3f}')
