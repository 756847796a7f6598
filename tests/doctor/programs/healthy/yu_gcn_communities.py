"""Semi-supervised node classification: a two-layer GCN over one graph, full batch."""
import argparse
import math
import torch
import torch.nn.functional as F
from torch.nn.parameter import Parameter
from torch.nn.modules.module import Module


class GraphConvolution(Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = Parameter(torch.empty(n_in, n_out))
        self.bias = Parameter(torch.zeros(n_out))
        torch.nn.init.xavier_uniform_(self.weight)

    def forward(self, h, adj):
        return torch.spmm(adj, h @ self.weight) + self.bias


class GCN(Module):
    def __init__(self, nfeat, nhid, nclass, dropout):
        super().__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.gc2 = GraphConvolution(nhid, nclass)
        self.p = dropout

    def forward(self, x, adj):
        x = F.relu(self.gc1(x, adj))
        x = F.dropout(x, self.p, training=self.training)
        return F.log_softmax(self.gc2(x, adj), dim=1)


def stochastic_block_model(n, k, p_in, p_out, nfeat):
    y = torch.randint(k, (n,))
    same = y[:, None] == y[None, :]
    upper = torch.triu((torch.rand(n, n) < torch.where(same, torch.tensor(p_in), torch.tensor(p_out))).float(), 1)
    a = upper + upper.t() + torch.eye(n)
    dinv = a.sum(1).rsqrt()
    a = dinv[:, None] * a * dinv[None, :]
    centre = torch.randn(k, nfeat)
    x = 0.35 * centre[y] + torch.randn(n, nfeat)
    return x, y, a.to_sparse()


parser = argparse.ArgumentParser()
parser.add_argument('--nodes', type=int, default=1200)
parser.add_argument('--hidden', type=int, default=16)
parser.add_argument('--epochs', type=int, default=60)
parser.add_argument('--lr', type=float, default=0.02)
parser.add_argument('--weight_decay', type=float, default=2e-3)
args = parser.parse_args()

torch.manual_seed(42)
features, labels, adj = stochastic_block_model(args.nodes, 5, 0.035, 0.003, 24)
order = torch.randperm(args.nodes)
idx_train, idx_val, idx_test = order[:500], order[500:700], order[700:]

model = GCN(24, args.hidden, 5, dropout=0.5)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)


def accuracy(out, idx):
    return (out[idx].argmax(1) == labels[idx]).float().mean().item()


for epoch in range(args.epochs):
    model.train()
    optimizer.zero_grad()
    output = model(features, adj)
    loss = F.nll_loss(output[idx_train], labels[idx_train])
    loss.backward()
    optimizer.step()
    if epoch % 20 == 19:
        model.eval()
        with torch.no_grad():
            output = model(features, adj)
        print('Epoch: {:04d} loss {:.4f} acc_train {:.4f} acc_val {:.4f}'.format(
            epoch + 1, loss.item(), accuracy(output, idx_train), accuracy(output, idx_val)))

model.eval()
with torch.no_grad():
    output = model(features, adj)
print('Test set: loss {:.4f} accuracy {:.4f}'.format(F.nll_loss(output[idx_test], labels[idx_test]).item(), accuracy(output, idx_test)))
