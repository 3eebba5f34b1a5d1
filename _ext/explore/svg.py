"""The pictures of readers without JavaScript: SVG as text."""

from html import escape


def tag(name, /, *inside, **attributes):
    """Return an element; `class_` is class, `stroke_width` has a dash."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{said}>{''.join(inside)}</{name}>"


def text(x, y, words, **attributes):
    """Return a text at a place."""
    return tag("text", escape(words), x=x, y=y, **attributes)


def picture(width, height, alt, *inside):
    """Return an image with its text alternative."""
    return tag(
        "svg",
        *inside,
        viewBox=f"0 0 {width} {height}",
        style=f"max-width:{width}px",
        role="img",
        aria_label=alt,
    )
