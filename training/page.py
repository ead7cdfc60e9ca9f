"""A page in one HTML file, which asks for nothing else."""

from collections.abc import Iterable

from training.markup import Html, element, join

#: What a browser may load: nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = Html("""
:root { color-scheme: light dark; --text: #1c1f23; --back: #fdfdfc; --faint: #6a6f76; --line: #d9dbde; --head: #f1f2f3;
  --accent: #1f5fa8; --gap: #c2571a; --mark: #ffe08a; --on-mark: #1c1f23; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e6e9; --back: #15181b; --faint: #9aa0a8; --line: #373c42; --head: #20252a; --accent: #7fb4ee;
    --gap: #ee9a66; --mark: #6b5310; --on-mark: #fff3cf; } }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 70rem; color: var(--text); background: var(--back);
  font: 1rem/1.5 system-ui, sans-serif; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2rem 0 .6rem; }
h2 { border-top: 2px solid var(--line); padding-top: 1.2rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9rem; }
caption { text-align: start; padding-bottom: .4rem; color: var(--faint); }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: start; vertical-align: top; }
thead th { background: var(--head); white-space: nowrap; }
.text { min-width: 18rem; }
tbody th { min-width: 6rem; }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
mark { background: var(--mark); color: var(--on-mark); padding: 0 .15em; border-radius: .2em; }
.beside { display: flex; flex-wrap: wrap; gap: 1rem 3rem; align-items: flex-start; } .beside > * { max-width: 100%; }
figure { margin: 1rem 0; } figcaption { color: var(--faint); font-size: .9rem; max-width: 22rem; }
svg { max-width: 100%; height: auto; } .wide svg { max-width: none; }
svg text { fill: var(--faint); font: 11px system-ui, sans-serif; }
.grid { stroke: var(--line); stroke-width: .5; } .diagonal { stroke: var(--faint); stroke-dasharray: 4 4; }
.gap { stroke: var(--gap); stroke-width: 2; } .dot { fill: var(--accent); fill-opacity: .85; }
""")


def render_page(title: str, content: Iterable[str]) -> str:
    """The whole page; it needs neither a network nor another file."""
    head = join(
        (
            Html('<meta charset="utf-8">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
            element("title", title),
            element("style", _STYLE),
        )
    )
    page = element("html", element("head", head), element("body", element("main", join(content))), lang="en")
    return f"<!doctype html>\n{page}\n"
