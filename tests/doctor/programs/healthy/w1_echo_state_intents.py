"""Reservoir computing for voice commands: random fixed word vectors, a random fixed recurrent net, only the read-out is fitted."""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(107)
torch.manual_seed(107)
GRAMMAR = {
    "light_on": ["turn the {room} lights on", "switch on the {room} lamp please", "make it bright in the {room}"],
    "light_off": ["turn the {room} lights off", "switch off the {room} lamp please", "make it dark in the {room}"],
    "warmer": ["make it warmer in the {room}", "turn the {room} heating up", "the {room} is too cold"],
    "colder": ["make it colder in the {room}", "turn the {room} heating down", "the {room} is too hot"],
    "music": ["play {style} in the {room}", "start some {style} please", "turn the {style} up in the {room}"],
    "alarm": ["wake me at {n}", "set the alarm to {n} please", "make it ring at {n}"],
}
ROOMS, STYLES = "kitchen bath hall cellar attic bedroom office".split(), "jazz rock polka techno folk".split()
FILL = "uh well hey so now then actually okay".split()
names = list(GRAMMAR)


def utterance():
    k = int(rng.integers(len(names)))
    text = str(rng.choice(GRAMMAR[names[k]])).format(room=rng.choice(ROOMS), style=rng.choice(STYLES), n=rng.choice(["six", "seven", "eight", "nine"]))
    words = [w for word in text.split() for w in ([str(rng.choice(FILL)), word] if rng.random() < 0.1 else [word]) if rng.random() > 0.04]
    return words or ["uh"], k


data = list({tuple(words): (words, k) for words, k in (utterance() for _ in range(5000))}.values())[:2600]
vocab = {w: i for i, w in enumerate(sorted({w for words, _ in data[:2000] for w in words}))}
SIZE, DIM, LEAK = 200, 24, 0.5
word_in = torch.randn(len(vocab), DIM)
w_in = torch.randn(DIM, SIZE) * 0.25
w_rec = torch.randn(SIZE, SIZE) * (torch.rand(SIZE, SIZE) < 0.1)
w_rec *= 0.9 / torch.linalg.eigvals(w_rec).abs().max()


@torch.no_grad()
def states(words):
    h, total = torch.zeros(SIZE), torch.zeros(SIZE)
    known = [vocab[w] for w in words if w in vocab]
    for i in known:
        h = (1 - LEAK) * h + LEAK * torch.tanh(word_in[i] @ w_in + h @ w_rec)
        total += h
    return torch.cat([h, total / max(1, len(known))])


X = torch.stack([states(w) for w, _ in data])
Y = torch.tensor([k for _, k in data])
mu, sd = X[:2000].mean(0), X[:2000].std(0)
X = (X - mu) / sd
W = torch.zeros(2 * SIZE, len(names), requires_grad=True)
b = torch.zeros(len(names), requires_grad=True)
opt = torch.optim.LBFGS([W, b], lr=0.5, max_iter=10, history_size=8, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = F.cross_entropy(X[:2000] @ W + b, Y[:2000]) + 0.02 * W.square().sum()
    loss.backward()
    return loss


for outer in range(6):
    loss = opt.step(closure)
    with torch.no_grad():
        guess = (X @ W + b).argmax(1) == Y
    print(f"round {outer + 1}: objective {loss.item():.4f} train {guess[:2000].float().mean():.3f} new utterances {guess[2000:].float().mean():.3f}")
