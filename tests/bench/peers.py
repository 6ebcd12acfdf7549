#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The other side of a comparison: the same work by other libraries.

Says "ready" and what it is once all is prepared; then each line on standard input runs one
round, answered by the seconds that passed and the processor's seconds, as
rounds.c does. Weights are random and the answers are not looked at.

usage: peers.py openblas ROWS COLUMNS K     c = a * transposed b, single precision
       peers.py torch SIZE                  CLIP's visual encoder on the processor
       peers.py onnxruntime SIZE            the same
       peers.py cuda SIZE BATCH             PyTorch, fp16, in a CUDA graph
"""

import ctypes
import ctypes.util
import sys
import time

# image edge, patch edge, width, blocks, embedding
SIZES = {
    "ViT-L-14-336": (336, 14, 1024, 24, 768),
    "ViT-B-16-224": (224, 16, 768, 12, 512),
    "ViT-B-32-224": (224, 32, 768, 12, 512),
}


def name_blas():
    """The BLAS that is mapped. Debian's reference one is 40 times slower than others,
    and no peer."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps}
    names = sorted(file for file in files if "/libblas.so" in file or "openblas" in file)
    if any("/blas/libblas" in name for name in names):
        raise ImportError("it uses the reference BLAS: install libopenblas0-pthread")
    return names[0] if names else "a BLAS of its own"


def openblas(rows, columns, k):
    """Which library, and a round of its cblas_sgemm()."""
    name = ctypes.util.find_library("openblas")
    if not name:
        raise ImportError("libopenblas is not installed")
    blas = ctypes.CDLL(name)
    m, n, k = int(rows), int(columns), int(k)
    a, b, c = ((ctypes.c_float * (r * s))(0.5) for r, s in ((m, k), (n, k), (m, n)))
    row_major, plain, transposed = 101, 111, 112
    one, zero = ctypes.c_float(1), ctypes.c_float(0)
    return name, lambda: blas.cblas_sgemm(
        row_major, plain, transposed, m, n, k, one, a, k, b, k, zero, c, n)


def torch_encoder(size, device="cpu", dtype=None):
    """CLIP's visual encoder in PyTorch, and an image for it."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    edge, patch, width, blocks, embedding = SIZES[size]
    heads = width // 64

    def attend(q, k, v):
        if hasattr(F, "scaled_dot_product_attention"):
            return F.scaled_dot_product_attention(q, k, v)
        return torch.softmax(q @ k.transpose(-1, -2) / 8, -1) @ v

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.fc, self.proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x):
            b, t, _ = x.shape
            qkv = self.qkv(self.ln_1(x)).view(b, t, 3, heads, 64)
            q, k, v = qkv.permute(2, 0, 3, 1, 4)
            x = x + self.out(attend(q, k, v).transpose(1, 2).reshape(b, t, width))
            hidden = self.fc(self.ln_2(x))
            return x + self.proj(hidden * torch.sigmoid(1.702 * hidden))

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, width, patch, patch, bias=False)
            self.token = nn.Parameter(torch.randn(1, 1, width))
            self.positions = nn.Parameter(torch.randn((edge // patch) ** 2 + 1, width))
            self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
            self.blocks = nn.Sequential(*(Block() for _ in range(blocks)))
            self.proj = nn.Linear(width, embedding, bias=False)

        def forward(self, image):
            x = self.conv(image).flatten(2).transpose(1, 2)
            x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
            return self.proj(self.ln_post(self.blocks(self.ln_pre(x))[:, 0]))

    return Encoder().to(device, dtype).eval()


def torch_cpu(size):
    """PyTorch's version, and a round of it on the processor."""
    import os
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    model, edge = torch_encoder(size), SIZES[size][0]
    image = torch.randn(1, 3, edge, edge)

    def one_round():
        with torch.inference_mode():
            model(image)

    return f"{torch.__version__}, {name_blas()}", one_round


