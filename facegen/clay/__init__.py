"""Clay: toy people, drawn by the course itself.

    clay.person({"Male": 1, "Smiling": 1}, seed=7)   a Face, from CelebA's attributes
    clay.model(1, "happy", angle=22.5)               a Face, from RaFD's identity, emotion and camera angle
    clay.draw(face, 64, 64)                          its picture, uint8 (64, 64, 3)
    clay.celeba(folder, 6000)                        a folder in CelebA's format
    clay.rafd(folder)                                a folder in RaFD's format
    clay.yaleb(folder)                               a folder in Extended Yale B's format
    clay.sitter(1, light=(35, -20))                  a Face, from Yale's number and the lamp's place
    clay.mask(face, 64, 64)                          which pixels show the person, bool (64, 64)
    clay.shown(path), clay.mask_of(path)             the Face of a picture in such a folder, and its mask
    clay.complete(folder)                            whether such a folder is finished

numba is loaded, and the renderer compiled (about 20 seconds, once), when a picture is first drawn.
"""

from facegen.utils import lazy

__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "Face": "face",
        "person": "celeba_people",
        "Population": "population",
        "model": "rafd_people",
        "EMOTIONS": "rafd_people",
        "draw": "render",
        "mask": "render",
        "shown": "lookup",
        "mask_of": "lookup",
        "celeba": "as_celeba",
        "rafd": "as_rafd",
        "yaleb": "as_yaleb",
        "sitter": "as_yaleb",
        "complete": "writer",
    },
)
