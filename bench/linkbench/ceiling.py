"""The ceiling: the share of linked posts that the facts in them can decide."""

from collections.abc import Sequence

from bench.linkbench.rows import Row


def ceiling(rows: Sequence[Row]) -> float:
    """Give the mean of 1/k over linked posts, for the k open cases that fit what the post and its profile say as well.

    A case fits as well where it is about the same product or tells the same story, lies in the same town where a town
    is shown, and bears the same surname where one is shown.
    """
    shares = []
    for row in rows:
        fitting = row.linkable()
        true = next((case for case in row.cases if case.case_id == row.item.answer and case.case_id in fitting), None)
        if true is None or any(ref.value in true.references for ref in row.clues.references):
            continue
        subject = true.text.split(" \n ")[0]
        place = true.town in row.clues.home
        name = bool(set(row.clues.name.lasts) & set(true.name.lasts))
        given = row.clues.name.given and row.clues.name.given in true.name.givens
        product = set(true.product) & set(row.clues.stems)
        alike = [
            case
            for case in row.cases
            if case.case_id in fitting
            and (case.text.split(" \n ")[0] == subject or (product and case.product == true.product))
            and (not place or case.town == true.town)
            and (not name or set(case.name.lasts) & set(true.name.lasts))
            and (not given or row.clues.name.given in case.name.givens)
        ]
        shares.append(1 / max(len(alike), 1))
    return sum(shares) / max(len(shares), 1)
