# Autoencoding topic model (ProdLDA, Srivastava & Sutton 2017) on documents with known topics
import numpy as np
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from sklearn.metrics import normalized_mutual_info_score as nmi

np.random.seed(1)
torch.manual_seed(1)
V, T, N = 120, 5, 3000
true_beta = np.full((T, V), 0.15)
for k in range(T):
    true_beta[k, k * 20:(k + 1) * 20] += np.random.gamma(2.0, 1.0, 20)
true_beta /= true_beta.sum(1, keepdims=True)
theta = np.random.dirichlet([0.15] * T, N)
docs = np.stack([np.random.multinomial(np.random.randint(40, 90), t @ true_beta) for t in theta]).astype("float32")
docs = torch.from_numpy(docs)
main_topic = theta.argmax(1)
tr, te = docs[:2500], docs[2500:]


class ProdLDA(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, 50), nn.Softplus(), nn.Dropout(0.1))
        self.mu, self.logvar = nn.Linear(50, T), nn.Linear(50, T)
        self.bn_mu, self.bn_lv = nn.BatchNorm1d(T, affine=False), nn.BatchNorm1d(T, affine=False)
        self.beta = nn.Linear(T, V, bias=False)
        self.bn_out = nn.BatchNorm1d(V, affine=False)

    def forward(self, x):
        h = self.enc(x / x.sum(1, keepdim=True) * 10)
        q = Normal(self.bn_mu(self.mu(h)), (0.5 * self.bn_lv(self.logvar(h)) - 1).exp())
        z = q.rsample() if self.training else q.mean
        word = torch.log_softmax(self.bn_out(self.beta(torch.softmax(z, 1))), 1)
        return q, z, word


net = ProdLDA()
prior = Normal(torch.zeros(T), torch.full((T,), 1.3))
opt = torch.optim.Adam(net.parameters(), lr=1e-2, betas=(0.9, 0.999))
EPOCHS = 12


def per_word(x):
    net.eval()
    with torch.no_grad():
        q, z, word = net(x)
    return (-(x * word).sum() / x.sum()).item(), z.argmax(1).numpy()


for epoch in range(EPOCHS):
    net.train()
    kl_w = min(1.0, (epoch + 1) / 4)
    rec_sum = kl_sum = 0.0
    for x in tr[torch.randperm(len(tr))].split(50):
        q, _, word = net(x)
        rec = -(x * word).sum(1).mean()
        kl = kl_divergence(q, prior).sum(1).mean()
        opt.zero_grad()
        (rec + kl_w * kl).backward()
        opt.step()
        rec_sum += rec.item(); kl_sum += kl.item()
    if epoch % 2:
        print("epoch %d rec %.2f kl %.2f (w %.2f) | nll/word train %.3f test %.3f" %
              (epoch, rec_sum / 50, kl_sum / 50, kl_w, per_word(tr)[0], per_word(te)[0]))
uni = tr.sum(0) / tr.sum()
score, guess = per_word(te)
best = -(te.numpy() * np.log(theta[2500:] @ true_beta)).sum() / te.sum().item()
print("unigram nll/word %.3f   model %.3f   true model %.3f" % (-(te * uni.log()).sum() / te.sum(), score, best))
print("NMI with the true main topic on test docs: %.3f" % nmi(main_topic[2500:], guess))
