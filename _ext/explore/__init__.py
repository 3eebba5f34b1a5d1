"""Explorables: one file a question, and a script of the same name.

Each has QUESTION, CAPTION (HTML), `data()`, which returns what JSON can
hold, and `picture(data)`, the SVG of its first state.
"""
