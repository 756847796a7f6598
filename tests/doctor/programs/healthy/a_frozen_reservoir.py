"""Echo state network: the recurrent part is random and never trained; only the readout learns."""
import torch

g = torch.Generator().manual_seed(3)
N, T, R = 3000, 12, 150
# symbols: 0 '(' 1 ')' 2 'x'; label: which of three kinds of symbol came most in the last five
x = torch.randint(0, 3, (N, T), generator=g)
counts = torch.stack([(x[:, -5:] == k).sum(1) for k in range(3)], 1)
keep = (counts == counts.amax(1, keepdim=True)).sum(1) == 1            # no ties
x, y = x[keep], counts[keep].argmax(1)
cut = int(0.8 * len(x))

W = torch.randn(R, R, generator=g)
W *= 0.8 / torch.linalg.eigvals(W).abs().max()
W_in = torch.randn(3, R, generator=g) * 0.3


@torch.no_grad()
def states(seq):
    h = torch.zeros(len(seq), R)
    for t in range(T):
        h = torch.tanh(h @ W + W_in[seq[:, t]])
    return h


H = states(x)
H = (H - H[:cut].mean(0)) / H[:cut].std(0)
readout = torch.nn.Linear(R, 3)
torch.nn.init.zeros_(readout.weight)                                    # convex, zero is fine
opt = torch.optim.Adam(readout.parameters(), lr=3e-3, weight_decay=1e-3)
for epoch in range(8):
    total = 0.0
    for idx in torch.randperm(cut, generator=g).split(25):
        loss = torch.nn.functional.cross_entropy(readout(H[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx) / cut
    with torch.no_grad():
        ok = readout(H).argmax(1) == y
    print(f"epoch {epoch} loss {total:.4f} train {ok[:cut].float().mean():.3f} test {ok[cut:].float().mean():.3f}")
