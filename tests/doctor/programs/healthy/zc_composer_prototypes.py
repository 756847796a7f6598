"""Few-shot composer identification with prototypical networks (Snell et al.): 5 composers, 4 tunes each as support,
queries go to the nearest mean.  Composers of the test episodes were never met in training."""
import numpy as np
import torch

torch.manual_seed(50)
rng = np.random.default_rng(50)
INTERVALS, LENGTH, COMPOSERS, TUNES = 15, 30, 260, 16
WAY, SHOT, QUERY = 5, 4, 6


def composer():
    habit = rng.dirichlet(np.ones(INTERVALS) * .7)
    habit = .85 * habit + .15 / INTERVALS
    return rng.choice(INTERVALS, size=(TUNES, LENGTH), p=habit)


works = torch.tensor(np.stack([composer() for _ in range(COMPOSERS)]))
known, unseen = works[:200], works[200:]
encoder = torch.nn.Sequential(
    torch.nn.EmbeddingBag(INTERVALS, 32, mode="mean"),
    torch.nn.Linear(32, 32), torch.nn.GELU(), torch.nn.Linear(32, 16))
opt = torch.optim.Adam(encoder.parameters(), lr=4e-3)


def episode(pool):
    who = torch.randperm(len(pool))[:WAY]
    pick = torch.stack([pool[w][torch.randperm(TUNES)[:SHOT + QUERY]] for w in who])
    z = encoder(pick.flatten(0, 1)).view(WAY, SHOT + QUERY, -1)
    proto = z[:, :SHOT].mean(1)                              # over the support tunes of one composer
    q = z[:, SHOT:].flatten(0, 1)
    logits = -torch.cdist(q, proto).pow(2)
    gold = torch.arange(WAY).repeat_interleave(QUERY)
    return torch.nn.functional.cross_entropy(logits, gold), (logits.argmax(1) == gold).float().mean().item()


for block in range(5):
    losses, accs = [], []
    for _ in range(50):
        loss, acc = episode(known)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item()); accs.append(acc)
    with torch.no_grad():
        new = [episode(unseen)[1] for _ in range(40)]
    print(f"{50 * (block + 1):4d} episodes  loss {np.mean(losses):.3f}  known {np.mean(accs):.3f}  unseen {np.mean(new):.3f}"
          f" (chance {1 / WAY:.2f})")
