# SPDX-License-Identifier: LGPL-2.1-or-later
"""FE-CLIP in PyTorch, small enough for CPUs, to train the built-in model.

Tensors are named as in the files that feclip reads: the image tower by
open_clip's names, the adapters as ffe.T.*, lfs.T.* and fc_patch.*.
Shapes: B images, S side, p patch, G = S / p grid side, D width, E embedding.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

HEAD = 64
WINDOW = 3


def dct_basis(n):
    """The orthonormal DCT-II basis [n,n], one frequency per row."""
    k = torch.arange(n, dtype=torch.float64)
    basis = torch.cos(math.pi / n * (k[None, :] + 0.5) * k[:, None])
    basis *= math.sqrt(2 / n)
    basis[0] /= math.sqrt(2)
    return basis.float()


class _Contiguous(torch.autograd.Function):
    """The identity with a contiguous gradient.

    Debian 12's PyTorch computes GELU's gradient wrongly for others.
    """

    @staticmethod
    def forward(_context, x):
        return x.view_as(x)

    @staticmethod
    def backward(_context, gradient):
        return gradient.contiguous()


def gelu(x):
    return _Contiguous.apply(F.gelu(x.contiguous()))


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.n_heads = width // HEAD
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.normal_(self.in_proj_weight, std=width**-0.5)

    def forward(self, x):
        b, t, d = x.shape
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        qkv = qkv.view(b, t, 3, self.n_heads, HEAD).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.reshape(3, b * self.n_heads, t, HEAD).unbind(0)
        logits = torch.bmm(q * HEAD**-0.5, k.transpose(1, 2))
        y = torch.bmm(torch.softmax(logits, -1), v)
        y = y.view(b, self.n_heads, t, HEAD).transpose(1, 2)
        return self.out_proj(y.reshape(b, t, d))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.c_proj(gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = Attention(width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class FrequencyExtraction(nn.Module):
    """FFE: a linear layer across channels at each frequency of a window."""

    def __init__(self, width):
        super().__init__()
        self.mlp = nn.ModuleList([nn.Linear(width, width)])
        basis = dct_basis(WINDOW)
        self.register_buffer("basis", torch.kron(basis, basis), False)

    def forward(self, x):
        b, g, _, d = x.shape
        n = -(-g // WINDOW)
        pad = n * WINDOW - g
        if pad:
            x = torch.cat([x, x[:, -1:].expand(b, pad, g, d)], 1)
            x = torch.cat([x, x[:, :, -1:].expand(b, g + pad, pad, d)], 2)
        x = x.reshape(b, n, WINDOW, n, WINDOW, d).transpose(2, 3)
        x = x.reshape(b * n * n, WINDOW * WINDOW, d)
        x = torch.matmul(self.basis, x)
        x = gelu(self.mlp[0](x))
        x = torch.matmul(self.basis.t(), x)
        x = x.view(b, n, n, WINDOW, WINDOW, d).transpose(2, 3)
        return x.reshape(b, g + pad, g + pad, d)[:, :g, :g]


class LocalStatistic(nn.Module):
    """LFS with the signed mean: one fixed filter, then a convolution."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1)])
        row = dct_basis(WINDOW).sum(0) / WINDOW
        self.register_buffer("row", row, False)

    def forward(self, x):
        b, g, _, d = x.shape
        along = self._filter(g).to(x.dtype)
        x = torch.matmul(along, x.reshape(b, g, g * d))
        x = torch.matmul(along, x.view(b * g, g, d)).view(b, g, g, d)
        x = self.conv[0](x.permute(0, 3, 1, 2))
        return gelu(x.permute(0, 2, 3, 1))

    def _filter(self, g):
        """The filter along one axis with replicated borders, [g,g]."""
        places = torch.arange(g)
        matrix = torch.zeros(g, g)
        for i, weight in enumerate(self.row.tolist()):
            source = (places + i - WINDOW // 2).clamp(0, g - 1)
            matrix.index_put_(
                (places, source), torch.tensor(weight), accumulate=True
            )
        return matrix.to(self.row.device)


class VisionTower(nn.Module):
    def __init__(self, size, patch, width, n_blocks, embedding):
        super().__init__()
        self.grid = size // patch
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(width) * 0.02)
        self.positional_embedding = nn.Parameter(
            torch.randn(self.grid**2 + 1, width) * 0.02
        )
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = nn.Module()
        self.transformer.resblocks = nn.ModuleList(
            Block(width) for _ in range(n_blocks)
        )
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(torch.randn(width, embedding) * width**-0.5)
        self._start_from_frequencies(patch, width)

    @torch.no_grad()
    def _start_from_frequencies(self, patch, width):
        """Sets the patch kernel to DCT functions, the lowest first.

        Brightness gets half of the channels, the two color differences
        share the rest.
        """
        basis = dct_basis(patch)
        order = sorted(
            (u + v, max(u, v), u, v) for u in range(patch) for v in range(patch)
        )
        colors = torch.tensor(
            [[1, 1, 1], [1, 0, -1], [-0.5, 1, -0.5]], dtype=torch.float32
        )
        colors /= colors.norm(dim=1, keepdim=True)
        shares = [width // 2, width // 4, width - width // 2 - width // 4]
        row = 0
        for color, share in zip(colors, shares):
            for i in range(share):
                _, _, u, v = order[i % len(order)]
                function = torch.outer(basis[u], basis[v])
                kernel = color[:, None, None] * function
                self.conv1.weight[row] = kernel * (0.1 if u + v == 0 else 0.5)
                row += 1

    def tokens(self, images):
        b, _, s, _ = images.shape
        weight = self.conv1.weight
        d, _, p, _ = weight.shape
        g = s // p
        x = images.view(b, 3, g, p, g, p).permute(0, 2, 4, 1, 3, 5)
        x = F.linear(x.reshape(b, g * g, 3 * p * p), weight.reshape(d, -1))
        first = self.class_embedding.expand(b, 1, d).to(x.dtype)
        x = torch.cat([first, x], 1) + self.positions(g)
        return self.ln_pre(x)

    def positions(self, g):
        """The positional table, interpolated if the grid is another one."""
        table = self.positional_embedding
        own = self.grid
        if g == own:
            return table
        grid = table[1:].view(1, own, own, -1).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, (g, g), mode="bicubic", align_corners=False)
        grid = grid.permute(0, 2, 3, 1).reshape(g * g, -1)
        return torch.cat([table[:1], grid])


