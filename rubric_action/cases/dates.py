"""Dates as they are stored: ISO 8601 texts that begin with the day, `2026-03-31`."""

from datetime import datetime


def iso_date(text: str) -> str:
    """An ISO 8601 date or time that begins with its day; ValueError for anything else.

    Other forms of ISO 8601 (`20260331`, `2026W13T10:00`) are written anew, so that whoever asks
    for the day may take the first ten characters.
    """
    moment = datetime.fromisoformat(text)
    return text if text.startswith(moment.date().isoformat()) else moment.isoformat()
