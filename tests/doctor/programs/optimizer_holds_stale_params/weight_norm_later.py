"""Is a word English or Czech-sounding? Invented words, one-hot letters, convolutions with weight normalisation."""
import random
import warnings

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

warnings.filterwarnings("ignore")
random.seed(3)
torch.manual_seed(3)
STYLE = {
    0: (["th", "w", "b", "st", "m", "sh"], ["oo", "ea", "i", "ou", "a"], ["ck", "ng", "ll", "t", "d"]),
    1: (["vr", "kr", "zd", "m", "st", "b"], ["y", "e", "i", "u", "a"], ["ch", "k", "v", "t", "d"]),
    2: (["qu", "gl", "v", "m", "b", "c"], ["ia", "o", "a", "e", "i"], ["ro", "to", "ne", "la", "d"]),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIZE = 18


def invent():
    k = random.randrange(3)
    on, nu, co = STYLE[k]
    return "".join(random.choice(on) + random.choice(nu) + random.choice(co) for _ in range(random.choice([1, 2])))[:SIZE], k


def one_hot(words):
    x = torch.zeros(len(words), 26, SIZE)
    for i, w in enumerate(words):
        for j, c in enumerate(w):
            x[i, LETTERS.index(c), j] = 1
    return x


bank = {}
while len(bank) < 2000:
    w, k = invent()
    bank.setdefault(w, k)
bank = list(bank.items())
random.shuffle(bank)
test, train = bank[:300], bank[300:]


def build():
    return nn.Sequential(
        nn.Conv1d(26, 32, 3, padding=1), nn.LeakyReLU(0.1),
        nn.Conv1d(32, 32, 3, padding=1), nn.LeakyReLU(0.1),
        nn.AdaptiveMaxPool1d(1), nn.Flatten(),
        nn.Linear(32, 3),
    )


def normalise(net):
    for m in net:
        if isinstance(m, (nn.Conv1d, nn.Linear)):
            weight_norm(m)
    return net


net = build()
# fault:
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
normalise(net)
# mended:
# normalise(net)
# opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
# end
lossf = nn.CrossEntropyLoss()
X, Y = one_hot([w for w, _ in train]), torch.tensor([k for _, k in train])
XT, YT = one_hot([w for w, _ in test]), torch.tensor([k for _, k in test])
for epoch in range(5):
    net.train()
    for i in torch.randperm(len(X)).split(32):
        opt.zero_grad()
        loss = lossf(net(X[i]), Y[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.inference_mode():
        print(f"epoch {epoch} loss {loss.item():.4f} test accuracy {(net(XT).argmax(1) == YT).float().mean():.4f}")
