# Predict how a group of readers splits over four moods (soft labels), with a bag of words and KL divergence
import torch, torch.nn as nn, torch.nn.functional as F

g = torch.Generator().manual_seed(99)
torch.manual_seed(99)
V, MOODS, N = 300, 4, 3000

# every word pulls readers towards some moods; a text is 8 to 20 words
pull = torch.randn(V, MOODS, generator=g) * (torch.rand(V, 1, generator=g) < .4)
lens = torch.randint(8, 21, (N,), generator=g)
texts = [torch.randint(1, V, (int(n),), generator=g) for n in lens]
votes = []
for t in texts:
    p = torch.softmax(pull[t].sum(0) * .6, 0)
    draw = torch.multinomial(p, 40, replacement=True, generator=g)       # forty readers vote
    votes.append(torch.bincount(draw, minlength=MOODS).float() / 40)
votes = torch.stack(votes)
ids = nn.utils.rnn.pad_sequence(texts, batch_first=True)
cut = 2400

class MoodNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag(V, 16, mode='sum', padding_idx=0)
        nn.init.normal_(self.words.weight, std=.1)
        with torch.no_grad():
            self.words.weight[0] = 0
        self.top = nn.Linear(16, MOODS)

    def forward(self, x):
        return self.top(self.words(x))

net = MoodNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=.4)
kl = nn.KLDivLoss(reduction='batchmean')

def held_out():
    net.eval()
    with torch.no_grad():
        p = torch.softmax(net(ids[cut:]), 1)
    t = votes[cut:]
    tv = .5 * (p - t).abs().sum(1).mean().item()                # total variation, 0 is perfect
    ce = -(t * p.clamp_min(1e-8).log()).sum(1).mean().item()
    ent = -(t * t.clamp_min(1e-8).log()).sum(1).mean().item()
    return tv, ce - ent

base = votes[:cut].mean(0)
print('always the mean: total variation %.3f' % (.5 * (base - votes[cut:]).abs().sum(1).mean()))
for epoch in range(8):
    net.train()
    seen = 0.
    for idx in torch.randperm(cut).split(60):
        # fault:
        out = torch.softmax(net(ids[idx]), dim=1)
        # mended:
        # out = torch.log_softmax(net(ids[idx]), dim=1)
        # end
        loss = kl(out, votes[idx])
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        seen += loss.item() * len(idx)
    sched.step()
    tv, d = held_out()
    print(f'epoch {epoch}  loss {seen / cut:8.4f}   held out: total variation {tv:.3f}  divergence {d:.4f}')
