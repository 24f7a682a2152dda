"""What this Python has of PyTorch and JAX, as JSON: names that tell installations apart, versions of what computes, folders."""

import json
import platform
import re
from pathlib import Path


def blas_of(config):
    """The BLAS under PyTorch: MKL is built in; a build for any (BLAS_INFO=generic) calls what the system links."""
    if mkl := re.search(r"Math Kernel Library Version ([\d.]+)", config):
        return f"MKL {mkl[1]}"
    maps = Path("/proc/self/maps")
    if maps.exists() and (openblas := re.search(r"/libopenblas\S*?([\d.]*)\.so", maps.read_text())):
        return f"OpenBLAS {openblas[1]}".strip()
    named = re.search(r"BLAS_INFO=(\w+)", config)
    return f"{named[1] if named else 'unknown'}-BLAS"


def pytorch():
    import numpy  # the peer needs it, too
    import torch
    config = torch.__config__.show()
    blas = blas_of(config)
    onednn = re.search(r"MKL-DNN v([\d.]+)", config)
    versions = f"PyTorch {torch.__version__}, {blas}, {f'oneDNN {onednn[1]}' if onednn else 'no oneDNN'}"
    return torch, f"pytorch {torch.__version__.split('+')[0]} {blas.split()[0].lower()}", versions


def jax():
    import jax
    import jaxlib
    return jax, f"jax {jax.__version__}", f"JAX {jax.__version__}, jaxlib {jaxlib.__version__}"


found = []
for library in (pytorch, jax):
    try:
        module, name, versions = library()
    except ImportError:
        continue
    found.append({"library": library.__name__, "name": name, "folder": str(Path(module.__file__).resolve().parent),
                  "versions": f"{versions}, Python {platform.python_version()}"})
print(json.dumps(found))
