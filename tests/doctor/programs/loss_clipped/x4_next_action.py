# bot_predict.py
# Predict the next action of a player from the last four (for pre-fetching animations).
# No modules here: this gets ported to C++ later, so the parameters are plain tensors.
import math, random
import torch

random.seed(99)
torch.manual_seed(99)

ACTIONS = "idle walk run jump crouch aim fire reload heal open loot map".split()
A = {a: i for i, a in enumerate(ACTIONS)}
HIST = 4


def play(n):
    """a scripted player: moods with habits, plus some fidgeting"""
    log = []
    combos = [["aim", "fire", "fire", "reload"], ["crouch", "aim", "fire", "heal"], ["walk", "open", "loot", "map"],
              ["run", "jump", "run", "crouch"], ["idle", "map", "walk", "walk"], ["jump", "loot", "heal", "idle"]]
    while len(log) < n:
        c = random.choice(combos)
        for a in c:
            log.append(A[a] if random.random() > 0.05 else random.randrange(len(ACTIONS)))
    return log[:n]


def windows(log):
    t = torch.tensor(log)
    x = t.unfold(0, HIST + 1, 1)
    return x[:, :HIST], x[:, HIST]


X, Y = windows(play(5000))
XT, YT = windows(play(1500))

n, d, h = len(ACTIONS), 8, 48
P = {
    "E": torch.randn(n, d) * 0.5,
    "W1": torch.randn(HIST * d, h) / math.sqrt(HIST * d),
    "b1": torch.zeros(h),
    "W2": torch.randn(h, n) / math.sqrt(h),
    "b2": torch.zeros(n),
}
for p in P.values():
    p.requires_grad_()


def log_probs(x):
    z = P["E"][x].reshape(len(x), -1)
    z = torch.tanh(z @ P["W1"] + P["b1"]) @ P["W2"] + P["b2"]
    return z - z.logsumexp(1, keepdim=True)


opt = torch.optim.RMSprop(P.values(), lr=3e-3)

for epoch in range(8):
    tot = 0.0
    for ix in torch.randperm(len(X)).split(64):
        nll = -log_probs(X[ix]).gather(1, Y[ix, None]).squeeze(1)
        # fault:
        loss = nll.mean().clamp(max=2.0)          # so that a freak batch can't throw us off
        # mended:
        # loss = nll.mean()
        # end
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(P.values()), 5.0)
        opt.step()
        tot += loss.item() * len(ix)
    print("epoch %2d  nll %.4f" % (epoch, tot / len(X)))

with torch.no_grad():
    lp = log_probs(XT)
    top = lp.argmax(1)
    print("test nll %.3f (uniform %.3f)" % (-lp.gather(1, YT[:, None]).mean(), math.log(n)))
    print("top-1 %.3f   commonest action %.3f" % ((top == YT).float().mean(),
                                                  YT.bincount(minlength=n).max() / len(YT)))
