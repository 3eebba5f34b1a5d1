"""Without a GPU the kernels run in Triton's interpreter.

The variable has to stand before normlib.kernels is imported.
"""

import os

import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"
