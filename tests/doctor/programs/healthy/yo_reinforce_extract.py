# Extractive "summary": pick the sentence that maximises word overlap with a hidden reference. REINFORCE with a
# self-critical baseline (reward of the greedy choice), so the printed loss hovers around zero on purpose.
import random, torch, torch.nn as nn
random.seed(12); torch.manual_seed(12)
TOPIC = [[f't{t}_{i}' for i in range(12)] for t in range(10)]
STOP = [f's{i}' for i in range(15)]
vid = {w: i for i, w in enumerate(STOP + sum(TOPIC, []))}
S, L = 5, 8

def doc():
    title_t = random.randrange(10)
    sents, rewards = [], []
    ref = random.sample(TOPIC[title_t], 8)
    for k in random.sample([0, 0, 1, 2, 5], S):            # number of on-topic words per sentence
        other = random.choice([t for t in range(10) if t != title_t])
        ws = random.sample(ref, k) + random.choices(TOPIC[other], k=2) + random.choices(STOP, k=L - 2 - k)
        random.shuffle(ws)
        sents.append([vid[w] for w in ws]); rewards.append(len(set(ws) & set(ref)) / 8)
    return [vid[w] for w in random.sample(TOPIC[title_t], 3)], sents, rewards

docs = [doc() for _ in range(2400)]
title, sent, rew = (torch.tensor(c) for c in zip(*docs))
N = 2000

class Policy(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vid), d)
        self.mix = nn.Bilinear(d, d, 8)
        self.out = nn.Linear(8, 1)
    def forward(self, t, s):
        q = self.emb(t).mean(1, keepdim=True).expand(-1, S, -1).contiguous()
        return torch.distributions.Categorical(logits=self.out(torch.tanh(self.mix(q, self.emb(s).mean(2)))).squeeze(-1))

pi = Policy()
opt = torch.optim.Adam(pi.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1., .02, total_iters=5)

@torch.no_grad()
def greedy(sl):
    a = pi(title[sl], sent[sl]).probs.argmax(1)
    return rew[sl].gather(1, a[:, None]).mean().item(), (a == rew[sl].argmax(1)).float().mean().item()

print('random choice earns %.3f, the best %.3f' % (rew[N:].mean(), rew[N:].max(1)[0].mean()))
for ep in range(5):
    tl = 0
    for b in torch.randperm(N).split(50):
        p = pi(title[b], sent[b])
        a = p.sample((4,))
        r = rew[b].expand(4, -1, -1).gather(2, a[..., None]).squeeze(-1)
        base = rew[b].gather(1, p.probs.argmax(1, keepdim=True)).squeeze(1)
        loss = -((r - base).detach() * p.log_prob(a)).mean() - 2e-3 * p.entropy().mean()
        opt.zero_grad(); loss.backward(); opt.step(); tl += loss.item()
    sched.step()
    print(f'epoch {ep} loss {tl / (N // 50):+.4f} held-out reward %.3f, best sentence chosen %.3f' % greedy(slice(N, None)))
print('train reward %.3f, best chosen %.3f' % greedy(slice(0, N)))
