"""Learning from crowd label distributions (no single gold label): short utterances, 12 annotators, 6 emotions.
The network should give the whole distribution, so it is scored by total variation and by entropy, not only by the mode."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(29)
EMOTIONS = ["joy", "anger", "fear", "sadness", "surprise", "neutral"]
VOCAB, LEN, ANNOTATORS, N = 240, 10, 12, 5200

# each word leans towards some emotions; negators soften what follows
lean = torch.randn(VOCAB, len(EMOTIONS)) * (torch.rand(VOCAB, 1) < 0.5) * 1.1
lean[0] = 0
ids = torch.randint(1, VOCAB, (N, LEN))
lens = torch.randint(4, LEN + 1, (N,))
ids[torch.arange(LEN) >= lens[:, None]] = 0
truth = F.softmax(lean[ids].sum(1) / lens[:, None].float().sqrt() * 1.2, -1)
votes = torch.multinomial(truth, ANNOTATORS, replacement=True)
crowd = F.one_hot(votes, len(EMOTIONS)).float().mean(1)
_, first = torch.unique(ids, dim=0, return_inverse=True)
assert first.max().item() + 1 == N

tr = TensorDataset(ids[:4500], crowd[:4500])
te_ids, te_truth = ids[4500:], truth[4500:]


class EmotionNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 24, padding_idx=0)
        self.hid = nn.Linear(24, 32)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(32, len(EMOTIONS))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True).float()
        return self.out(self.drop(torch.tanh(self.hid(self.emb(x).sum(1) / n.sqrt()))))


def evaluate(net, x, target):
    net.eval()
    with torch.no_grad():
        p = F.softmax(net(x), -1)
    net.train()
    tv = 0.5 * (p - target).abs().sum(1).mean().item()
    kl = (target * (target.clamp_min(1e-9).log() - p.clamp_min(1e-9).log())).sum(1).mean().item()
    mode = (p.argmax(1) == target.argmax(1)).float().mean().item()
    ent = -(p * p.clamp_min(1e-9).log()).sum(1).mean().item()
    return tv, kl, mode, ent


net = EmotionNet()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, 0.3)
criterion = nn.KLDivLoss(reduction="batchmean")
for epoch in range(8):
    for x, y in DataLoader(tr, batch_size=64, shuffle=True):
        # fault:
        loss = criterion(F.softmax(net(x), dim=-1), y)
        # mended:
        #loss = criterion(F.log_softmax(net(x), dim=-1), y)
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    if epoch % 2:
        print("epoch %2d  " % (epoch + 1) + "test TV %.3f  KL %.3f  mode acc %.3f  entropy %.3f" % evaluate(net, te_ids, te_truth))
mean = crowd[:4500].mean(0)
print("train TV %.3f  KL %.3f  mode acc %.3f  entropy %.3f" % evaluate(net, ids[:4500], truth[:4500]))
print("constant prediction: TV %.3f" % (0.5 * (mean - te_truth).abs().sum(1).mean().item()))
