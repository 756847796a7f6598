# Classified ads come month by month; every month talks about its own goods.
# The price of an ad is the sum of what its words are worth. (homework 3, Univ. do Porto)
import numpy as np
import torch
import torch.nn as nn

SEED = 1
torch.manual_seed(SEED)
rng = np.random.RandomState(SEED)

MONTHS, WORDS, ADS, LEN = 8, 200, 800, 5
worth = rng.randn(MONTHS * WORDS)


def ads(month, n):
    x = rng.randint(month * WORDS, (month + 1) * WORDS, (n, LEN))
    price = worth[x].sum(1) + 0.3 * rng.randn(n)
    return torch.tensor(x), torch.tensor(price, dtype=torch.float32)


train = [ads(m, ADS) for m in range(MONTHS)]
test = [ads(m, 200) for m in range(MONTHS)]

# fault:
words = nn.EmbeddingBag(MONTHS * WORDS, 8, mode="sum")
# mended:
# words = nn.EmbeddingBag(MONTHS * WORDS, 8, mode="sum", sparse=True)
# end
nn.init.normal_(words.weight, std=0.1)
head = nn.Linear(8, 1)
# fault:
opt_words = torch.optim.Adam(words.parameters(), lr=0.01, betas=(0.995, 0.999))
# mended:
# opt_words = torch.optim.SparseAdam(list(words.parameters()), lr=0.01)
# end
opt_head = torch.optim.SGD(head.parameters(), lr=1e-3)
mse = nn.MSELoss()


def predict(x):
    return head(words(x)).squeeze(1)


@torch.no_grad()
def error(m):
    return mse(predict(test[m][0]), test[m][1]).item()


for m in range(MONTHS):
    x, y = train[m]
    for epoch in range(4):
        run = 0.0
        for i in torch.randperm(ADS).split(16):
            loss = mse(predict(x[i]), y[i])
            opt_words.zero_grad(); opt_head.zero_grad()
            loss.backward()
            opt_words.step(); opt_head.step()
            run += loss.item() * len(i) / ADS
    print(f"month {m + 1}: train mse {run:.3f}  test mse, this month {error(m):.3f}")
e = np.array([error(m) for m in range(MONTHS)])
print("price variance", round(test[0][1].var().item(), 3))
print("after the last month, test mse by month:", e.round(3), "mean", e.mean().round(3))
