"""What is shown: sheets and charts (`plots`), films (`video`), diagrams (`diagrams`, `architectures`)."""

from facegen.utils import lazy

__getattr__, __dir__ = lazy.exports(
    __name__, {"contact_sheet": "plots", "write_gif": "video", "write_mp4": "video"}
)
