"""Quick-phrase libraries in workbooks: the sheet that holds the phrases as CSV text, and a corrected copy of it all."""

from __future__ import annotations

import csv
import io

from replylint.chatlog.sheets import read_sheets
from replylint.phrases import PHRASE_HEADER, Book


def read_book(data: bytes) -> Book:
    """The workbook of a file's bytes; raises OSError for one that cannot be read, ValueError without python-calamine.

    The phrases are on the first sheet whose first row has the header for them, else on the first sheet.
    """
    sheets = tuple(
        (sheet.name, tuple(tuple(row.cells) for row in sheet.rows)) for sheet in read_sheets(io.BytesIO(data))
    )
    with_header = (place for place, (_, rows) in enumerate(sheets) if rows and PHRASE_HEADER in map(str.strip, rows[0]))
    chosen = next(with_header, 0)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    starts = []
    for row in sheets[chosen][1] if sheets else ():
        starts.append(text.tell())
        writer.writerow(row)
    return Book(sheets, chosen, text.getvalue(), tuple(starts) or (0,))


def book_bytes(book: Book, text: str) -> bytes:
    """A workbook with the same sheets, the chosen one as `text` has it. All cells are text, as phrases are.

    Raises ImportError where XlsxWriter is missing.
    """
    import xlsxwriter

    changed = tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline="")))
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        plain = made.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for place, (name, rows) in enumerate(book.sheets):
            sheet = made.add_worksheet(name)
            for number, row in enumerate(changed if place == book.chosen else rows):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write_string(number, column, cell, plain)
    return file.getvalue()
