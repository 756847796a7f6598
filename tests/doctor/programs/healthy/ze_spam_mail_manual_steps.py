# Lecture demo: a linear spam filter over hashed word pairs, updated by hand (w -= lr * grad), no torch.optim anywhere.
# One mail at a time, as on the blackboard.
import random
import zlib
import torch

random.seed(30)
M = 2 ** 12
SPAM = "win free prize click offer cash bonus cheap viagra lottery winner guaranteed".split()
HAM = "meeting thesis deadline lecture seminar draft schedule attached room minutes agenda supervisor".split()
BOTH = "the your you dear please now today for and to a we account time information request".split()


def mail():
    spam = random.random() < 0.5
    w = random.choices(SPAM if spam else HAM, k=random.randint(2, 4)) + random.choices(BOTH, k=random.randint(4, 9))
    if random.random() < 0.35:
        w.append(random.choice(HAM if spam else SPAM))
    random.shuffle(w)
    return w, float(spam)


def features(words):
    grams = words + [a + " " + b for a, b in zip(words, words[1:])]
    return torch.tensor(sorted({zlib.crc32(g.encode()) % M for g in grams}))


rows = []
known = set()
while len(rows) < 1600:
    w, y = mail()
    if tuple(w) not in known:
        known.add(tuple(w))
        rows.append((features(w), y))
train, test = rows[:1200], rows[1200:]
w = torch.zeros(M, requires_grad=True)
b = torch.zeros((), requires_grad=True)


def correct(part):
    with torch.no_grad():
        return sum(((w[f].sum() + b).item() > 0) == (y > 0.5) for f, y in part) / len(part)


step = 0
for epoch in range(4):
    random.shuffle(train)
    total = 0.0
    for f, y in train:
        z = w[f].sum() + b
        loss = torch.nn.functional.softplus(-z if y else z)        # logistic loss of a single score
        loss.backward()
        rate = 0.1 / (1 + step / 2000)
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = None
        b.grad = None
        total += loss.item()
        step += 1
    print(f"pass {epoch + 1}: mean loss {total / len(train):.4f}  train {correct(train):.3f}  test {correct(test):.3f}  rate {rate:.4f}")
big = w.detach().abs().topk(5)
print("largest weights:", [round(w[i].item(), 2) for i in big.indices])
