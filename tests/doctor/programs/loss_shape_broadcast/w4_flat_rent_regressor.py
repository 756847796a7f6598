import numpy as np
import torch
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

# Rent from the words of a classified ad. Ads are made up after the ones in our local paper.
gen = np.random.default_rng(2024)
torch.manual_seed(2024)
DISTRICT = {"oldtown": 5.0, "harbour": 4.0, "university": 2.5, "station": 1.0, "hillside": 3.0, "docks": -1.0, "industrial": -3.0, "suburb": -0.5, "riverside": 3.5}
EXTRAS = {"balcony": 0.9, "garden": 1.6, "parking": 0.8, "renovated": 1.4, "furnished": 0.7, "lift": 0.5, "dark": -1.1, "basement": -1.9,
          "noisy": -0.9, "shared": -2.2, "new": 1.0, "kitchen": 0.2, "fireplace": 0.6, "terrace": 1.5, "small": -1.3, "spacious": 1.5}
FILL = "nice flat to let from june call after six no agents deposit two months quiet people wanted please write".split()


def make_ad():
    d = gen.choice(list(DISTRICT)); extras = list(gen.choice(list(EXTRAS), gen.integers(1, 5), replace=False)); rooms = int(gen.integers(1, 6))
    rent = 6 + DISTRICT[d] + sum(EXTRAS[e] for e in extras) + 2.1 * rooms + gen.normal(0, .5)
    w = [f"{rooms}rooms", d] + extras + list(gen.choice(FILL, gen.integers(3, 9)))
    gen.shuffle(w)
    return " ".join(w), rent * 100


ads, rents = zip(*[make_ad() for _ in range(3600)])
vocab = {w: i for i, w in enumerate(sorted({w for a in ads for w in a.split()}))}
tr_x, te_x, tr_y, te_y = train_test_split(ads, np.array(rents, dtype=np.float32), test_size=.2, random_state=0)
mu, sd = tr_y.mean(), tr_y.std()


def encode(texts):
    flat, offsets = [], []
    for t in texts:
        offsets.append(len(flat)); flat += [vocab[w] for w in t.split()]
    return torch.tensor(flat), torch.tensor(offsets)


class RentModel(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.EmbeddingBag(len(vocab), 16, mode="sum")
        self.l1 = torch.nn.Linear(16, 32)
        self.l2 = torch.nn.Linear(32, 1)

    def forward(self, flat, offsets):
        h = torch.nn.functional.gelu(self.l1(self.words(flat, offsets) * 0.3))
        return self.l2(h)


model = RentModel()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
loss_fn = torch.nn.MSELoss()
order = np.arange(len(tr_x))
for epoch in range(5):
    gen.shuffle(order)
    running = []
    for k in range(0, len(order), 40):
        idx = order[k:k + 40]
        target = torch.from_numpy((tr_y[idx] - mu) / sd)
        pred = model(*encode([tr_x[i] for i in idx]))
        # fault:
        loss = loss_fn(pred, target)
        # mended:
        # loss = loss_fn(pred.squeeze(1), target)
        # end
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        running.append(loss.item())
    print("epoch %d mse %.4f" % (epoch, np.mean(running)))

model.eval()
with torch.no_grad():
    p_te = model(*encode(te_x)).numpy().ravel() * sd + mu
    p_tr = model(*encode(tr_x)).numpy().ravel() * sd + mu
print("R2 train %.3f   R2 test %.3f" % (r2_score(tr_y, p_tr), r2_score(te_y, p_te)))
print("mean abs error on test: %.0f of mean rent %.0f" % (np.abs(p_te - te_y).mean(), te_y.mean()))
