"""Energy of a recipe (kcal per portion) from ingredient vectors.

The ingredient vectors are the factor scores of the food office's nutrient table
(12 factors per food), they stay as they are; only the read-out is fitted.
Functional style, no modules.
"""
import torch
import torch.nn.functional as F

gen = torch.Generator().manual_seed(6)


def normal(*shape):
    return torch.randn(*shape, generator=gen)


FOODS, FACTORS, LONGEST = 400, 12, 14
TRAIN, TEST = 3000, 700

# --- the office's table: fat, sugar, starch, ... factors; oils and nuts lie far out, water-rich foods near zero
richness = torch.exp(0.8 * normal(FOODS, 1))
factor_table = torch.cat([torch.zeros(1, FACTORS), richness * normal(FOODS, FACTORS) * 0.5])
energy_of_factor = normal(FACTORS).abs() * 40


def recipes(n):
    size = torch.randint(4, LONGEST + 1, (n,), generator=gen)
    place = torch.arange(LONGEST).expand(n, -1)
    used = place < size[:, None]
    foods = torch.randint(1, FOODS + 1, (n, LONGEST), generator=gen) * used
    grams = torch.exp(0.5 * normal(n, LONGEST)) * 60 * used
    amount = (grams / 100).unsqueeze(-1)
    kcal = 450 + (factor_table[foods] * amount).sum(1) @ energy_of_factor
    return foods, amount, kcal + 25 * normal(n)


train_foods, train_amount, train_kcal = recipes(TRAIN)
test_foods, test_amount, test_kcal = recipes(TEST)
mean, std = train_kcal.mean(), train_kcal.std()


def look_up(foods):
    # fault:
    return F.embedding(foods, factor_table, padding_idx=0, max_norm=1.0)
    # mended:
    # return F.embedding(foods, factor_table, padding_idx=0)
    # end


def predict(params, foods, amount, keep=1.0):
    w1, b1, w2, b2, skip = params
    pooled = (look_up(foods) * amount).sum(1)
    hidden = F.dropout(torch.tanh(pooled @ w1 + b1), 1 - keep, training=keep < 1)
    return (hidden @ w2).squeeze(-1) + pooled @ skip + b2


params = [normal(FACTORS, 32) / FACTORS ** 0.5, torch.zeros(32), normal(32, 1) / 32 ** 0.5, torch.zeros(()), torch.zeros(FACTORS)]
for p in params:
    p.requires_grad_(True)

optimizer = torch.optim.SGD(params, lr=0.02, momentum=0.9, nesterov=True)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda e: 0.9 ** e)

norms = factor_table.norm(dim=1)[1:]
print(f"{FOODS} foods, vector norms {norms.min():.2f} to {norms.max():.2f}; kcal {mean:.0f} +- {std:.0f}")
for epoch in range(30):
    total = 0.0
    for idx in torch.randperm(TRAIN, generator=gen).split(50):
        target = (train_kcal[idx] - mean) / std
        loss = F.smooth_l1_loss(predict(params, train_foods[idx], train_amount[idx], keep=0.95), target)
        grads = torch.autograd.grad(loss, params)
        for p, g in zip(params, grads):
            p.grad = g
        optimizer.step()
        total += loss.item() * len(idx)
    schedule.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            guess = predict(params, test_foods, test_amount) * std + mean
            rest = (guess - test_kcal).pow(2).mean() / test_kcal.var()
        print(f"epoch {epoch + 1:2d}  loss {total / TRAIN:.4f}  test R2 {1 - rest.item():.3f}  "
              f"mean error {(guess - test_kcal).abs().mean():.0f} kcal")
