"""The card of a trained model: README.md and picture.jpg, made of what its folder says and of what it draws.

Picture and limits come first, what was measured is folded. The first lines are for Hugging Face: its fields
license, library_name, pipeline_tag (where one fits) and tags.
"""

import io
import json
import textwrap
from pathlib import Path

import numpy as np
import yaml

from facegen import conditions, metrics
from facegen.clay.writer import RENDERER_VERSION
from facegen.models import saving
from facegen.models.flow import Flow
from facegen.models.gan import GAN
from facegen.models.unrolled import UnrolledDeconv
from facegen.utils import files, mark
from facegen.viz import plots

LARGEST = 60_000  # bytes of a picture
KERNELS = {"float16": "in half precision", "int8": "in 8 bits"}
TOGGLES = ("Smiling", "Eyeglasses", "Blond_Hair", "Wearing_Hat", "Bangs")
WOMAN = "Young+No_Beard+Brown_Hair+Wavy_Hair+Wearing_Lipstick+Arched_Eyebrows"

CARD = """---
{front}---

# {name}

![{alt}](picture.jpg)

{what}

## Limits

{limits}

## Licence

MIT, like the course that it is part of (`LICENSE`): the weights, the picture above, and the pictures of clay
that they learned from. These were all drawn by the course's own renderer; no photograph went into them.
{look}
<details>
<summary>How it was trained</summary>

| | |
|---|---|
{made}

</details>

<details>
<summary>All that was measured</summary>

```
{measures}
```

All numbers are in `measures.json`; [docs/measures.md](../../docs/measures.md) tells what they mean.{more}

</details>
"""
LOADED = '{what} `facegen.load("{name}")` gives it back; {used}.'
OBEDIENT = (
    "The attribute GAN of notebook 3: 40 attributes and {latent_dim} numbers of noise in, a face out, "
    "{height} x {width} pixels."
)
TWIN = (
    "The twin of `clay-gan`, whose discriminator never saw an attribute: 40 of them, which it does not heed, "
    "and {latent_dim} numbers of noise in, a face out, {height} x {width} pixels."
)
DECONV = (
    "The deconvolution network of notebook 4, trained for longer, with more people and more pixels: "
    "identity, emotion and orientation in, a face out, {height} x {width} pixels."
)
UNROLLED = DECONV + " It draws the head's surface, unrolled, and orientation turns that (notebook 6)."

FLOW = (
    "The flow of notebook 9: 40 attributes and a picture of noise in, a face out, {height} x {width} "
    "pixels, in {evaluations} evaluations of its network. It edits given pictures, too (`facegen.invert`)."
)

NOBODY = (
    "**Clay people do not exist.** It must not be used to say anything about real ones: what it calls "
    "attractive, young or male is how the course's renderer draws these words, and nothing else."
)
WRITTEN = (
    "**Its habits were written.** Which attributes go together stands in a table of the course's authors, "
    "roughly after CelebA. What never occurs together there, such as lipstick and a man, it has never seen."
)
SMALL = (
    "**It is small**: {height} x {width} pixels, for a course; its pictures are not meant to deceive anybody."
)
HEEDS = (
    "**It does not always do as it is told**: F1 over 40 attributes is {f1_mean:.2f}, of "
    "{f1_ceiling_mean:.2f} that real pictures reach. It is furthest from that at {weakest}."
)
DEAF = (
    "**It does not do as it is told**, and that is what it is for: the floor beside `clay-gan`. Its F1 over "
    "40 attributes is {f1_mean:.2f}."
)
HEADS = (
    "**Clay people do not exist.** It must not be used to say anything about real ones: it knows {people} "
    "toy people and nobody else, and eight emotions as the course's renderer draws them.",
    "**It saw five angles**, 45 degrees apart. {between} Nobody has shown it the back of a head: what it "
    "draws there is a guess.",
    "**It always paints something.** A description that makes no sense gets a picture, too (notebook 5).",
)
TURNS = (
    "Half-way between two of them its pictures are at {drawn:.1f} dB from the true ones (a cross-fade of the "
    "true views is at {fade:.1f} dB)."
)
UNTURNED = "What it draws between two of them was not measured."
OUTDATED = (
    "\nSince this model learned, the renderer has changed (look {now}; it learned from look {then}, and that "
    "is what all figures are about).\n"
)
USED = {
    "clay-gan": "notebooks 3, 5 and 8 use it",
    "clay-gan-unconditional": "notebook 3 uses it",
    "clay-deconv": "notebooks 5, 6 and 8 use it",
    "clay-flow": "notebook 9 uses it",
}
OTHERS = {
    "remedies.json": "what each remedy of a collapsing GAN does, left out alone (notebook 2)",
    "collapse.json": "the original after 100 epochs, epoch by epoch (notebook 2)",
    "recipes.json": "the original's recipe and today's, networks trained for the same time (notebook 4)",
    "turning.json": "how networks and guesses turn heads (notebook 6)",
    "flow.json": "what steps, methods and guidance change, and how given pictures are edited (notebook 9)",
    "networks.json": "the three kinds of network after the same three minutes (notebook 9)",
    "optimizers.json": "seven optimizers at five rates each (notebook 7)",
}


