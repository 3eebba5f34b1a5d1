import sys
from pathlib import Path

# The made-up records stand beside the tests that read them.
sys.path.insert(0, str(Path(__file__).parent))
