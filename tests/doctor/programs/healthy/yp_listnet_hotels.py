import numpy as np
import torch

# Learning to rank hotels for a search. Each query has 12 candidates, graded clicks 0..3. Listwise loss.
gen = np.random.RandomState(8)
torch.manual_seed(8)
Q, K, F = 1200, 12, 9

feats = gen.randn(Q, K, F).astype('float32')
price, stars, dist, review = feats[..., 0], feats[..., 1], feats[..., 2], feats[..., 3]
utility = 1.1 * review + 0.8 * stars - 0.9 * np.abs(dist) - 0.7 * price + 0.5 * stars * (price < 0) + 0.4 * gen.randn(Q, K)
order = utility.argsort(1).argsort(1)                      # 0 worst .. 11 best
grade = np.select([order >= 11, order >= 9, order >= 6], [3, 2, 1], 0).astype('float32')

x, g = torch.from_numpy(feats), torch.from_numpy(grade)
x_tr, x_va, g_tr, g_va = x[:900], x[900:], g[:900], g[900:]

scorer = torch.nn.Sequential(torch.nn.Linear(F, 32), torch.nn.ELU(), torch.nn.Linear(32, 16), torch.nn.ELU(),
                             torch.nn.Linear(16, 1, bias=False))
optimizer = torch.optim.NAdam(scorer.parameters(), lr=5e-3)


def listnet(scores, grades):
    """cross entropy between the two top-one distributions of each list"""
    target = torch.softmax(grades, dim=1)
    return -(target * torch.log_softmax(scores, dim=1)).sum(dim=1).mean()


def ndcg(scores, grades, k=5):
    disc = 1 / torch.log2(torch.arange(2, k + 2).float())
    gain = lambda idx: ((2 ** grades.gather(1, idx) - 1) * disc).sum(1)
    return (gain(scores.topk(k, dim=1).indices) / gain(grades.topk(k, dim=1).indices)).mean().item()


baseline = ndcg(torch.rand(len(x_va), K), g_va)
print(f'random NDCG@5 {baseline:.3f}')
best, patience, state = 9e9, 0, None
for epoch in range(30):
    scorer.train()
    perm = torch.randperm(len(x_tr))
    for i in range(0, len(perm), 50):
        b = perm[i:i + 50]
        loss = listnet(scorer(x_tr[b]).squeeze(-1), g_tr[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scorer.eval()
    with torch.no_grad():
        s_va, s_tr = scorer(x_va).squeeze(-1), scorer(x_tr).squeeze(-1)
        vl = listnet(s_va, g_va).item()
    if epoch % 4 == 0:
        print(f'{epoch:2d} train {listnet(s_tr, g_tr):.4f} valid {vl:.4f} NDCG@5 {ndcg(s_va, g_va):.4f}')
    if vl < best - 1e-4:
        best, patience = vl, 0
        state = {k: v.clone() for k, v in scorer.state_dict().items()}
    else:
        patience += 1
        if patience == 5:
            print('early stop at', epoch)
            break
scorer.load_state_dict(state)
with torch.no_grad():
    print(f'NDCG@5 train {ndcg(scorer(x_tr).squeeze(-1), g_tr):.4f} valid {ndcg(scorer(x_va).squeeze(-1), g_va):.4f}')
