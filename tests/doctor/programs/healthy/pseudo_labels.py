"""Semi-supervised sorting of forum posts: teacher on 1200 labels, student also on confident guesses."""
import copy
import torch
from torch import nn, Tensor

torch.manual_seed(6)
V, TOPICS, LEN = 300, 4, 20
base = torch.full((TOPICS, V), 1.0)
for t in range(TOPICS):
    base[t, t * 40:(t + 1) * 40] = 8.0
probs = base / base.sum(1, keepdim=True)


def posts(n: int) -> tuple[Tensor, Tensor]:
    y = torch.randint(TOPICS, (n,))
    return torch.multinomial(probs[y], LEN, replacement=True), y


xl, yl = posts(1200)
xu, hidden = posts(3000)          # 'hidden' is only for the report
xt, yt = posts(800)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(V, 16)
        self.norm = nn.LayerNorm(16)
        self.o = nn.Linear(16, TOPICS)

    def forward(self, x):
        return self.o(nn.functional.dropout(self.norm(self.e(x).mean(1)), 0.3, self.training))


def fit(net, x, y, epochs, weight=None, tag=""):
    opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-4)
    w = torch.ones(len(x)) if weight is None else weight
    for ep in range(epochs):
        net.train()
        tot = 0.0
        for b in torch.randperm(len(x)).split(64):
            loss = (nn.functional.cross_entropy(net(x[b]), y[b], reduction="none") * w[b]).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        print(f"  {tag} {ep}: loss {tot / len(x):.3f} labelled {acc(net, xl, yl):.3f} test {acc(net, xt, yt):.3f}")


@torch.no_grad()
def acc(net, x, y):
    net.eval()
    return (net(x).argmax(1) == y).float().mean().item()


teacher = Net()
fit(teacher, xl, yl, 5, tag="teacher")
teacher.eval()
with torch.no_grad():
    p, guess = teacher(xu).softmax(1).max(1)
keep = p > 0.8
print(f"kept {keep.float().mean():.2f} of the pool, {(guess[keep] == hidden[keep]).float().mean():.3f} of them right")
student = copy.deepcopy(teacher)                           # warm start
x = torch.cat([xl, xu[keep]]); y = torch.cat([yl, guess[keep]])
w = torch.cat([torch.ones(len(xl)), torch.full((int(keep.sum()),), 0.5)])
fit(student, x, y, 4, w, tag="student")
print(f"teacher {acc(teacher, xt, yt):.3f} student {acc(student, xt, yt):.3f}")
