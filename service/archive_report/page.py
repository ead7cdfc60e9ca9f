"""The page: everything in one file, which loads nothing."""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.archive_report import prose
from service.archive_report.charts import Spec, frame_colour, frame_dash, stance_colours
from service.archive_report.dataset import Dataset
from service.archive_report.findings import Findings
from service.archive_report.matrix import FEW, across_frames, across_outlets
from service.archive_report.panels import outlet_panels, stance_plot, time_panels
from service.archive_report.tables import Tables

_FOLDER = Path(__file__).parent / "page"
_SERVICE_PAGE = Path(__file__).parent.parent / "page"
_MOST_ROWS = 500
_SNIPPET = "window.vegaEmbed = vegaEmbed;"
GENERATOR = '<meta name="generator" content="frameline report">'


def render(findings: Findings, tables: Tables, datasets: dict[str, Dataset], data_link: str, data_name: str) -> str:
    """The whole page as HTML.

    Args:
        findings: what is told.
        tables: where it comes from.
        datasets: the tables of all figures, by name.
        data_link: the address of the folder with CSV files, relative to the page.
        data_name: that folder's name.
    """
    manifest, plots = tables.manifest, dict[str, Spec]()
    over_time = [] if findings.timeline is None else time_panels(findings.timeline, manifest)
    by_outlet = [] if findings.outlets is None else outlet_panels(findings.outlets, manifest)
    plots.update({panel.id: panel.spec for panel in (*over_time, *by_outlet)})
    if findings.actors is not None:
        plots["stances"] = stance_plot(findings.actors, manifest)
    scripts = [_script(_vega()), _script((_FOLDER / "report.js").read_text(encoding="utf-8"))]
    return _environment().get_template("report.html").render(
        manifest=manifest,
        tables=tables,
        **findings._asdict(),
        **prose.write(findings, tables),
        data=datasets,
        data_link=data_link,
        data_name=data_name,
        time_panels=over_time,
        outlet_panels=by_outlet,
        by_outlet=None if findings.actors is None else across_outlets(findings.actors, manifest),
        crossing=None if findings.actors is None else across_frames(findings.actors, manifest),
        few=FEW,
        most_rows=_MOST_ROWS,
        colours=[frame_colour(number) for number in range(len(manifest.frames))],
        dashes=[" ".join(map(str, frame_dash(number))) for number in range(len(manifest.frames))],
        stance_swatches=stance_colours(len(manifest.stances)),
        overall_top=max((share.high or share.share) for share in findings.overall) or 1,
        css=Markup(_palette() + (_FOLDER / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own
        icon="data:image/svg+xml;base64," + base64.b64encode((_SERVICE_PAGE / "icon.svg").read_bytes()).decode(),
        script_hashes=Markup(" ".join(_hash(script) for script in scripts)),  # noqa: S704 - hexadecimal
        vega=scripts[0],
        js=scripts[1],
        plots=_data(plots),
    )  # fmt: skip


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )


def _palette() -> str:
    """The colours of the service's page."""
    root, _, _ = (_SERVICE_PAGE / "page.css").read_text(encoding="utf-8").partition("\n}\n")
    return ":root {\n" + "\n".join(re.findall(r"^  (?:--|color-scheme).*$", root, re.MULTILINE)) + "\n}\n"


@cache
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed in one script, from the package; nothing is fetched."""
    major, minor, *_ = alt.SCHEMA_VERSION.removeprefix("v").split(".")
    return str(vl_convert.javascript_bundle(_SNIPPET, vl_version=f"{major}.{minor}"))


def _script(content: str) -> Markup:
    """A script that can stand in a page: it must not end the element."""
    return Markup(content.replace("</script", "<\\/script").replace("<!--", "<\\!--"))  # noqa: S704 - our own and Vega's


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _data(content: Any) -> Markup:
    """JSON that can stand in a page, whatever texts are in it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704
