"""Intent detection for a small home assistant, no nn.Module at all: a dict of tensors and F.*"""
import random, math
import torch
import torch.nn.functional as F

random.seed(11); torch.manual_seed(11)

INTENTS = {
    "light":   ["turn on the lamp", "switch the light off", "make it brighter here", "dim the bulb", "lights out"],
    "music":   ["play some jazz", "next song", "put on my playlist", "louder this track", "stop the music"],
    "weather": ["will it rain", "how cold is it outside", "is it sunny", "do i need an umbrella", "any snow coming"],
    "timer":   ["wake me at seven", "set an alarm", "remind me in ten minutes", "start a countdown", "timer for the eggs"],
    "news":    ["read the headlines", "what happened in politics", "latest report", "any election results", "top stories"],
}
FILLER = "please now could you would hey assistant today tonight for me in kitchen bedroom quickly again the a".split()
NAMES = list(INTENTS)


def utterance():
    k = random.choices(range(5), weights=[5, 4, 3, 2, 2])[0]
    core = random.choice(INTENTS[NAMES[k]]).split()
    if len(core) > 3 and random.random() < .4:
        core.pop(random.randrange(len(core)))
    pre = random.sample(FILLER, random.randint(0, 3)); post = random.sample(FILLER, random.randint(0, 3))
    return pre + core + post, k


rows = {}
while len(rows) < 2600:
    w, k = utterance()
    rows.setdefault(" ".join(w), k)
rows = list(rows.items())
random.shuffle(rows)
train, held = rows[:2200], rows[2200:]
stoi = {}
for s, _ in train:
    for w in s.split():
        stoi.setdefault(w, len(stoi))


def ids(s):
    return [stoi[w] for w in s.split() if w in stoi]


def new_params(V, D=24, H=32, C=5):
    g = lambda *sh, s: (torch.randn(*sh) * s).requires_grad_()
    return {"E": g(V, D, s=.3), "W1": g(D, H, s=1 / math.sqrt(D)), "b1": g(H, s=0.01),
            "W2": g(H, C, s=1 / math.sqrt(H)), "b2": g(C, s=0.01)}


def model(p, flat, offsets):
    h = F.embedding_bag(flat, p["E"], offsets, mode="mean")
    h = torch.tanh(h @ p["W1"] + p["b1"])
    z = h @ p["W2"] + p["b2"]
    # fault:
    return F.log_softmax(z, dim=0)
    # mended:
    # return F.log_softmax(z, dim=1)
    # end


def pack(sents):
    flat, off = [], []
    for s in sents:
        off.append(len(flat)); flat += ids(s)
    return torch.tensor(flat), torch.tensor(off)


@torch.no_grad()
def answer(p, sentence):
    return int(model(p, *pack([sentence]))[0].argmax())


params = new_params(len(stoi))
velocity = {k: torch.zeros_like(v) for k, v in params.items()}
LR, MU, BS = 0.2, 0.9, 50

for epoch in range(8):
    random.shuffle(train)
    tot = hit = 0
    for i in range(0, len(train), BS):
        chunk = train[i:i + BS]
        y = torch.tensor([k for _, k in chunk])
        logp = model(params, *pack([s for s, _ in chunk]))
        loss = F.nll_loss(logp, y)
        grads = torch.autograd.grad(loss, list(params.values()))
        with torch.no_grad():
            for (k, p), g in zip(params.items(), grads):
                velocity[k].mul_(MU).add_(g)
                p -= LR * velocity[k]
        tot += loss.item() * len(chunk)
        hit += (logp.argmax(1) == y).sum().item()
    print(f"epoch {epoch}  nll {tot / len(train):.4f}  acc {hit / len(train):.3f}")

got = [answer(params, s) for s, _ in held]
print("held-out accuracy", sum(a == k for a, (_, k) in zip(got, held)) / len(held))
for s, k in held[:4]:
    print(f"  {s!r} -> {NAMES[answer(params, s)]} (want {NAMES[k]})")
