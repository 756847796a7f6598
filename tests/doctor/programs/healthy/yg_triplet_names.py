"""Record linkage: match misspelt names with a character embedding trained by triplets, semi-hard negatives in the batch."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(90); torch.manual_seed(90)
on, vo, co = "b c d f g h k l m n p r s t v w st br".split(), "a e i o u ai ou".split(), ["", "", "n", "r", "l", "s"]
word = lambda: "".join(random.choice(on) + random.choice(vo) + random.choice(co) for _ in range(random.randint(2, 3)))
people = set()
while len(people) < 1600:
    people.add(word() + " " + word())
people = sorted(people)
random.shuffle(people)
train_names, test_names = people[:1200], people[1200:]


def typo(name):
    s = list(name)
    for _ in range(random.randint(4, 6)):
        p, op = random.randrange(len(s)), random.random()
        if op < .35 and len(s) > 4: del s[p]
        elif op < .7: s[p] = random.choice("aeiounrtsl")
        else: s.insert(p, random.choice("aeiounrtsl"))
    s = "".join(s)
    if random.random() < .3 and " " in s: s = " ".join(reversed(s.split(" ")))
    return s


def bag(names, buckets=4096):
    idx, off = [], []
    for n in names:
        off.append(len(idx))
        for w in n.split():
            w = f"<{w}>"
            for k in (1, 2, 3):
                for i in range(len(w) - k + 1):
                    h = 0
                    for ch in w[i:i + k]: h = (h * 37 + ord(ch)) % 999983
                    idx.append(h % buckets)
    return torch.tensor(idx), torch.tensor(off)


emb = nn.EmbeddingBag(4096, 48, mode="sum")
nn.init.normal_(emb.weight, std=0.1)
opt = torch.optim.Adam(emb.parameters(), lr=4e-3)
encode = lambda names: F.normalize(emb(*bag(names)), dim=1)


def recall(names, queries):
    with torch.no_grad():
        return ((encode(queries) @ encode(names).T).argmax(1) == torch.arange(len(names))).float().mean().item()


q_test = [typo(n) for n in test_names]
print(f"before training: recall@1 {recall(test_names, q_test):.3f}")
for epoch in range(6):
    random.shuffle(train_names)
    tot = 0
    for i in range(0, 1200, 60):
        names = train_names[i:i + 60]
        a, p = encode([typo(n) for n in names]), encode(names)
        d = 2 - 2 * a @ p.T
        pos = d.diag()
        neg = d + 10 * torch.eye(len(names))
        semi = torch.where(neg > pos[:, None], neg, torch.full_like(neg, 10.)).min(1).values
        hardest = neg.min(1).values
        loss = F.relu(pos - torch.where(semi < 5, semi, hardest) + 0.4).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    if epoch == 3:
        for g in opt.param_groups: g["lr"] *= 0.3
    seen = sorted(train_names)[:400]
    print(f"epoch {epoch} triplet {tot / 20:.4f} recall@1 new people {recall(test_names, q_test):.3f}")
print(f"train people recall@1 {recall(seen, [typo(n) for n in seen]):.3f}")
