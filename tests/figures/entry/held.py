"""What the figures hold of a county's month."""

from keshu.figures.book import book
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.terms.period import Period


def value(county, code, period, region=None):
    """What the figures hold, in the measure's stored unit."""
    revision = moments.latest()
    reader = Reader(book(revision), revision)
    measure, stretch, subject = county.rows[code].measure, Period.parse(period), (region or county.region).pk
    reader.load([measure], [subject], [stretch])
    return reader.value(measure, subject, stretch)
