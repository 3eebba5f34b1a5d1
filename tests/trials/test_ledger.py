"""Cards and the ledger: what is shown, and that untried stays untried."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_gradients import made_gradients

from normlib import claims, ledger, records
from normlib.card_tables import CardTable, bar
from normlib.cards import MARKS, Card
from normlib.chapters import place
from normlib.experiments.decisions import VERDICTS


def test_every_claim_is_complete():
    for claim in claims.all_claims().values():
        assert re.fullmatch(r"[a-z]+\.[a-z0-9-]+", claim.id)
        assert claim.says.endswith(".")
        assert claim.test.endswith(".")
        assert claim.section
        assert re.fullmatch(r"[a-z_]+(/[a-z_]+)?", claim.page)


def test_marks_cover_the_verdicts():
    assert set(MARKS) == {*VERDICTS, "untried"}


def test_a_claim_without_a_trial_is_untried(monkeypatch):
    monkeypatch.setattr(ledger, "trial_of", lambda claim_id: None)
    card = ledger.verdict("intro.vanishing")
    assert card.verdict == "untried"
    assert "To come" in card.because
    assert 'data-verdict="untried"' in card._repr_html_()


def test_a_claim_without_a_record_says_how_to_make_one(monkeypatch):
    monkeypatch.setattr(ledger, "committed", lambda trial, preset: None)
    card = ledger.verdict("intro.vanishing")
    assert card.verdict == "untried"
    assert "python -m normlib record introduction.gradients" in card.because


def test_a_card_says_that_its_measurement_changed(monkeypatch):
    one = ledger.trial_of("intro.vanishing")
    record = made_gradients(lambda *_: True, seeds=20)
    card = ledger.verdict("intro.vanishing", record)
    assert "earlier version" not in repr(card)
    monkeypatch.setattr(one, "_measure", lambda config, unit, device: [])
    card = ledger.verdict("intro.vanishing", record)
    said = "Measured by an earlier version; changed since: "
    assert said in card._repr_html_()
    assert "".join(said.split()) in "".join(repr(card).split())


def test_a_committed_card_tells_all():
    card = ledger.verdict("intro.vanishing")
    html, text = card._repr_html_(), repr(card)
    record = records.load("introduction.gradients", "cpu")
    for said in (
        card.claim.says,
        card.decision.because,
        card.trial.scope,
        record.provenance["date"],
        f"{record.config['seeds']} seeds",
        "python -m normlib try intro.vanishing",
    ):
        assert said in html
        assert "".join(said.split()) in "".join(text.split())
    assert "<details>" in html
    assert max(map(len, text.splitlines())) <= 76


def test_without_a_gpu_record_the_card_says_how_to_make_one(monkeypatch):
    real = ledger.committed
    monkeypatch.setattr(
        ledger,
        "committed",
        lambda trial, preset: (
            None if preset == "gpu" else real(trial, preset)
        ),
    )
    facts = ledger.verdict("intro.vanishing").facts()
    command = "record introduction.gradients --preset gpu"
    assert any(command in fact for fact in facts)


def test_with_a_gpu_record_the_card_quotes_it(monkeypatch):
    favoured = made_gradients(lambda *_: True)
    real = ledger.committed
    monkeypatch.setattr(
        ledger,
        "committed",
        lambda t, preset: favoured if preset == "gpu" else real(t, preset),
    )
    assert "On a GPU: holds." in ledger.verdict("intro.vanishing").facts()


def test_a_readers_own_record_decides_their_card():
    record = made_gradients(lambda *_: False)
    assert (
        ledger.verdict("intro.vanishing", record).verdict == "does not hold"
    )


@pytest.fixture(scope="module")
def whole():
    return ledger.table()


def test_the_table_counts_every_claim_once(whole):
    assert sum(whole.counts().values()) == len(claims.all_claims())
    html = whole._repr_html_()
    for claim_id in claims.all_claims():
        assert html.count(f'<li id="{claim_id.replace(".", "-")}"') == 1


def test_the_ledger_folds_what_is_untried_and_links_the_rest():
    table = ledger.table(("bn.", "guide."), root=".")
    html = table._repr_html_()
    tried = [c for c in table.cards if c.decision]
    assert 0 < len(tried) < len(table.cards)
    for card in table.cards:
        name = card.claim.id.replace(".", "-")
        link = f'./{place(card.claim.page)}.html#verdict-{name}"'
        assert (link in html) == (card in tried)
        before = html.partition(f'<li id="{name}"')[0]
        folded = before.count("<details class") > before.count(
            "</ul>\n</details>"
        )
        assert folded == (card not in tried)
    assert html.count("<h2>") == len({c.claim.section for c in table.cards})


def test_a_list_on_a_page_links_to_the_ledger():
    html = ledger.table("intro.")._repr_html_()
    for claim in claims.all_claims().values():
        name = claim.id.replace(".", "-")
        here = claim.id.startswith("intro.")
        assert (f'href="../ledger.html#{name}"' in html) == here
    assert "nl-untried" not in html


def test_the_bar_says_every_verdict_in_word_shape_and_number(whole):
    counts = whole.counts()
    html = bar(counts, "ledger.html")
    parts = re.findall(r'data-verdict="([a-z-]+)" style="flex:(\d+) ', html)
    assert parts == [
        (v.replace(" ", "-"), str(n)) for v, n in counts.items() if n
    ]
    for verdict, n in counts.items():
        assert f"{MARKS[verdict]}</span> <b>{n}</b> {verdict}</a>" in html
    assert f'aria-label="{whole.summary()}"' in html


def test_rows_are_the_claims_and_their_verdicts(whole):
    for row, card in zip(whole.rows(), whole.cards, strict=True):
        assert claims.claim(row["id"]) == card.claim
        assert row["verdict"] == card.verdict
        assert bool(row["headline"]) == (row["verdict"] != "untried")
        assert bool(row["when"]) == (row["verdict"] == "holds when")


def test_html_is_escaped():
    claim = claims.claim("intro.vanishing")
    bad = Card(replace(claim, says="<script>alert(1)</script>"))
    for shown in (bad, CardTable([bad]), CardTable([bad], ".")):
        assert "<script>" not in shown._repr_html_()


@pytest.mark.parametrize("call", [claims.claim, ledger.verdict])
def test_an_unknown_claim_is_named(call):
    with pytest.raises(ValueError, match=r"claim: got 'intro\.x'"):
        call("intro.x")


def test_the_page_of_a_decided_claim_stands(whole):
    chapters = Path(__file__).parents[2] / "chapters"
    decided = [c for c in whole.cards if c.decision]
    assert len(decided) >= 3
    for card in decided:
        text = (chapters / f"{place(card.claim.page)}.ipynb").read_text()
        assert card.claim.id in text


def test_a_chapter_has_one_name():
    assert place("batch_norm/m_not_n") == "02_batch_normalization/m_not_n"
    with pytest.raises(ValueError, match="page: got '02_batch"):
        place("02_batch_normalization/m_not_n")
