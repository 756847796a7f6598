# Contextual bandit: pick the canned answer for a question, learn from thumbs up / down only.
# REINFORCE with a running baseline and a small entropy bonus.
import random
import torch
import torch.nn as nn

random.seed(2)
torch.manual_seed(2)

INTENTS = {
    "refund": "money back refund return charged twice wrong amount credit".split(),
    "where": "where parcel tracking late arrived delivery courier lost".split(),
    "size": "size fit large small measure chart length waist".split(),
    "voucher": "code voucher discount coupon expired sale percent newsletter".split(),
    "login": "login password reset account locked email link mail".split(),
}
FILL = "hi i the my please can you is it not what about for a do have".split()
ANSWERS = list(INTENTS)
P_UP = {"right": 0.9, "wrong": 0.15}


def question():
    k = random.randrange(len(ANSWERS))
    w = random.choices(INTENTS[ANSWERS[k]], k=random.randint(1, 3)) + random.choices(FILL, k=random.randint(3, 7))
    random.shuffle(w)
    return w, k


def thumbs(k, a):
    return 1.0 if random.random() < P_UP["right" if k == a else "wrong"] else 0.0


vocab = {w: i for i, w in enumerate(sorted({w for ws in INTENTS.values() for w in ws} | set(FILL)))}


def bow(questions):
    x = torch.zeros(len(questions), len(vocab))
    for i, (w, _) in enumerate(questions):
        for t in w:
            x[i, vocab[t]] += 1
    return x


policy = nn.Sequential(nn.Linear(len(vocab), 40), nn.Tanh(), nn.Linear(40, len(ANSWERS)))
opt = torch.optim.RMSprop(policy.parameters(), lr=2e-3)
fresh = [question() for _ in range(600)]
fresh_x, fresh_k = bow(fresh), torch.tensor([k for _, k in fresh])
baseline = 0.3

for rnd in range(1, 901):
    qs = [question() for _ in range(40)]
    logits = policy(bow(qs))
    dist = torch.distributions.Categorical(logits=logits)
    arms = dist.sample()
    reward = torch.tensor([thumbs(k, a) for (_, k), a in zip(qs, arms.tolist())])
    advantage = reward - baseline
    loss = -(advantage * dist.log_prob(arms)).mean() - 0.01 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.98 * baseline + 0.02 * reward.mean().item()
    if rnd % 150 == 0:
        with torch.no_grad():
            best = (policy(fresh_x).argmax(1) == fresh_k).float().mean().item()
        print(f"round {rnd:4d}  objective {loss.item():+.4f}  thumbs up {baseline:.3f}  right answer on new questions {best:.3f}")
