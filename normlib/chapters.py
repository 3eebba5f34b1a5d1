"""One name a chapter; numbers stand in the names of folders alone."""

CHAPTERS = {
    "introduction": "01_introduction",
    "batch_norm": "02_batch_normalization",
    "rms_norm": "03_rmsnorm",
    "layer_norm": "04_layer_normalization",
    "other_techniques": "05_other_techniques",
    "comparison": "06_comparison",
    "decision_guide": "07_decision_guide",
    "performance": "08_performance",
    "best_practices": "09_best_practices",
    "future_trends": "10_future_trends",
    "conclusion": "11_conclusion",
}


def place(page: str) -> str:
    """Return where a page lies below chapters/, without its ending.

    "batch_norm/one_backward" is "02_batch_normalization/one_backward".
    Raises ValueError for a chapter that there is not.
    """
    chapter, slash, name = page.partition("/")
    if chapter not in CHAPTERS:
        known = ", ".join(CHAPTERS)
        raise ValueError(f"page: got {page!r}, want one of {known}, …")
    return CHAPTERS[chapter] + slash + name
