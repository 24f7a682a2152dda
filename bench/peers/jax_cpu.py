"""JAX as a peer of bench/peers.mjs, whose header describes the lines exchanged: one jitted function does a whole step."""

import argparse
import json
import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax import lax
except ImportError as error:
    print(json.dumps({"unable": f"{error}; install JAX for this Python"}), flush=True)
    sys.exit()

parser = argparse.ArgumentParser()
parser.add_argument("--model", choices=["mlp", "cnn", "resnet"])
parser.add_argument("--data")
parser.add_argument("--batch", type=int)
parser.add_argument("--lr", type=float)
parser.add_argument("--optimizer", choices=["sgd", "nesterov", "adam"])
parser.add_argument("--decay", type=float)
parser.add_argument("--variant")
args = parser.parse_args()

generator = np.random.default_rng(0)


def uniform(*shape, fan_in):
    """PyTorch's default."""
    return generator.uniform(-1, 1, shape).astype(np.float32) / np.float32(fan_in**0.5)


def dense(inputs, outputs):
    return {"w": uniform(inputs, outputs, fan_in=inputs), "b": uniform(outputs, fan_in=inputs)}


def convolution(inputs, outputs):
    return {"w": uniform(3, 3, inputs, outputs, fan_in=9 * inputs), "b": uniform(outputs, fan_in=9 * inputs)}


def normalised(inputs, outputs):
    """A convolution without bias and its batch normalisation: what is trained, and the running statistics."""
    zeros, ones = np.zeros(outputs, np.float32), np.ones(outputs, np.float32)
    filters = uniform(3, 3, inputs, outputs, fan_in=9 * inputs)
    return {"w": filters, "scale": ones, "shift": zeros}, {"mean": zeros, "variance": ones}


def convolve(x, w, padding=1):
    return lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pool(x):
    """2 x 2 maxima: by XLA's windows, or by a reshape, whose gradient is a comparison where theirs is a scatter."""
    if args.variant == "reshape":
        n, h, w, c = x.shape
        return x[:, :h // 2 * 2, :w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def make_model(name):
    """Parameters, running statistics, and the function of both and the images that gives logits and the new statistics."""
    if name == "mlp":
        def mlp(parameters, statistics, x):
            x = x.reshape(len(x), -1)
            *hidden, last = parameters
            for layer in hidden:
                x = jax.nn.relu(x @ layer["w"] + layer["b"])
            return x @ last["w"] + last["b"], statistics
        return [dense(784, 100), dense(100, 100), dense(100, 10)], [], mlp
    if name == "cnn":
        def cnn(parameters, statistics, x):
            *convolutions, last = parameters
            for layer in convolutions:
                x = pool(jax.nn.relu(convolve(x, layer["w"]) + layer["b"]))
            return x.reshape(len(x), -1) @ last["w"] + last["b"], statistics
        return [convolution(1, 16), convolution(16, 32), convolution(32, 64), dense(576, 10)], [], cnn

    def resnet(parameters, statistics, x):
        *convolutions, last = parameters
        updated = []

        def layer(x, padding=1):
            index = len(updated)
            p, running = convolutions[index], statistics[index]
            x = convolve(x, p["w"], padding)
            mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
            count = x.size / x.shape[-1]
            unbiased = variance * count / (count - 1)
            updated.append({"mean": 0.9 * running["mean"] + 0.1 * mean, "variance": 0.9 * running["variance"] + 0.1 * unbiased})
            return jax.nn.relu((x - mean) * lax.rsqrt(variance + 1e-5) * p["scale"] + p["shift"])

        x = pool(layer(layer(x, 0), 0))
        x = x + layer(layer(x))
        x = pool(layer(x))
        x = x + layer(layer(x))
        return x.max((1, 2)) @ last["w"] + last["b"], updated
    layers = [normalised(i, o) for i, o in [(1, 24), (24, 48), (48, 48), (48, 48), (48, 96), (96, 96), (96, 96)]]
    return [*(p for p, _ in layers), dense(96, 10)], [s for _, s in layers], resnet


def optimizer(kind, lr, decay):
    """How many accumulators a parameter has, and its step: from it, gradient, steps so far and accumulators to it and them."""
    def sgd(p, g, count):
        return [p - lr * (g + decay * p)]

    def nesterov(p, g, count, m):
        g = g + decay * p
        m = 0.9 * m + g
        return [p - lr * (g + 0.9 * m), m]

    def adam(p, g, count, m, v):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        return [p * (1 - lr * decay) - lr * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8), m, v]
    return {"sgd": (0, sgd), "nesterov": (1, nesterov), "adam": (2, adam)}[kind]


parameters, statistics, network = make_model(args.model)
accumulators, updated = optimizer(args.optimizer, args.lr, args.decay)
labels = np.fromfile(f"{args.data}/labels", dtype=np.uint8).astype(np.int32)
images = np.fromfile(f"{args.data}/images", dtype=np.uint8).reshape(-1, 28, 28, 1).astype(np.float32) / 255
batches = len(labels) // args.batch
data = [(jnp.asarray(images[i:i + args.batch]), jnp.asarray(labels[i:i + args.batch]))
        for i in range(0, batches * args.batch, args.batch)]


def loss(parameters, statistics, x, y):
    logits, statistics = network(parameters, statistics, x)
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean(), statistics


def step(state, total, x, y):
    parameters, statistics, accumulated, count = state
    (value, statistics), gradients = jax.value_and_grad(loss, has_aux=True)(parameters, statistics, x, y)
    leaves, tree = jax.tree.flatten(parameters)
    columns = leaves, jax.tree.leaves(gradients), [count + 1] * len(leaves), *map(jax.tree.leaves, accumulated)
    parameters, *accumulated = (tree.unflatten(column) for column in zip(*(updated(*row) for row in zip(*columns))))
    return (parameters, statistics, accumulated, count + 1), total + value


zeros = jax.tree.map(np.zeros_like, parameters)
state = jax.tree.map(jnp.array, (parameters, statistics, [zeros] * accumulators, np.float32(0)))
# Compiled before it is ready: a first step of many seconds would count as a slow peer's.
train = jax.jit(step, donate_argnums=(0, 1)).lower(state, jnp.zeros(()), *data[0]).compile()

print(json.dumps({"ready": f"JAX {jax.__version__}"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    total = jnp.zeros(())
    start = time.perf_counter()
    for index in range(request["from"], request["from"] + request["count"]):
        state, total = train(state, total, *data[index % batches])
    mean = float(total) / request["count"]
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "count": request["count"], "loss": mean}), flush=True)