class FeClip(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, embedding = config["width"], config["embedding"]
        self.config = dict(config)
        self.visual = VisionTower(
            config["size"],
            config["patch"],
            width,
            config["blocks"],
            embedding,
        )
        self.taps = list(config["taps"])
        self.ffe = nn.ModuleList(FrequencyExtraction(width) for _ in self.taps)
        self.lfs = nn.ModuleList(LocalStatistic(width) for _ in self.taps)
        self.fc_patch = nn.Linear(width, embedding)
        self.text_features = nn.Parameter(torch.randn(2, embedding))

    def margin(self, z):
        """log P(anomalous) − log P(normal) of embeddings [..., E]."""
        normal, anomalous = F.normalize(self.text_features.float(), dim=-1)
        z = F.normalize(z.float(), dim=-1)
        return z @ (anomalous - normal) / self.config["temperature"]

    def forward(self, images):
        """Normalized images [B,3,S,S] → margins [N,B] and [N,B,G,G], N taps."""
        visual, share = self.visual, self.config["lambda"]
        x = visual.tokens(images)
        b, t, d = x.shape
        g = math.isqrt(t - 1)
        scores, maps = [], []
        for i, block in enumerate(visual.transformer.resblocks):
            x = block(x)
            if i not in self.taps:
                continue
            n = self.taps.index(i)
            c, f = x.split([1, t - 1], 1)
            f = f.reshape(b, g, g, d)
            enhanced = self.ffe[n](f) + self.lfs[n](f)
            f = (share * enhanced + (1 - share) * f).reshape(b, g * g, d)
            x = torch.cat([c, f.to(x.dtype)], 1)
            c, f = visual.ln_post(x).split([1, t - 1], 1)
            scores.append(self.margin(c[:, 0] @ visual.proj))
            maps.append(self.margin(self.fc_patch(f)).view(b, g, g))
        return torch.stack(scores), torch.stack(maps)
