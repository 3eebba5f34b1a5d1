"""The HTML of a guess: a form that `_static/guesses.js` brings to life."""

from __future__ import annotations

import json
from html import escape

from guess_fields import Field, Guess


def _choice(name: str, field: Field) -> str:
    kind = "radio" if field["kind"] == "choice" else "checkbox"
    return (
        '<div class="nl-guess-options">'
        + "".join(
            f'<label><input type="{kind}" name="{name}" value="{i}">'
            f"<span>{escape(says)}</span></label>"
            for i, says in enumerate(field["options"])
        )
        + "</div>"
    )


def _number(name: str, field: Field, label: str) -> str:
    unit = escape(field["unit"])
    return (
        f'<label class="nl-guess-number"><span>{escape(label)}</span>'
        f'<input type="text" name="{name}" inputmode="text" size="8" '
        f'autocomplete="off" spellcheck="false">'
        f'<span class="nl-guess-unit">{unit}</span></label>'
    )


def _field(guess: Guess, index: int, field: Field) -> str:
    name = f"{guess.id}-{index}"
    if field["kind"] == "number":
        return _number(name, field, field["label"] or "Your number")
    if field["kind"] == "self":
        return (
            '<label class="nl-guess-words"><span>Your answer, in a line'
            f'</span><textarea name="{name}" rows="2"></textarea></label>'
        )
    legend = f"<legend>{escape(field['label'])}</legend>"
    named = "" if field["label"] else f' aria-labelledby="q-{guess.id}"'
    return (
        f"<fieldset{named}>{legend if field['label'] else ''}"
        f"{_choice(name, field)}</fieldset>"
    )


def form(guess: Guess, page: str) -> str:
    """Return question and form; without JavaScript only the question."""
    fields = "".join(
        _field(guess, i, field) for i, field in enumerate(guess.fields)
    )
    data = escape(json.dumps(guess.fields, ensure_ascii=False))
    own = any(f["kind"] == "self" for f in guess.fields)
    commit = "Commit and look" if own else "Commit"
    return (
        f'<div class="nl-guess" id="guess-{guess.id}" role="group" '
        f'aria-labelledby="q-{guess.id}" data-guess="{guess.id}" '
        f'data-page="{escape(page)}" data-edition="{guess.digest}" '
        f'data-fields="{data}">'
        f'<p class="nl-guess-question" id="q-{guess.id}">'
        f"{escape(guess.question)}</p>"
        f"<form hidden novalidate>{fields}"
        f'<p class="nl-guess-error" id="e-{guess.id}" role="alert"></p>'
        f'<p class="nl-guess-buttons"><button type="submit">{commit}'
        f'</button> <button type="button" data-skip>Skip</button></p>'
        f'</form><div class="nl-guess-result" aria-live="polite" '
        f'tabindex="-1"></div></div>'
    )


TALLY = (
    '<div class="nl-tally" role="group" aria-label="Your guesses on this '
    'page" hidden></div>'
)
