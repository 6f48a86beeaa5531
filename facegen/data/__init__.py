"""Face sets: a folder of pictures on disk -> `FaceSet` -> batches, whatever the data set's own format.

`reader` recognises what a folder is and asks the module of that format (`celeba`, `rafd`, `yaleb`,
`jaffe`, or `custom` for one's own tables); `validation` decodes every picture and doubts what a person
would; `pixels` keeps what was decoded, `loader` makes batches of it; `download` and `sources` fetch what
may be fetched.
"""

from facegen.utils import lazy

__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "PARTITIONS": "dataset",
        "Batches": "loader",
        "FaceSet": "dataset",
        "load_pixels": "pixels",
        "Report": "validation",
        "read": "reader",
        "validate": "validation",
    },
)
