"""What a set of clay says about itself: a card for people, and its odds as a file that can be edited."""

from collections.abc import Mapping

import yaml

from facegen.clay.odds import TABLE, default
from facegen.clay.writer import RENDERER_VERSION

CELEBA = """# Toy people in CelebA's format

{count:,} pictures, drawn by facegen's renderer clay (look {look}, seed {seed}, {backdrops} backdrops).
Nobody in them exists, and each picture says so in its EXIF data.

{labels}

Which attributes these people have, and which go together, was **written by the authors of the course**,
roughly after CelebA; nobody counted it among real people. A network that learns from this set learns these
habits with it: no man wears lipstick here unless the table says so. What *Attractive*, *Male* or *Young*
look like is a convention, too: here "attractive" is a symmetric face, and says nothing about anybody. Do
not use a model of this set to judge real people.

The table of this set, also in `odds.yaml`. Edit a copy, and

    facegen data clay-celeba DIR --odds FILE --backdrops {backdrops}

draws another world:

```yaml
{odds}
```
"""
TRUE = "Every label is true: the picture was drawn from it."
NOISY = (
    "About {share:.0%} of the labels are wrong, most where people disagree about CelebA's faces; "
    "`list_attr_celeba_true.txt` has the true ones."
)


def odds_text(odds: Mapping) -> str:
    """Odds as YAML; those of clay with their comments."""
    if odds == default():
        return TABLE.read_text(encoding="utf-8")
    return yaml.safe_dump(dict(odds), sort_keys=False, default_flow_style=None, width=100)


def celeba(fixed: Mapping, extent: Mapping, odds: Mapping) -> str:
    """The card of a set in CelebA's format, from what its note says."""
    share = fixed["label_noise"]
    return CELEBA.format(
        count=extent["count"],
        look=RENDERER_VERSION,
        seed=fixed["seed"],
        backdrops=fixed["backdrops"],
        labels=NOISY.format(share=share) if share else TRUE,
        odds=odds_text(odds).strip(),
    )
