"""Pieces of HTML, in which every text is escaped."""

import html
from collections.abc import Iterable, Sequence

Cell = str | int | float
#: A cell of more characters than this is running text.
_LABEL = 40


class Html(str):
    """Text that is HTML already; any other string is escaped where it enters a page."""

    __slots__ = ()


def escape(text: str) -> Html:
    """``text`` as HTML, unless it is HTML already."""
    return text if isinstance(text, Html) else Html(html.escape(text))


def join(parts: Iterable[str], between: str = "\n") -> Html:
    """The parts one after the other."""
    return Html(escape(between).join(escape(part) for part in parts))


def element(name: str, *content: str, **attributes: str) -> Html:
    """An element; the underscore at the end of an attribute's name (``class_``) is dropped, others become hyphens."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{given}>{join(content, '')}</{name}>")


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, named: bool = False) -> Html:
    """A table; numbers and the headings above them stand at the right, floats have three decimals.

    Args:
        caption: what it shows.
        headings: one a column.
        rows: the cells.
        named: whether the first cell of a row names it.
    """
    given = [list(row) for row in rows]
    numbers = {place for row in given for place, cell in enumerate(row) if not isinstance(cell, str)}
    head = element("tr", *(_heading(heading, place in numbers) for place, heading in enumerate(headings)))
    body = join(element("tr", *(_cell(cell, named and not place) for place, cell in enumerate(row))) for row in given)
    content = element("table", element("caption", caption), element("thead", head), element("tbody", body))
    return scrolling(content, caption)


def scrolling(content: str, label: str) -> Html:
    """What may be wider than the screen: it scrolls within itself, by keyboard too."""
    return element("div", content, class_="wide", tabindex="0", role="group", aria_label=label)


def marked(text: str, start: int, end: int) -> Html:
    """``text`` with a part highlighted; ``start`` and ``end`` count code points."""
    return join((text[:start], element("mark", text[start:end]), text[end:]), "")


def _heading(heading: str, number: bool) -> Html:
    return element("th", heading, scope="col", class_="number") if number else element("th", heading, scope="col")


def _cell(cell: Cell, heading: bool) -> Html:
    if heading:
        return element("th", str(cell), scope="row")
    if isinstance(cell, str):
        return element("td", cell, class_="text", dir="auto") if len(cell) > _LABEL else element("td", cell)
    return element("td", f"{cell:.3f}" if isinstance(cell, float) else f"{cell:,}", class_="number")
