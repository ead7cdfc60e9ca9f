"""Columns that stand in the folders of a file's name, as Hive and Spark put them: ``outlet=Post/year=2024/a.csv``."""

from urllib.parse import unquote

from service.archive.storage import is_url
from service.archive.values import read_cell

#: How Hive writes that there is no value.
_NONE = "__HIVE_DEFAULT_PARTITION__"


def read_partitions(url: str) -> dict[str, object]:
    """The columns of an input that its folders name, with their values, read as cells of CSV are.

    Args:
        url: the input's; of a file within another (``zip://...::...``), the inner one's folders count.
    """
    path = url.partition("::")[0] if is_url(url) else url
    pairs = (folder.partition("=") for folder in path.split("/")[:-1])
    return {
        unquote(name): None if value == _NONE else read_cell(unquote(value))
        for name, sign, value in pairs
        if name and sign
    }