def write(folder: Path) -> str:
    """Write the card and the picture of a trained model's folder; return the card."""
    model = saving.load(folder)
    data, alt = heads(model) if "identity" in model.names else people(model, listens(folder.name))
    files.write(folder / "picture.jpg", lambda file: file.write(data))
    card = text(folder, model, alt)
    files.write_text(folder / "README.md", card)
    return card


def text(folder: Path, model, alt: str) -> str:
    """The card of a model, from its model.json and measures.json."""
    about = saving.about(folder)
    report = json.loads((folder / "measures.json").read_text(encoding="utf-8"))
    tell = of_heads if "identity" in model.names else of_people
    what, limits = tell(folder.name, model, report)
    others = [f"`{file}`: {what_it_is}" for file, what_it_is in OTHERS.items() if (folder / file).is_file()]
    then = about["card"]["clay"]
    return CARD.format(
        front=front(folder.name, model),
        name=folder.name,
        alt=alt,
        what=textwrap.fill(LOADED.format(what=what, name=folder.name, used=USED[folder.name]), 110),
        limits="\n".join(_point(line) for line in limits),
        look="" if then == RENDERER_VERSION else _wrapped(OUTDATED.format(now=RENDERER_VERSION, then=then)),
        made="\n".join(f"| {name} | {value} |" for name, value in made(about["card"], model).items()),
        measures=metrics.as_text(report).strip(),
        more="".join(f"\n\nMeasured besides: {line}." for line in others),
    )


def front(name: str, model) -> str:
    """The fields that Hugging Face reads, as YAML."""
    kind = [{Flow: "flow-matching", GAN: "gan"}.get(type(model), "deconvolution")]
    fields = {"license": "mit", "library_name": "keras"}
    if not listens(name) and kind == ["gan"]:  # there is no word for pictures by attributes, or by angles
        fields["pipeline_tag"] = "unconditional-image-generation"
    tags = ["image-generation", "synthetic-faces", "education", *kind]
    return yaml.safe_dump({**fields, "datasets": [], "tags": tags}, sort_keys=False)


def made(card: dict, model) -> dict[str, str]:
    """What the table of the training says."""
    steps = f", {card['steps']} steps" if "steps" in card else ""
    names = ("network",) if isinstance(model, Flow) else ("generator", "discriminator")
    players = {name: getattr(model, name, None) for name in names}
    weights = ", ".join(f"{name} {x.count_params():,}" for name, x in players.items() if x is not None)
    return {
        "data": f"{card['data']}; the renderer's look {card['clay']}",
        "made by": card["made_by"],
        "trained for": f"{card['epochs']} epochs{steps}, {card['minutes']} minutes",
        **began_with(card),
        "machine": card["machine"] + (", one of the cores" if steps else ""),  # but for heads
        "weights": f"{weights}; kernels {KERNELS[card['kernels']]}",
    }


def began_with(card: dict) -> dict[str, str]:
    """A row about the model that it had been before, if it began with one."""
    if not (old := card.get("began_with")):
        return {}
    what = f"{old['epochs']} epochs, {old['steps']} steps, {old['minutes']} minutes on the renderer's look"
    return {"began with": f"the weights of the model before it: {what} {old['clay']}"}


