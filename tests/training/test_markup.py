from training.markup import Html, element, escape, join, marked, table


def test_text_is_escaped_once() -> None:
    assert escape("<b> & 'c'") == "&lt;b&gt; &amp; &#x27;c&#x27;"
    assert escape(escape("<b>")) == "&lt;b&gt;"
    assert join(("<", Html("<br>")), "&") == "&lt;&amp;<br>"


def test_attributes_are_escaped() -> None:
    assert (
        element("p", "a < b", class_="x", text_anchor='"y"') == '<p class="x" text-anchor="&quot;y&quot;">a &lt; b</p>'
    )


def test_a_mark_keeps_the_text_around_it_escaped() -> None:
    assert marked("<i> NATO & co", 4, 8) == "&lt;i&gt; <mark>NATO</mark> &amp; co"


def test_cells_of_a_table() -> None:
    content = table("What & why", ["<x>", "n", "F1"], [["row", 1234, 0.5]], named=True)
    assert "<caption>What &amp; why</caption>" in content
    assert '<th scope="col">&lt;x&gt;</th>' in content
    assert '<th scope="row">row</th><td class="number">1,234</td><td class="number">0.500</td>' in content
    assert '<th scope="col" class="number">n</th>' in content
