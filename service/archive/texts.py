"""Plain text: one document a file."""

from collections.abc import Iterator

from service.archive.article import Columns, Extent, Place, Rejection
from service.archive.lines import EncodingError, decode
from service.archive.record import FaultError, Record, reject
from service.archive.stream import Stream, open_at
from service.archive.tally import Tally
from service.archive.whole import check_whole, read_whole


def survey(stream: Stream, tally: Tally) -> None:
    """Count the one record.

    Raises:
        DamageError: the file is damaged.
    """
    check_whole(stream)
    tally.add()


def read(extent: Extent, columns: Columns) -> Iterator[Record | Rejection]:
    """The one record."""
    place = Place(extent.input.url, extent.first)
    with open_at(extent.input, 0) as stream:
        try:
            yield Record(place, {columns.text: decode(read_whole(stream), stream.encoding, stream.begin)})
        except (FaultError, EncodingError) as error:
            yield reject(place, str(error))