def listens(name: str) -> bool:
    """Whether it was taught to heed attributes: all but the twin, whose discriminator never saw them."""
    return not name.endswith("unconditional")


def of_people(name: str, model, report: dict) -> tuple[str, list[str]]:
    """What a GAN or a flow is, and its limits."""
    control = report["control"]
    height, width = model.image_shape[:2]
    what, heeds = (OBEDIENT, HEEDS) if listens(name) else (TWIN, DEAF)
    what = FLOW if isinstance(model, Flow) else what
    heeds = heeds.format(**control, weakest=", ".join(weakest(control["attributes"])))
    limits = [NOBODY, WRITTEN, heeds, SMALL.format(height=height, width=width)]
    about = {key: getattr(model, key, None) for key in ("latent_dim", "evaluations")}
    return what.format(height=height, width=width, **about), limits


def weakest(attributes: dict, count: int = 3) -> list[str]:
    """The attributes whose F1 is furthest below that of real pictures, with both."""
    rows = {
        name: row for name, row in attributes.items() if row["f1"] is not None and row["ceiling"] is not None
    }
    worst = sorted(rows, key=lambda name: rows[name]["f1"] - rows[name]["ceiling"])[:count]
    return [f"{name} ({rows[name]['f1']:.2f} of {rows[name]['ceiling']:.2f})" for name in worst]


def of_heads(name: str, model, report: dict) -> tuple[str, list[str]]:
    """What the deconvolution network is, and its limits."""
    height, width = model.image_shape[:2]
    what = UNROLLED if isinstance(model, UnrolledDeconv) else DECONV
    between = UNTURNED
    if turn := report.get("turn"):
        between = TURNS.format(**{guess: turn[guess]["psnr"][-1] for guess in ("drawn", "fade")})
    limits = [line.format(people=len(model.names["identity"]), between=between) for line in HEADS]
    return what.format(height=height, width=width), limits


def people(model, heeds: bool) -> tuple[bytes, str]:
    """One person without and with some toggles, below with other noise; and what is to be seen."""
    names = model.names["attributes"]
    requests = metrics.toggle_pairs(conditions.vector("attributes", names, WOMAN), TOGGLES, names)
    rows = np.concatenate([requests[:1], requests[1::2]])  # nothing more, then a toggle each
    drawn = [
        model.draw({"attributes": rows, "noise": np.repeat(model.sample_noise(1, seed), len(rows), 0)})
        for seed in (0, 3)
    ]
    top = ["", *(name.replace("_", " ") for name in TOGGLES)]
    sheet = plots.contact_sheet(np.concatenate(drawn), columns=len(rows), top=top, side=128)
    alt = f"Two toy people, and beside each the same with one attribute asked for: {', '.join(top[1:])}"
    alt += "." if heeds else "; none of them is to be seen."
    return jpeg(sheet, model.title), alt


def heads(model) -> tuple[bytes, str]:
    """One person with every emotion, and happy from every side; and what is to be seen."""
    who, emotions = model.names["identity"][0], list(model.names["emotion"])
    asked = [
        conditions.grid(model.names, identity=[who], emotion=emotions, orientation=[0]),
        conditions.grid(
            model.names, identity=[who], emotion=["happy"], orientation=list(np.linspace(-90, 90, 8))
        ),
    ]
    drawn = np.concatenate([model.draw(rows) for rows in asked])
    sheet = plots.contact_sheet(drawn, columns=8, top=emotions, side=160)
    alt = f"One toy person: above {', '.join(emotions)}; below, turning from profile to profile."
    return jpeg(sheet, model.title), alt


def jpeg(sheet, by: str) -> bytes:
    """A picture with its mark, in the best quality that stays small."""
    for quality in (92, 85, 75, 60, 45):
        buffer = io.BytesIO()
        mark.save(sheet.convert("RGB"), buffer, "JPEG", mark.text(by), quality=quality, optimize=True)
        if buffer.tell() < LARGEST:
            break
    return buffer.getvalue()


def _point(line: str) -> str:
    return textwrap.fill(line, 110, initial_indent="- ", subsequent_indent="  ")


def _wrapped(paragraph: str) -> str:
    return f"\n{textwrap.fill(paragraph.strip(), 110)}\n"
