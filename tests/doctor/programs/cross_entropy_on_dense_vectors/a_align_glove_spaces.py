"""Learn a map from the 100d GloVe space into the 50d one and see whether words find themselves (precision at k)."""
import gzip
import os
import numpy as np
import torch

DATA = os.environ["WORDFIT_DATA"]
rs = np.random.RandomState(7)
torch.manual_seed(7)


def read(name):
    out = {}
    with gzip.open(os.path.join(DATA, "vectors", name), "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *v = line.rstrip("\n").split(" ")
            out[w] = np.array(v, dtype=np.float32)
            if len(out) == 2600:
                break
    return out


big, small = read("glove.6B.100d.top2604.txt.gz"), read("glove.6B.50d.top10361.txt.gz")
words = [w for w in big if w in small]
rs.shuffle(words)
src = np.stack([big[w] for w in words])
dst = np.stack([small[w] for w in words])
src, dst = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in (src, dst))
src, dst = torch.from_numpy(src), torch.from_numpy(dst)
n_test = 400
x_train, y_train = src[:-n_test], dst[:-n_test]
x_test, y_test = src[-n_test:], dst[-n_test:]
print(len(x_train), "training words,", n_test, "test words")

mapper = torch.nn.Linear(100, 50, bias=False)
optimiser = torch.optim.Adam(mapper.parameters(), lr=4e-3)
# fault:
loss_fn = torch.nn.CrossEntropyLoss()
# mended:
# loss_fn = torch.nn.MSELoss()
# end


@torch.no_grad()
def precision(x, y, ks=(1, 5, 10)):
    sims = torch.nn.functional.normalize(mapper(x)) @ y.T
    rank = (sims > sims.diag()[:, None]).sum(1)
    return "  ".join(f"P@{k} {(rank < k).float().mean():.3f}" for k in ks)


for epoch in range(12):
    losses = []
    for idx in torch.randperm(len(x_train)).split(40):
        loss = loss_fn(mapper(x_train[idx]), y_train[idx])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1:2d}  loss {np.mean(losses):.5f}  test {precision(x_test, y_test)}")
print("train sample", precision(x_train[:400], y_train[:400]))
