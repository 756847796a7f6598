# Contextual bandit: route a customer mail to one of six desks, only a noisy thumbs up/down for the chosen desk is seen (REINFORCE).
import random, math
import torch
from torch.distributions import Categorical

random.seed(31); torch.manual_seed(31)
DESKS = {
    "billing": "invoice refund charge charged fee bank iban discount price overpaid receipt tax",
    "delivery": "parcel courier tracking shipped late package doorstep customs address depot van lost",
    "repair": "broken cracked screen battery spare screw noise warranty defect leaking motor cable",
    "accounts": "password login username email profile locked verification register delete settings captcha code",
    "sales": "offer bulk quote catalogue demo stock model colour upgrade compare available size",
    "press": "interview journalist article photo quote editor radio magazine statement spokesperson podcast deadline",
}
NAMES = list(DESKS)
CUE = {k: v.split() for k, v in DESKS.items()}
COMMON = "i you we the a my your it is was has not since about when how please could again for with and but this that week day still now".split()

def mail():
    k = random.randrange(6)
    words = random.choices(COMMON, k=random.randint(6, 18)) + random.choices(CUE[NAMES[k]], k=random.randint(2, 4))
    if random.random() < .35: words.append(random.choice(CUE[random.choice(NAMES)]))
    random.shuffle(words)
    return words, k

log, keys = [], set()
while len(log) < 5000:
    w, k = mail()
    if " ".join(w) not in keys: keys.add(" ".join(w)); log.append((w, k))
stream, holdout = log[:4200], log[4200:]
word_id = {w: i for i, w in enumerate(sorted(set(COMMON).union(*CUE.values())))}

def features(rows):
    x = torch.zeros(len(rows), len(word_id))
    for i, (w, _) in enumerate(rows):
        for t in w: x[i, word_id[t]] += 1
    return x / x.norm(dim=1, keepdim=True), torch.tensor([k for _, k in rows])

Xs, Ys = features(stream); Xh, Yh = features(holdout)
theta = torch.zeros(len(word_id), 6, requires_grad=True)         # softmax policy, linear in the words
value = torch.zeros(len(word_id), requires_grad=True)            # state-dependent baseline
pi_opt = torch.optim.Adam([theta], lr=.08)
v_opt = torch.optim.SGD([value], lr=.3)
ENT0, ROUNDS, BS = .05, 6, 50
for rnd in range(ROUNDS):
    reward_sum = 0.
    perm = torch.randperm(len(Xs))
    for g in pi_opt.param_groups: g["lr"] = .08 * (1 - rnd / ROUNDS)
    for i in range(0, len(perm), BS):
        idx = perm[i:i + BS]; x = Xs[idx]
        policy = Categorical(logits=x @ theta)
        a = policy.sample()
        flip = torch.rand(len(a)) < .05                          # users sometimes press the wrong button
        r = ((a == Ys[idx]) ^ flip).float()
        v = x @ value
        pg = -((r - v.detach()) * policy.log_prob(a)).mean() - ENT0 * (1 - rnd / ROUNDS) * policy.entropy().mean()
        pi_opt.zero_grad(); pg.backward(); pi_opt.step()
        v_loss = (v - r).pow(2).mean()
        v_opt.zero_grad(); v_loss.backward(); v_opt.step()
        reward_sum += r.sum().item()
    with torch.no_grad():
        greedy = ((Xh @ theta).argmax(1) == Yh).float().mean().item()
        ent = Categorical(logits=Xh @ theta).entropy().mean().item()
    print(f"round {rnd}: surrogate {pg.item():+.4f}  mean reward {reward_sum/len(Xs):.3f}  holdout greedy accuracy {greedy:.3f}  entropy {ent:.3f} (max {math.log(6):.2f})")
