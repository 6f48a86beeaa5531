"""Where the real data sets come from: files with their sizes and hashes, licences, whom to ask."""

from dataclasses import dataclass
from pathlib import Path

from facegen.data import storage
from facegen.utils import files

HEAD = 512  # bytes that tell what a file is


@dataclass(frozen=True)
class Source:
    """A published file.

    Attributes:
        name: of the file.
        id: in Google Drive.
        size: in bytes.
        sha256: as hex digits.
        magic: what it begins with.
    """

    name: str
    id: str
    size: int
    sha256: str
    magic: bytes

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"https://drive.google.com/uc?id={self.id}"

    def fault(self, path: Path) -> str:
        """In what a file differs from the published one ("": in nothing)."""
        size = path.stat().st_size
        with open(path, "rb") as file:
            head = file.read(HEAD)
        if storage.is_page(head):
            return storage.WEB_PAGE
        if size != self.size:
            return f"{size:,} bytes, expected {self.size:,}"
        if not head.startswith(self.magic):
            return f"begins with {head[:12]!r}, expected {self.magic!r}"
        digest = files.sha256(path)
        return f"SHA-256 {digest}, expected {self.sha256}" if digest != self.sha256 else ""


# The small ones first: they are there when Google Drive has used up its quota for the large one.
CELEBA = (
    Source(
        "list_attr_celeba.txt",
        "0B7EVK8r0v71pblRyaVFSWGxPY0U",
        26_721_026,
        "f0e5da289d5ccf75ffe8811132694922b60f2af59256ed362afa03fefba324d0",
        b"202599",
    ),
    Source(
        "list_eval_partition.txt",
        "0B7EVK8r0v71pY0NSMzRuSXJEVkk",
        2_836_386,
        "fc955bcb3ef8fbdf7d5640d9a8693a8431b5f2ee291a5c1449a1549e7e073fe7",
        b"000001.jpg ",
    ),
    Source(
        "identity_CelebA.txt",
        "1_ee_0u7vcNLOfNLegJRHmolfH5ICW-XS",
        3_424_458,
        "c6143857c3e2630ac2da9f782e9c1232e5e59be993a9d44e8a7916c78a6158c0",
        b"000001.jpg ",
    ),
    Source(
        "img_align_celeba.zip",
        "0B7EVK8r0v71pZjFTYXZWM3FlRnM",
        1_443_490_838,
        "46fb89443c578308acf364d7d379fe1b9efb793042c0af734b6112e4fd3a8c74",
        b"PK\x03\x04",
    ),
)
CELEBA_PAGE = "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"

CELEBA_LICENCE = f"""\
CelebA belongs to the Multimedia Laboratory of the Chinese University of Hong Kong; the photographs in it
were found on the internet and belong to others. It may be used on these terms:

- for non-commercial research, and for nothing else: neither the pictures nor anything derived from them
  may be sold, traded or put to commercial use;
- it may not be redistributed: no part of it may be copied to others or published, except within one site
  of your own organisation;
- the laboratory may end your access at any time, and is not responsible for what the pictures show.

The text that counts is the agreement on {CELEBA_PAGE}
To accept it and download 1.5 GB:

    facegen data celeba {{folder}} --accept-licence
"""

# What to do for the sets that are given to persons, not to programs.
ASK = {
    "rafd": """\
The Radboud Faces Database is given to researchers of accredited universities, each on request, for
scientific work; students use it under a supervisor who has asked for it. It may not be passed on, and
neither may a model trained on it.

1. Ask for it on https://rafd.socsci.ru.nl
2. Put the pictures, or a .zip of them, under the names they have into {folder}:
       {folder}/Rafd090_01_Caucasian_female_angry_frontal.jpg
       ...
3. facegen data check {folder}
   expects names of this form and pictures of one size (681 x 1024). The whole set is 8,040 pictures: 67
   people, 8 emotions, 3 gazes, 5 angles. The course takes adults with frontal gaze: 2,280.
""",
    "yaleb": """\
The Extended Yale Face Database B is free for research. Its authors have moved it more than once; ask your
search engine for its name and CroppedYale.zip.

1. Get CroppedYale.zip, the 2,414 frontal pictures of 38 people cut to their faces, or the whole set.
2. Put it, unpacked or not, into {folder}:
       {folder}/yaleB01/yaleB01_P00A+000E+00.pgm
       ...
3. facegen data check {folder}
   expects names of this form and pictures of one size (168 x 192; 640 x 480 in the whole set). It passes
   over _Ambient.pgm and the files that end in .bad.
""",
    "jaffe": """\
JAFFE, the Japanese Female Facial Expression set, is given on request for non-commercial research.

1. Ask for it on https://zenodo.org/record/3451524; read all of that page first.
2. Put the pictures and README_FIRST.txt into {folder}:
       {folder}/KA.AN1.39.tiff
       ...
   Where the README lacks the table of semantic ratings, copy that into {folder}/semantic-ratings.csv:
       N,HAP,SAD,SUR,ANG,DIS,FEA,PIC
       1,2.87,2.52,2.10,1.97,1.97,2.06,KM-NE1
       ...
3. facegen data check {folder}
   expects 213 pictures of one size (256 x 256), and for each a row of ratings.
""",
}
