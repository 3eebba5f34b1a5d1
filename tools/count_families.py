"""Count who uses RMSNorm: python -m tools.count_families TIMM RELEASES

TIMM is a clone of timm with its history. RELEASES is a folder with one
unpacked release of transformers a year, named by the year. What it prints
is normlib/families.yaml. models.yaml says how the samples were chosen.
"""

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

NAMED = re.compile("Attention|Attn")
RMS = re.compile("rms_?norm", re.IGNORECASE)
# Read by hand. Attention under another name, inherited, or named in a text
# that builds the net:
ATTENTION = {
    "byoanet", "convit", "deit", "efficientvit_mit", "mobilenetv5", "pit",
    "shvit", "vision_transformer_hybrid", "vitamin",
}  # fmt: skip
HYBRIDS = {"mobilenetv4"}  # families whose file has others, without it
TOYS = {"test"}  # timm's small nets for its own tests
ONE = {"hieradet": "sam2"}  # one file, one architecture, two names
# A class with that name which weighs channels, or only pools:
NONE = {"byobnet", "resnest"}
# The layers stand in another folder, or carry no telling name:
READ = {
    "cohere2_moe": False,  # one or the other, by the configuration
    "cpmant": True,  # CpmAntLayerNorm takes no mean out
    "fuyu": False,  # persimmon's
    "gemma4_assistant": True,  # gemma4's
    "gemma4_unified_assistant": True,
}
DEVICE = re.compile(r"mobile|\bedge|\bdevices?\b", re.IGNORECASE)
# Files of many architectures: their text is of all of them, and one of
# these papers says Mobile in its title.
MANY, TITLED = {"byobnet", "efficientnet", "mobilenetv3"}, {"mnasnet"}
YEARS = range(2019, 2027)


def git(clone: str, *args: str) -> str:
    """Return what git says of a clone."""
    done = subprocess.run(
        ["git", "-C", clone, *args], capture_output=True, check=True
    )
    return done.stdout.decode()


def models(source: str) -> dict[str, bool]:
    """Return the registered models of a file: does it name RMSNorm?"""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and "register_model" in {
            ast.unparse(d) for d in node.decorator_list
        }:
            found[node.name] = bool(RMS.search(ast.unparse(node)))
    return found


def attends(stem: str, source: str) -> bool:
    """Tell whether a file defines or imports an attention layer."""
    names = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            names.append(node.name)
        if isinstance(node, ast.ImportFrom):
            names += [alias.name for alias in node.names]
    named = any(NAMED.search(name) for name in names)
    return (named and stem not in NONE) or stem in ATTENTION


def timm(clone: str) -> dict[str, dict[str, tuple[int, bool]]]:
    """Return year and RMSNorm of each family, by kind."""
    first: dict[str, int] = {}
    for year in YEARS:
        commit = git(
            clone, "rev-list", "-1", f"--before={year + 1}-01-01", "HEAD"
        ).strip()
        files = git(clone, "ls-tree", "-r", "--name-only", commit).split()
        files = [f for f in files if re.match(r"timm/models/\w+\.py", f)]
        sources = {
            Path(f).stem: git(clone, "show", f"{commit}:{f}") for f in files
        }
        for source in sources.values():
            for name in models(source):
                first.setdefault(name.split("_")[0], year)
    kinds, rms = defaultdict(bool), defaultdict(bool)
    for stem, source in sources.items():
        # A file of one architecture builds its norm outside its models.
        own = stem in {"gemma4_vit", "mobilenetv5"}
        for name, named in models(source).items():
            family = name.split("_")[0]
            family = ONE.get(family, family)
            if family in TOYS:
                continue
            kinds[family] |= attends(stem, source) or family in HYBRIDS
            rms[family] |= named or own
    found: dict = {"vision": {}, "other": {}}
    for family, attention in kinds.items():
        kind = "vision" if attention else "other"
        found[kind][family] = (first[family], rms[family])
    return found


def devices(clone: str) -> list[str]:
    """Return the families whose name or text says mobile, edge, device."""
    found = set()
    listed = git(clone, "ls-tree", "--name-only", "HEAD", "timm/models/")
    for file in listed.split():
        if not re.fullmatch(r"timm/models/[a-z]\w+\.py", file):
            continue
        source = git(clone, "show", f"HEAD:{file}")
        said = ast.get_docstring(ast.parse(source)) or ""
        all_of_it = DEVICE.search(said) and Path(file).stem not in MANY
        for name in models(source):
            family = name.split("_")[0]
            if all_of_it or DEVICE.search(family) or family in TITLED:
                found.add(family)
    return sorted(found)


def layers(source: str) -> bool:
    """Tell whether the decoder's layers of a file hold an RMSNorm."""
    calls = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        if not re.search("DecoderLayer|Block|Layer$", node.name):
            continue
        if re.search("Vision|Audio|Encoder(?!Decoder)", node.name):
            continue
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                calls.append(ast.unparse(call.func))
    norms = [c for c in calls if re.search("norm", c.split(".")[-1], re.I)]
    text = " ".join(norms) or source
    return "RMSNorm" in text


def language(releases: Path) -> tuple[dict, list[str], Counter]:
    """Return year and RMSNorm of each folder, who adds 1, and all ε."""
    found, plus, eps = {}, [], Counter()
    last = releases / str(YEARS[-1]) / "transformers/models"
    for folder in sorted(p for p in last.iterdir() if p.is_dir()):
        file = folder / f"modeling_{folder.name}.py"
        if folder.name == "auto" or not file.exists():
            continue
        source = file.read_text()
        if not re.search(r"^class \w+ForCausalLM\b", source, re.M):
            continue
        year = next(y for y in YEARS if stands(releases / str(y), folder))
        rms = READ.get(folder.name, layers(source))
        found[folder.name] = (year, rms)
        if rms and re.search(r"1(\.0)? \+ self\.weight", source):
            plus.append(folder.name)
        config = folder / f"configuration_{folder.name}.py"
        default = rms and config.exists() and re.search(
            r"rms_norm_eps: [^=\n]*= ([\d.e-]+)", config.read_text()
        )  # fmt: skip
        if default:
            eps[f"{float(default[1]):.3g}"] += 1
    return found, plus, eps


def stands(release: Path, folder: Path) -> bool:
    """Tell whether a release has the model."""
    root = release / "transformers"
    return (root / "models" / folder.name).is_dir() or (
        root / f"modeling_{folder.name}.py"
    ).exists()


def table(kind: str, families: dict[str, tuple[int, bool]]) -> str:
    """Print the families of a kind by year."""
    lines = [f"{kind}:"]
    for year in YEARS:
        rows = []
        for wanted, label in ((True, "rms"), (False, "rest")):
            names = sorted(
                f for f, (y, rms) in families.items()
                if (y, rms) == (year, wanted)
            )  # fmt: skip
            rows.append(f"    {label}: [{', '.join(names)}]")
        lines += [f"  {year}:", *rows]
    return "\n".join(lines)


if __name__ == "__main__":
    texts, plus, eps = language(Path(sys.argv[2]))
    for kind, families in {"language": texts, **timm(sys.argv[1])}.items():
        print(table(kind, families))
    print(f"device: [{', '.join(devices(sys.argv[1]))}]")
    print(f"plus_one: [{', '.join(plus)}]")
    print(
        f"eps: {{{', '.join(f'{e}: {n}' for e, n in eps.most_common())}}}"
    )
