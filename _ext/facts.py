"""What the record says, once for a build: the ledger, and a guess.

All rules together take half a minute, so the answer is kept beside the
doctrees until a file of normlib changes.
"""

import json
from hashlib import sha256
from pathlib import Path

import normlib

# The guess of the front door: the gradient of four nets.
ACTS = ("relu", "sigmoid")
NORMS = ("batch", "layer")


def facts(app):
    """Return {"rows": the ledger's, "guess": the front door's}."""
    file = Path(app.doctreedir) / "ledger_facts.json"
    now = fingerprint()
    if file.exists():
        kept = json.loads(file.read_text("utf-8"))
        if kept["fingerprint"] == now:
            return kept
    found = {"fingerprint": now, "rows": rows(), "guess": guess()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return found


def fingerprint():
    """Hash this file and all that normlib is made of."""
    package = Path(normlib.__file__).parent
    files = [f for f in sorted(package.rglob("*")) if f.is_file()]
    digest = sha256()
    for file in [Path(__file__), *files]:
        if file.suffix != ".pyc":
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def rows():
    """Return the ledger's rows, as normlib.ledger decides them."""
    from normlib import ledger

    return ledger.table().rows()


def guess():
    """Count the healthy among four nets, from the committed record."""
    from normlib import ledger
    from normlib.experiments import trial
    from normlib.experiments.introduction.learning import HEALTHY

    one = trial("introduction.gradients")
    record = one.record()
    changes = [
        one.change(record, norm=norm, act=act, init="default")
        for act in ACTS
        for norm in NORMS
    ]
    card = ledger.verdict("intro.vanishing")
    return {
        "says": card.claim.says,
        "verdict": card.verdict,
        "depth": record.config["depth"],
        "seeds": record.config["seeds"],
        "healthy": HEALTHY,
        "nets": len(changes),
        "alive": sum(
            max(abs(end) for end in change) <= HEALTHY for change in changes
        ),
        "worst": max((change.mean for change in changes), key=abs),
    }
