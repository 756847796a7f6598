'''Stance in letters to the editor, log-linear model with hand-made updates
   (translated line by line from my old Matlab code; torch is only used for the gradient)'''
import numpy as np
import torch

np.random.seed(12)
pro = 'support welcome necessary courage overdue finally progress fair hope sensible'.split()
con = 'reject wasteful nonsense dangerous naive expensive scandal burden hasty unfair'.split()
oth = 'council bridge plan tax street mayor school vote budget letter people city year newspaper debate'.split()
vocab = {w: i for i, w in enumerate(pro + con + oth)}

def letter():
    y = np.random.randint(2)
    own, foe = (pro, con) if y else (con, pro)
    k = np.random.randint(2, 5)
    w = [np.random.choice(own if np.random.rand() < .88 else foe) for _ in range(k)]
    w += [np.random.choice(oth) for _ in range(np.random.randint(4, 10))]
    if np.random.rand() < .1: w += ['not'] 
    return w, y

def design(letters):
    X = np.zeros((len(letters), len(vocab)), dtype='f4')
    for i, (w, _) in enumerate(letters):
        for t in w:
            if t in vocab: X[i, vocab[t]] += 1
    return torch.tensor(X), torch.tensor([float(y) for _, y in letters])

letters = [letter() for _ in range(1500)]
Xtr, ytr = design(letters[:1100])
Xte, yte = design(letters[1100:])

w = torch.zeros(len(vocab), requires_grad=True)      # zeros are fine, the problem is convex
b = torch.zeros(1, requires_grad=True)
eta, ridge = 0.5, 1e-3
vel_w, vel_b = torch.zeros_like(w), torch.zeros_like(b)

for sweep in range(1, 7):
    order = np.random.permutation(len(Xtr))
    for lo in range(0, len(order), 50):
        pick = torch.from_numpy(order[lo:lo + 50])
        s = Xtr[pick] @ w + b
        obj = torch.nn.functional.softplus(-(2 * ytr[pick] - 1) * s).mean() + ridge * (w * w).sum()
        gw, gb = torch.autograd.grad(obj, [w, b])
        with torch.no_grad():
            vel_w.mul_(.8).sub_(eta * gw); w.add_(vel_w)
            vel_b.mul_(.8).sub_(eta * gb); b.add_(vel_b)
    eta *= .7
    with torch.no_grad():
        tr = (((Xtr @ w + b) > 0).float() == ytr).float().mean()
        te = (((Xte @ w + b) > 0).float() == yte).float().mean()
    print('sweep %d  objective %.4f  train %.3f  test %.3f' % (sweep, obj.item(), tr, te))

names = sorted(vocab, key=lambda t: w[vocab[t]].item())
print('most con:', names[:4], ' most pro:', names[-4:])
