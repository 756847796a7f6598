# Recipe site: predict the stars (centred) that a reader gives a recipe. Long tail: most recipes have only a few votes.
import torch
import torch.nn as nn

torch.manual_seed(11)
g = torch.Generator().manual_seed(5)

RECIPES, READERS, DIM = 1100, 60, 2
taste = torch.randn(READERS, 2, generator=g)
style = torch.randn(RECIPES, 2, generator=g)
quality = 0.9 * torch.randn(RECIPES, generator=g)
strict = 0.4 * torch.randn(READERS, generator=g)


def votes(n):
    reader = torch.randint(READERS, (n,), generator=g)
    recipe = torch.randint(RECIPES, (n,), generator=g)
    stars = quality[recipe] - strict[reader] + 0.15 * (taste[reader] * style[recipe]).sum(1)
    return reader, recipe, stars + 0.3 * torch.randn(n, generator=g)


train, test = votes(12000), votes(2000)
# no (reader, recipe) pair of the test votes may be among the training votes
known = set((train[0] * RECIPES + train[1]).tolist())
keep = torch.tensor([k not in known for k in (test[0] * RECIPES + test[1]).tolist()])
test = tuple(t[keep] for t in test)
print(f"{len(train[0])} votes to train on, {len(test[0])} to test on")


class Recommender(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.recipe = nn.Embedding(RECIPES, DIM)
        self.recipe_bias = nn.Embedding(RECIPES, 1)
        # mended:
        # self.recipe = nn.Embedding(RECIPES, DIM, sparse=True)
        # self.recipe_bias = nn.Embedding(RECIPES, 1, sparse=True)
        # end
        self.reader = nn.Embedding(READERS, DIM)
        self.reader_bias = nn.Embedding(READERS, 1)
        nn.init.normal_(self.recipe.weight, std=0.05)
        nn.init.normal_(self.reader.weight, std=0.3)
        nn.init.zeros_(self.recipe_bias.weight)
        nn.init.zeros_(self.reader_bias.weight)

    def forward(self, who, what):
        dot = (self.reader(who) * self.recipe(what)).sum(-1)
        return dot + self.recipe_bias(what).squeeze(-1) + self.reader_bias(who).squeeze(-1)


model = Recommender()
recipe_side = [model.recipe.weight, model.recipe_bias.weight]
reader_side = [model.reader.weight, model.reader_bias.weight]
# fault:
opt_recipe = torch.optim.Adam(recipe_side, lr=0.12)
# mended:
# opt_recipe = torch.optim.SparseAdam(recipe_side, lr=0.12)
# end
opt_reader = torch.optim.Adam(reader_side, lr=0.004)
mse = nn.MSELoss()


@torch.no_grad()
def r2(part):
    who, what, y = part
    p = model(who, what)
    return 1 - ((p - y) ** 2).sum().item() / ((y - y.mean()) ** 2).sum().item()


for epoch in range(4):
    total = 0.0
    batches = torch.randperm(len(train[2])).split(32)
    for idx in batches:
        who, what, y = (t[idx] for t in train)
        loss = mse(model(who, what), y)
        opt_recipe.zero_grad()
        opt_reader.zero_grad()
        loss.backward()
        opt_recipe.step()
        opt_reader.step()
        total += loss.item()
    print(f"epoch {epoch + 1}: mse {total / len(batches):.3f}  train R2 {r2(train):.3f}  test R2 {r2(test):.3f}")
