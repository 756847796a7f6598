"""
Blog: "Which planet does this name come from?"  --  a recurrent network in forty lines, no nn.RNN needed.

One name at a time, one letter at a time. We update the weights by hand, so that there is no magic left.
"""
import random
import torch
import torch.nn as nn

random.seed(42)
torch.manual_seed(42)

letters = "abcdefghijklmnopqrstuvwxyz'"

# Each planet has its own way to make syllables.
planets = {
    "Vulcor": (["t'", "s", "sk", "v", "k"], ["a", "o", "u"], ["k", "rr", "l", "n"]),
    "Elunia": (["l", "n", "m", "y", "f"], ["ia", "ae", "e", "i"], ["", "", "l", "n"]),
    "Gronk": (["g", "gr", "b", "d", "z"], ["o", "u", "a"], ["g", "nk", "b", "sh"]),
    "Terra": (["j", "m", "r", "p", "st"], ["a", "e", "i"], ["n", "s", "rt", "y"]),
}
names = list(planets)


def make_name(p):
    on, nu, co = planets[p]
    return "".join(random.choice(on) + random.choice(nu) + (random.choice(co) if random.random() < 0.6 else "") for _ in range(random.randint(1, 3)))


pool = {}
for p in names:
    for _ in range(700):
        pool.setdefault(make_name(p), set()).add(p)
pairs = [(n, next(iter(ps))) for n, ps in sorted(pool.items()) if len(ps) == 1]     # a name that two planets use is left out
random.shuffle(pairs)
held_out, training = pairs[:300], pairs[300:]
print(len(training), "names to train on,", len(held_out), "held out")


def name_to_tensor(name):
    t = torch.zeros(len(name), 1, len(letters))
    for i, c in enumerate(name):
        t[i][0][letters.index(c)] = 1
    return t


class RNN(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.n_hidden = n_hidden
        self.i2h = nn.Linear(n_in + n_hidden, n_hidden)
        self.h2o = nn.Linear(n_hidden, n_out)

    def forward(self, x, h):
        h = torch.tanh(self.i2h(torch.cat((x, h), 1)))
        return torch.log_softmax(self.h2o(h), dim=1), h


rnn = RNN(len(letters), 48, len(names))
criterion = nn.NLLLoss()


def read(tensor):
    h = torch.zeros(1, rnn.n_hidden)
    for letter in tensor:
        out, h = rnn(letter, h)
    return out


def train_one(name, planet, rate):
    rnn.zero_grad()
    loss = criterion(read(name_to_tensor(name)), torch.tensor([names.index(planet)]))
    loss.backward()
    nn.utils.clip_grad_norm_(rnn.parameters(), 5.0)
    with torch.no_grad():
        for p in rnn.parameters():
            p -= rate * p.grad
    return loss.item()


def accuracy(data):
    with torch.no_grad():
        return sum(names[read(name_to_tensor(n)).argmax().item()] == p for n, p in data) / len(data)


n_iters, so_far = 2800, 0.0
for it in range(1, n_iters + 1):
    name, planet = random.choice(training)
    so_far += train_one(name, planet, 0.02 if it < 2000 else 0.005)
    if it % 700 == 0:
        print(f"{it:5d} ({100 * it // n_iters}%)  loss {so_far / 700:.4f}   held out {accuracy(held_out):.3f}")
        so_far = 0.0

for n in ["skarrtok", "liafel", "grunkbog"]:
    with torch.no_grad():
        print(n, "->", names[read(name_to_tensor(n)).argmax().item()])
