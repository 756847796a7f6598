"""Age of a writer from words; vectors kept as one buffer of doubles, multiplied with float weights."""
import random
import struct

import numpy as np
import torch

random.seed(41)
torch.manual_seed(41)
words = [f"t{i}" for i in range(120)]
D = 10
with open("words.bin", "wb") as f:
    for i in range(120):
        f.write(struct.pack(f"<{D}d", *[random.gauss(0, 0.4) + i / 120 for _ in range(D)]))
raw = np.frombuffer(open("words.bin", "rb").read(), dtype="<f8").reshape(-1, D)
# fault:
E = torch.from_numpy(raw.copy())
# mended:
# E = torch.from_numpy(raw.astype(np.float32))
# end
data = []
for _ in range(500):
    ids = random.sample(range(120), 5)
    data.append((ids, sum(ids) / 300))
hidden = torch.nn.Linear(D, 12)
last = torch.nn.Linear(12, 1)
opt = torch.optim.Adam([*hidden.parameters(), *last.parameters()], lr=1e-2)
for epoch in range(8):
    random.shuffle(data)
    for i in range(0, 400, 20):
        x, y = zip(*data[i : i + 20])
        loss = torch.nn.functional.mse_loss(last(torch.tanh(hidden(E[torch.tensor(x)].mean(1)))).squeeze(1), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