def cuda(size, batch):
    """PyTorch on a GPU: the version, and a round, one replay of a recorded graph."""
    import torch

    if not torch.cuda.is_available():
        raise ImportError("PyTorch sees no CUDA device")
    model, edge = torch_encoder(size, "cuda", torch.float16), SIZES[size][0]
    image = torch.randn(int(batch), 3, edge, edge, device="cuda", dtype=torch.float16)
    graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream()
    with torch.inference_mode(), torch.cuda.stream(stream):
        for _ in range(3):
            model(image)
        stream.synchronize()
        with torch.cuda.graph(graph, stream=stream):
            model(image)

    def one_round():
        graph.replay()
        torch.cuda.synchronize()

    return f"{torch.__version__}, {torch.cuda.get_device_name()}", one_round


def onnx_encoder(size):
    """CLIP's visual encoder as an ONNX graph."""
    import numpy
    from onnx import TensorProto, helper, numpy_helper

    edge, patch, width, blocks, embedding = SIZES[size]
    heads, grid = width // 64, edge // patch
    tokens = grid * grid + 1
    random = numpy.random.default_rng(1)
    nodes, weights = [], []

    def tensor(values):
        name = f"w{len(weights)}"
        weights.append(numpy_helper.from_array(values, name))
        return name

    def weight(*shape):
        return tensor((random.standard_normal(shape, numpy.float32) / 32))

    def ints(*values):
        return tensor(numpy.array(values, numpy.int64))

    def add(kind, *inputs, outputs=1, **attributes):
        names = [f"{kind}{len(nodes)}_{i}" for i in range(outputs)]
        nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def norm(x):
        return add("LayerNormalization", x, weight(width), weight(width), axis=-1, epsilon=1e-5)

    def linear(x, inputs, outputs):
        return add("Add", add("MatMul", x, weight(inputs, outputs)), weight(outputs))

    def heads_of(x, order):
        return add("Transpose", add("Reshape", x, ints(1, tokens, heads, 64)), perm=order)

    x = add("Conv", "image", weight(width, 3, patch, patch), strides=[patch, patch])
    x = add("Transpose", add("Reshape", x, ints(1, width, grid * grid)), perm=[0, 2, 1])
    x = add("Concat", weight(1, 1, width), x, axis=1)
    x = norm(add("Add", x, weight(tokens, width)))
    scale, factor = (tensor(numpy.array(v, numpy.float32)) for v in (0.125, 1.702))
    for _ in range(blocks):
        q, k, v = add("Split", linear(norm(x), width, 3 * width), ints(width, width, width),
                      outputs=3, axis=-1)
        logits = add("MatMul", heads_of(q, [0, 2, 1, 3]), heads_of(k, [0, 2, 3, 1]))
        y = add("MatMul", add("Softmax", add("Mul", logits, scale), axis=-1),
                heads_of(v, [0, 2, 1, 3]))
        y = add("Reshape", add("Transpose", y, perm=[0, 2, 1, 3]), ints(1, tokens, width))
        x = add("Add", x, linear(y, width, width))
        h = linear(norm(x), width, 4 * width)
        h = add("Mul", h, add("Sigmoid", add("Mul", h, factor)))
        x = add("Add", x, linear(h, 4 * width, width))
    x = add("Slice", x, ints(0), ints(1), ints(1))
    nodes.append(helper.make_node("MatMul", [norm(x), weight(width, embedding)], ["features"]))
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, edge, edge])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 1, embedding])
    graph = helper.make_graph(nodes, "encoder", [image], [features], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def onnxruntime_cpu(size):
    """ONNX Runtime's version, and a round of it on the processor."""
    import os
    import numpy
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "0"))
    # Idle threads must not take the processor from whose turn it is.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        onnx_encoder(size).SerializeToString(), settings,
        providers=["CPUExecutionProvider"])
    edge = SIZES[size][0]
    image = numpy.random.default_rng(2).standard_normal((1, 3, edge, edge), numpy.float32)
    return onnxruntime.__version__, lambda: session.run(None, {"image": image})


PEERS = {"openblas": openblas, "torch": torch_cpu, "onnxruntime": onnxruntime_cpu, "cuda": cuda}


def main():
    """Prepares a peer and runs its rounds."""
    try:
        name, one_round = PEERS[sys.argv[1]](*sys.argv[2:])
        one_round()
    except ImportError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    print(f"ready {name}", flush=True)
    for _ in sys.stdin:
        start, processor = time.perf_counter(), time.process_time()
        one_round()
        print(f"{time.perf_counter() - start:.6f} {time.process_time() - processor:.6f}",
              flush=True)


if __name__ == "__main__":
    main()
