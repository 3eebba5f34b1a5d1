"""The front door's guess: how many of four nets keep their gradient?

It asks for a number, so that the first page can still ask which ones.
"""

from html import escape

from normlib.card_tables import mark

WORDS = ("none", "one", "two", "three", "four")
CLAIM = "ledger.html#intro-vanishing"
FIRST = "01_introduction/what_for.html"


def html(found):
    """Return the question, its form, and the answer, folded."""
    choices = "\n".join(
        f'<label><input type="radio" name="alive" value="{n}"> '
        f"{WORDS[n]}</label>"
        for n in range(found["nets"] + 1)
    )
    return f"""
<div class="nl-front-guess" data-truth="{found["alive"]}">
<blockquote><p>{escape(found["says"])}</p></blockquote>
<p>So says the guide. Take four nets of {found["depth"]} layers, fresh from
initialization: sigmoid or ReLU, with BatchNorm or LayerNorm before it in
every layer. A gradient enters at the top. <b>In how many of the four does
it reach the first layer healthy</b>, at most
{10 ** found["healthy"]:,.0f} times larger or smaller?</p>
<form hidden>
<fieldset><legend>Your guess, of four</legend>
{choices}
</fieldset>
<button type="submit">Commit</button>
<p class="nl-missing" role="alert"></p>
</form>
<div role="status"></div>
<details><summary>What was measured</summary>
<div class="nl-answer">{answer(found)}</div></details>
</div>"""


def answer(found):
    """Say what came out, but not in which net."""
    worst = found["worst"]
    way = "larger" if worst > 0 else "smaller"
    return (
        f"<p><strong>Measured: {WORDS[found['alive']]} of "
        f"{WORDS[found['nets']]}</strong>, over {found['seeds']} seeds. In "
        "the worst one the gradient arrives "
        f"10<sup>{abs(worst):.0f}</sup> times {way}.</p>\n"
        "<p>The verdict on the claim: "
        f'<a href="{CLAIM}">{mark(found["verdict"])}</a>.</p>\n'
        "<p>Which nets are they, and why? Two short formulas tell it "
        "before any net is run: "
        f'<a href="{FIRST}">What is a norm for?</a></p>'
    )
