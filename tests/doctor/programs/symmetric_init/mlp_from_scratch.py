# Neural network from scratch: language of a short phrase from letter counts
import random

import torch

random.seed(40)
torch.manual_seed(40)
langs = {
    "en": "the house is very old and they went through with what night water there which people should",
    "de": "das haus ist sehr alt und sie gingen durch mit was nacht wasser dort welche menschen sollten",
    "fr": "la maison est tres vieille et elles sont parties avec quoi nuit eau lequel gens devraient aujourd",
    "es": "la casa es muy vieja y ellos fueron por con que noche agua donde cual gente deberian hoy",
    "it": "la casa molto vecchia e loro sono andati attraverso con che notte acqua dove quale gente dovrebbero oggi",
    "nl": "het huis is heel oud en zij gingen door met wat nacht water daar welke mensen zouden vandaag",
}
letters = "abcdefghijklmnopqrstuvwxyz"


def phrase():
    k = random.randrange(6)
    words = random.choices(list(langs.values())[k].split(), k=random.randint(4, 7))
    return " ".join(words), k


rows = list(dict(phrase() for _ in range(2600)).items())
X = torch.tensor([[t.count(c) / len(t) * 10 for c in letters] for t, _ in rows])
y = torch.tensor([k for _, k in rows])
X_train, y_train, X_test, y_test = X[:2000], y[:2000], X[2000:], y[2000:]

D, H, C = 26, 40, 6
# fault:
W1 = torch.full((D, H), 0.1, requires_grad=True)
W2 = torch.full((H, C), 0.1, requires_grad=True)
# mended:
# W1 = (torch.randn(D, H) * (2 / D) ** 0.5).requires_grad_()
# W2 = (torch.randn(H, C) * (1 / H) ** 0.5).requires_grad_()
# end
b1 = torch.zeros(H, requires_grad=True)
b2 = torch.zeros(C, requires_grad=True)
params = [W1, b1, W2, b2]


def model(x):
    return torch.relu(x @ W1 + b1) @ W2 + b2


learning_rate = 0.1
for epoch in range(20):
    perm = torch.randperm(len(X_train))
    for i in range(0, len(perm), 25):
        xb, yb = X_train[perm[i : i + 25]], y_train[perm[i : i + 25]]
        loss = torch.nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= learning_rate * p.grad
                p.grad.zero_()
    with torch.no_grad():
        acc = (model(X_test).argmax(1) == y_test).float().mean()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}  test accuracy {acc:.4f}")
