"""Reports as tables to read, and as JSON."""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np

DOZEN = 12  # of more columns only the best and the worst are shown


def plain(value):
    """A report as JSON can hold it: six digits of each number, None for what is no number.

    Example:
        >>> plain({"f1": 2 / 3, "counts": (3, 4), "floor": float("nan")})
        {'f1': 0.666667, 'counts': [3, 4], 'floor': None}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def as_json(report: Mapping) -> str:
    """A report as the text of a JSON file.

    Example:
        >>> print(as_json({"f1": 2 / 3, "floor": float("nan")}), end="")
        {
         "f1": 0.666667,
         "floor": null
        }
    """
    return json.dumps(plain(report), indent=1, allow_nan=False) + "\n"


def as_text(report: Mapping) -> str:
    """A report as tables.

    Example:
        >>> drawn = {"psnr": 21.5, "ssim": 0.71}
        >>> print(as_text({"counts": {"held_out": 8}, "pictures": {"drawn": drawn}, "change": {}}))
        8 held-out pictures: how near each guess is to them
        <BLANKLINE>
               PSNR in dB   SSIM
        drawn       21.50  0.710
        <BLANKLINE>
        Cosine of the drawn and the true change, against the mean of all else the same (0: any mean)
        <BLANKLINE>
          cosine
    """
    return gan_tables(report) if "control" in report else deconv_tables(report)


def gan_tables(report: Mapping) -> str:
    """Control and toggles of every attribute, best first; the means; fidelity and neighbours."""
    control, toggle, counts = (report[name] for name in ("control", "toggle", "counts"))
    rows = [
        _attribute(name, control["attributes"][name], toggle["attributes"][name])
        for name in sorted(control["attributes"], key=lambda name: -_or(control["attributes"][name]["f1"]))
    ]
    means = {f"{end}": control[f"f1{end}_mean"] for end in ("", "_ceiling", "_floor")}
    rows.append(["mean of all", "", *map(_score, means.values())] + [""] * (len(_HEAD) - 5))
    seen = {key.removesuffix("_mean"): value for key, value in toggle.items() if key.endswith("_mean")}
    rows.append([f"mean of {len(toggle['visible'])} seen", "", "", "", "", *_toggled(seen)])
    return "\n\n".join(
        [
            f"F1: what the classifier reads, for {counts['requests']} held-out requests drawn "
            f"{counts['noise_seeds']} times. Ceiling: real pictures. Floor: {control['floor']}.\n"
            f"Seen: how often the classifier sees a switch, of {toggle['people']} people.\n"
            "Others: how many other readings change. Region: cosine of where pictures change and\n"
            "where they should. Truth: true pictures' own.",
            aligned(_HEAD, rows),
            _bars(report),
            f"Fidelity in the classifier's features, about {counts['pictures_in_each_half']} pictures "
            f"of each (mean of {counts['splits']} splits, and their spread)",
            aligned(["", "Frechet", "", "kernel", "", "coverage", ""], _fidelity(report["fidelity"])),
            *_lopsided(report["fidelity"]),
            "Distance to the nearest training picture: drawn much nearer than real is learned by heart",
            aligned(["", "drawn", "real"], _neighbours(report["neighbours"])),
        ]
    )


_HEAD = ["attribute", "in table", "F1", "ceiling", "floor"]
_HEAD += ["seen", "truth", "others", "truth", "region", "truth", "floor"]


def _attribute(name: str, control: Mapping, toggle: Mapping) -> list[str]:
    scores = [_score(control[key]) for key in ("f1", "ceiling", "floor")]
    return [name, _share(control["frequency"]), *scores, *_toggled(toggle)]


def _toggled(row: Mapping) -> list[str]:
    shares = [_share(row.get(key)) for key in ("flipped", "flipped_truth")]
    others = [_share(row.get(key), 1) for key in ("others", "others_truth")]
    return shares + others + [_score(row.get(key)) for key in ("region", "region_truth", "region_floor")]


def _bars(report: Mapping) -> str:
    control, toggle = report["control"], report["toggle"]
    accuracy = [_score(control[f"balanced_accuracy{end}_mean"]) for end in ("", "_ceiling", "_floor")]
    lines = [
        f"F1 is {_score(control['f1_of_ceiling'])} of its ceiling; its spread between noise seeds is "
        f"{_score(control['f1_spread'], 3)}.",
        "Balanced accuracy: {}, ceiling {}, floor {}.".format(*accuracy),
        f"Seen by it, but under half of the ceiling: {', '.join(control['under_half']) or 'none'}.",
        f"A switch is seen in {_share(toggle['flipped_mean'])} of cases; while another one is switched, in "
        f"{_share(toggle['flipped_by_others_mean'], 1)}.",
    ]
    return "\n".join(lines)


def _fidelity(sets: Mapping) -> list[list[str]]:
    digits = {"frechet": 1, "kernel": 1, "coverage": 2}
    rows = []
    for name, row in sets.items():
        if isinstance(row, Mapping):
            pairs = [(row[key], row[f"{key}_spread"], places) for key, places in digits.items()]
            cells = [(_score(value, n), f"± {_score(spread, n)}") for value, spread, n in pairs]
            rows.append([name, *(cell for pair in cells for cell in pair)])
    return rows


def _lopsided(sets: Mapping) -> list[str]:
    """One line; none for a report that was written before this was measured."""
    drawn, real = (sets[name].get("asymmetry") for name in ("drawn", "real"))
    if real is None:
        return []
    return [f"A drawn face and its mirror image differ by {drawn:.1f} grey levels, a real one by {real:.1f}."]


def _neighbours(found: Mapping) -> list[list[str]]:
    spaces = {"features": "in features", "pixels": "in grey levels"}
    return [
        [words, *(_score(found[space][key]) for key in ("drawn", "real"))] for space, words in spaces.items()
    ]


def difficulty_table(report: Mapping) -> str:
    """Which attributes a GAN heeds least, beside what may be the reason; the last line tells which reason is.

    Heeded is the way from the floor (0) to the ceiling (1) that its F1 has gone. Rare: the share of the
    rarer answer in the table. Area and change: how much of true pictures it changes, how far (of clay).

    Example:
        >>> scores = {"f1": 0.6, "ceiling": 0.8, "floor": 0.4, "frequency": 0.98}
        >>> report = {"control": {"attributes": {"Young": scores}}, "toggle": {"attributes": {"Young": {}}}}
        >>> print(difficulty_table(report).splitlines()[1].split())  # half of the way, and 2 % are old
        ['Young', '0.50', '2', '%', '0.80', '-', '-']
    """
    control, toggle = report["control"]["attributes"], report["toggle"]["attributes"]
    rows = {}
    for name, row in control.items():
        rare, seen = min(row["frequency"], 1 - row["frequency"]), toggle[name]
        rows[name] = [_heeded(row), rare, row["ceiling"], seen.get("area"), seen.get("change_truth")]
    order = sorted(rows, key=lambda name: _or(rows[name][0], 9.0))
    shown = [[name, *_reasons(*rows[name])] for name in order]
    columns = list(zip(*(row for row in rows.values() if row[0] is not None), strict=True))
    same = ["", *(_score(rank_correlation(columns[0], column)) for column in columns[1:])]
    head = ["attribute", "heeded", "rare", "classifier's F1", "area", "change"]
    return aligned(head, [*shown, ["rank correlation with heeded", *same]] if columns else shown)


def _heeded(row: Mapping) -> float | None:
    """How far F1 has gone from floor to ceiling; None where nothing is seen that it could go to."""
    if None in (row["f1"], row["ceiling"], row["floor"]) or row["ceiling"] <= row["floor"]:
        return None
    return (row["f1"] - row["floor"]) / (row["ceiling"] - row["floor"])


def _reasons(heeded: float | None, rare: float, *seen: float | None) -> list[str]:
    ceiling, area, change = seen
    return [_score(heeded), _share(rare), _score(ceiling), _share(area), _score(change, 1)]


def rank_correlation(one: Sequence[float | None], other: Sequence[float | None]) -> float | None:
    """Spearman's: 1 if two columns have the same order, -1 if the reverse; None where it has no meaning.

    Example:
        >>> rank_correlation([1, 2, 3], [10, 20, 90]), rank_correlation([1, 2, 3], [9, 4, 1])
        (1.0, -1.0)
    """
    if None in one or None in other or len(one) < 3:
        return None

    def ranks(values):
        values = np.asarray(values, float)
        return (values[:, None] > values).sum(1) + (values[:, None] == values).sum(1) / 2

    a, b = ranks(one), ranks(other)
    return float(np.corrcoef(a, b)[0, 1]) if a.std() and b.std() else None


def deconv_tables(report: Mapping) -> str:
    """Each guess with its nearness to the truth; of each condition, how its change is drawn, best first."""
    guesses = {
        name: (_score(row["psnr"], 2), _score(row["ssim"], 3)) for name, row in report["pictures"].items()
    }
    words = {"drawn": "drawn", "learned": "drawn, seen in training", "mean": "mean of all"}
    rows = [
        [words.get(name, f"mean of the {name.replace('_', ' ')}"), *scores]
        for name, scores in guesses.items()
    ]
    changes = []
    for name, change in report["change"].items():
        best = sorted(change["columns"].items(), key=lambda item: -item[1])
        shown = best if len(best) <= DOZEN else [*best[: DOZEN // 2], *best[-DOZEN // 2 :]]
        changes += [[name, _score(change["cosine"])]] + [[f"  {column}", _score(x)] for column, x in shown]
    return "\n\n".join(
        [
            f"{report['counts']['held_out']} held-out pictures: how near each guess is to them",
            aligned(["", "PSNR in dB", "SSIM"], rows),
            "Cosine of the drawn and the true change, against the mean of all else the same (0: any mean)",
            aligned(["", "cosine"], changes),
            *(_recognition(report["recognition"]) if "recognition" in report else ()),
            *(_between(report["between"]) if "between" in report else ()),
            *(turn_table(report["turn"]) if "turn" in report else ()),
        ]
    )


def _recognition(report: Mapping) -> list[str]:
    """Shares of drawn pictures that are read as what was asked, and what the others are read as."""
    shares = ("drawn", "ceiling", "floor")
    counts = dict(zip(report["names"], report["confusion"], strict=True))
    rows = [
        [column, *(_score(row[key]) for key in shares), *(str(n) if n else "." for n in counts[column])]
        for column, row in report["columns"].items()
    ]
    rows.append(["all", *(_score(report[key]) for key in shares), *[""] * len(counts)])
    doubt = ", ".join(report["disagrees"])
    return [
        "Emotions read as asked, by a classifier that never saw a drawn face. Ceiling: true pictures.\n"
        "Floor: the mean of the person's other emotions. Right of that, how often each was read",
        aligned(["asked", *shares, *(name[:3] for name in counts)], rows),
        f"Drawn faces are read at {_score(report['of_ceiling'])} of the ceiling."
        + (f"\nThe cosine calls right what the classifier cannot read: {doubt}." if doubt else ""),
    ]


def _between(report: Mapping) -> list[str]:
    """How near to the truth half-way between emotions, beside cross-fades; the pairs, best first."""
    error = report["error"]
    guesses = {
        "half of each": ("drawn", report["nearer"]),
        "mixture of unit length": ("unit", report["nearer_unit"]),
        "cross-fade of the drawn": ("fade", None),
        "cross-fade of the true": ("true_fade", None),
    }
    rows = [[name, _score(error[key], 2), _share(share, 1)] for name, (key, share) in guesses.items()]
    pairs = sorted(report["columns"].items(), key=lambda item: -item[1])
    return [
        f"Half-way between two emotions, {report['people']} people: how near to the face with the muscles "
        "half-way",
        aligned(["", "grey levels", "nearer than the drawn cross-fade"], rows),
        f"Half of each is nearer than the cross-fade of the true in {_share(report['nearer_true'], 1)}.\n"
        f"Cosine of what no cross-fade has, drawn and true: {_score(report['cosine'])} (0: any cross-fade).",
        aligned(["", "nearer"], [[name, _share(share)] for name, share in pairs]),
    ]


def turn_table(report: Mapping) -> list[str]:
    """Of a `turn_report`: PSNR and SSIM by the distance from an angle seen, beside what costs nothing.

    Example:
        >>> same = {"psnr": [30.0], "ssim": [0.9]}
        >>> report = {"heads": 1, "off": [22.5], "drawn": same, "nearest": same, "fade": same}
        >>> report |= {"sharpness": [1.0], "doubled": {"drawn": 0.5, "truth": 0.4}}
        >>> "unseen" in turn_table(report)[0], turn_table(report)[1].splitlines()[1]
        (False, 'drawn                     30.0 / 0.900')
    """
    words = {"drawn": "drawn", "nearest": "nearest true view", "fade": "cross-fade of true views"}
    rows = [
        [
            word,
            *(f"{p:.1f} / {s:.3f}" for p, s in zip(report[name]["psnr"], report[name]["ssim"], strict=True)),
        ]
        for name, word in words.items()
    ]
    rows.append(["sharpness", *(_share(share) for share in report["sharpness"])])
    doubled = report["doubled"]
    return [
        f"Heads that turn, {report['heads']} of them: PSNR in dB / SSIM by degrees from the nearest angle\n"
        "seen, and sharpness, as a share of the truth's",
        aligned(["", *(f"{off:g}" for off in report["off"])], rows),
        "What a mixture of the neighbouring views explains, between the angles seen: "
        f"{_score(doubled['drawn'])} of what is drawn, {_score(doubled['truth'])} of the truth.",
    ]


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, the first flush left, the others right.

    Example:
        >>> print(aligned(["", "F1"], [["Smiling", "0.9"], ["Bald", "0.75"]]))
                   F1
        Smiling   0.9
        Bald     0.75
    """
    table = [list(head), *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = [
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]
    return "\n".join(line.rstrip() for line in lines)


def _or(value: float | None, otherwise: float = -1.0) -> float:
    return otherwise if value is None or math.isnan(value) else value


def _score(value: float | None, digits: int = 2) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _share(value: float | None, digits: int = 0) -> str:
    return "-" if value is None or math.isnan(value) else f"{100 * value:.{digits}f} %"
