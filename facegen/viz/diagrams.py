"""Ideas as diagrams: how data flows through the course, and what happens in its networks, drawn by code.

The networks themselves, with their shapes, are drawn by architectures.py.
"""

import numpy as np

from facegen.viz.svg import SMALL, Diagram, Drawing


def course_map() -> Diagram:
    """What goes where in this course, from faces to panels and figures, with the numbers of the notebooks.

    Example:
        >>> "GAN: two players" in course_map().svg
        True
    """
    says = (
        "Faces, drawn by clay or your own, become pictures and conditions (notebook 1). From both, a GAN "
        "learns to draw what toggles ask for (2, 3), and a deconvolution network a person with an "
        "emotion, seen from somewhere (4 to 7), and a flow the way from noise to a face (9). What they draw "
        "goes to the panel (0, 8), to films (5), and to measures (all). Who is in the faces, notebook 10 "
        "asks."
    )
    drawing = Drawing(760, 250, "Data flow of the course", says)
    faces = drawing.box(16, 125, "faces: clay,\nor your own\n(1, 10)", "picture")
    pixels = drawing.box(180, 62, "pictures", "picture", width=120)
    rows = drawing.box(180, 188, "conditions", "condition", width=120)
    networks = [
        drawing.box(352, y, text, "learned", width=180)
        for y, text in (
            (40, "GAN: two players\n(2, 3)"),
            (125, "deconvolution\nnetwork (4 to 7)"),
            (210, "flow from noise\n(9)"),
        )
    ]
    for there in (pixels, rows):
        drawing.arrow(faces.right, there.left)
        for network in networks:
            drawing.arrow(there.right, network.left)
    for y, text in ((32, "the panel (0, 8)"), (125, "films (5)"), (218, "measures (all)")):
        made = drawing.box(588, y, text, "loss" if "measures" in text else "picture", width=156)
        for network in networks:
            drawing.arrow(network.right, made.left)
    return drawing.finished()


def unpooling() -> Diagram:
    """Three ways to make a grid twice as large: nearest neighbour, zeros, transposed convolution.

    Example:
        >>> unpooling().alt[:26]
        'A grid of 2 x 2 numbers, 1'
    """
    says = (
        "A grid of 2 x 2 numbers, 1 to 4, made twice as large in three ways. Nearest neighbour: each "
        "number fills a block of 2 x 2. Zeros: each number stands in a corner of its block. Transposed "
        "convolution with a kernel of 3 x 3: how often each place is painted, which is 1, 2 or 4 times, "
        "in a checkerboard."
    )
    small, cell = np.array([[1, 2], [3, 4]]), 30
    drawing = Drawing(760, 228, "Unpooling and transposed convolution", says)
    drawing.words(68, 12, "a small grid")
    start = drawing.grid(38, 84, small, cell, 4)
    drawing.arrow((start.right[0] + 10, 114), (start.right[0] + 46, 114))
    for i, (title, values, below) in enumerate(
        (
            ("nearest neighbour", nearest(small), "every number fills its block"),
            ("zeros", zeros(small), "the rest waits for the brush"),
            ("transposed conv 3 x 3", painted(4), "how often a place is painted"),
        )
    ):
        middle = 250 + 206 * i
        drawing.words(middle, 12, title)
        drawing.grid(middle - 60, 54, values, cell, 4)
        drawing.words(middle, 192, below, "quiet", size=SMALL)
    return drawing.finished()


def nearest(small: np.ndarray) -> np.ndarray:
    """Each number fills a block of 2 x 2.

    Example:
        >>> nearest(np.array([[1, 2]])).tolist()
        [[1, 1, 2, 2], [1, 1, 2, 2]]
    """
    return small.repeat(2, axis=0).repeat(2, axis=1)


def zeros(small: np.ndarray) -> np.ndarray:
    """Each number stands in the upper left corner of a block of 2 x 2.

    Example:
        >>> zeros(np.array([[1, 2]])).tolist()
        [[1, 0, 2, 0], [0, 0, 0, 0]]
    """
    return np.kron(small, [[1, 0], [0, 0]])


def painted(side: int, kernel: int = 3) -> np.ndarray:
    """How often a transposed convolution of stride 2 paints each place, away from the border.

    Example:
        >>> painted(side=4)[:2].tolist()
        [[1, 2, 1, 2], [2, 4, 2, 4]]
    """
    once = np.array([sum(abs(i - 2 * j) <= kernel // 2 for j in range(side + 1)) for i in range(side)])
    return np.outer(once, once)


def two_players() -> Diagram:
    """One forward pass for generator and discriminator, and the two cuts that send each its own gradient.

    Example:
        >>> two_players().svg.count(">stop_gradient<")
        2
    """
    says = (
        "A request becomes a drawn picture, which the discriminator judges twice. Above, the picture is "
        "cut off from the generator by stop_gradient: d_loss, of drawn and real pictures, reaches the "
        "discriminator alone. Below, the discriminator's weights are cut off: g_loss reaches the "
        "generator alone."
    )
    drawing = Drawing(760, 330, "Two players and two cuts", says)
    real = drawing.box(206, 48, "real picture", "picture", width=132)
    asked = drawing.box(16, 184, "noise and\nconditions", "condition", width=112)
    maker = drawing.box(154, 184, "generator", "learned", width=100)
    fake = drawing.box(288, 184, "drawn", "picture", width=72)
    judge = drawing.box(462, 80, "discriminator", "learned", width=124)
    frozen = drawing.box(462, 258, "the same one,\nweights cut off", "learned", width=140)
    d_loss = drawing.box(662, 80, "d_loss", "loss")
    g_loss = drawing.box(662, 258, "g_loss", "loss")
    drawing.arrow(asked.right, maker.left)
    drawing.arrow(maker.right, fake.left)
    drawing.arrow(real.right, (400, 48), (400, 74), (judge.x, 74))
    drawing.arrow((fake.x + 54, fake.y), (342, 88), (judge.x, 88))
    drawing.arrow((fake.x + 54, fake.y + fake.height), (342, 258), frozen.left)
    drawing.arrow(judge.right, d_loss.left)
    drawing.arrow(frozen.right, g_loss.left)
    drawing.cut(342, 130, "stop_gradient")
    drawing.arrow((684, 66), (684, 46), (524, 46), (524, 64), kind="gradient")
    drawing.words(604, 24, "to the discriminator", "gradient-ink", size=SMALL)
    drawing.arrow((684, 272), (684, 304), (204, 304), (204, 200), kind="gradient")
    drawing.arrow((524, judge.bottom[1]), (524, frozen.y))
    drawing.cut(524, 166, "its weights:\nstop_gradient")
    drawing.words(300, 284, "to the generator", "gradient-ink", size=SMALL)
    return drawing.finished()


def contour(directions: np.ndarray) -> np.ndarray:
    """How far from the axis a head's surface is at the height of its nose; radians, 0 is the nose.

    Example:
        >>> contour(np.array([0, np.pi])).round(2).tolist()  # nose, and back of the head
        [0.86, 0.66]
    """
    return 0.6 + 0.06 * np.cos(2 * directions) + 0.2 * np.exp(-np.square(directions / 0.15))


def shares(x: np.ndarray, z: np.ndarray, pixel: float, spread: float, softness: float = 0.05) -> np.ndarray:
    """How much of a pixel each point is: the softmax of how near its line, and how far in front.

    Args:
        x, z: of the points, to the right and to the front.
        pixel: x of the pixel's line.
        spread: from the line at which a point counts by exp(-1/2).
        softness: in front that counts like a distance of sqrt(2) spreads.

    Example:
        >>> shares(x=np.zeros(2), z=np.array([0.5, -0.5]), pixel=0, spread=0.1).round(3)  # behind: hidden
        array([1., 0.])
    """
    score = -np.square((x - pixel) / spread) / 2 + z / softness
    share = np.exp(score - score.max())
    return share / share.sum()


def unrolled_head(turn: float = 30, pixel: int = 10) -> Diagram:
    """A row of a map of a head, and what one pixel of a camera sees of it, from above.

    Args:
        turn: of the head in degrees.
        pixel: that looks along its line, 0 to 15.

    Example:
        >>> "turned by 45 degrees" in unrolled_head(turn=45).alt
        True
    """
    says = (
        "Left, a row of the map: 32 bars around the head from -180 to 180 degrees, as high as the surface "
        "is far out. Right, the same row as a contour seen from above, a head with a nose, turned by "
        f"{turn:g} degrees. Below it a row of 16 pixels. One of them looks along its line: the points near "
        "it, and in front, are marked; those behind are hidden."
    )
    drawing = Drawing(760, 400, "The unrolled head, seen from above", says)
    n, side, cx, cy, scale = 64, 16, 552, 160, 140
    directions = ((np.arange(n) + 0.5) / n * 2 - 1) * np.pi
    radius, angle = contour(directions), directions + np.radians(turn)
    x, z = radius * np.sin(angle), radius * np.cos(angle)
    _map_row(drawing, directions, radius, turn)
    points = np.stack([cx + scale * x, cy + scale * z], axis=1)
    drawing.polygon(points, "sum sum-line", stroke_width=1)
    lookout = (pixel + 0.5) / side * 2 - 1  # half-widths to the right
    drawing.line((cx + scale * lookout, 338), (cx + scale * lookout, 14), kind="gradient", dashed=True)
    share = shares(x, z, lookout, spread=1 / side)
    for (px, py), part in zip(points, share, strict=True):
        drawing.dot(px, py, 2 + 7 * part**0.5, "loss-ink" if part > 0.01 else "learned-ink")
    drawing.dot(cx, cy, 3, "ink")
    drawing.words(cx + 8, cy - 20, "axis", "quiet", "start", SMALL)
    for i in range(side):
        drawing.box(cx - scale + 2 * scale / side * i, 348, "", "picture", width=2 * scale / side, height=16)
    drawing.dot(cx + scale * lookout, 348, 5, "gradient-ink")
    drawing.words(cx, 360, "a row of the picture: 16 pixels", size=SMALL)
    drawing.words(cx + scale * lookout + 6, 316, "a pixel's line", "gradient-ink", "start", SMALL)
    hidden = points[np.argmin(np.abs(x - lookout) + 9 * (z > 0))]
    drawing.words(hidden[0] + 16, hidden[1] - 18, "behind: hidden", "quiet", "start", SMALL)
    return drawing.finished()


def _map_row(drawing: Drawing, directions: np.ndarray, radius: np.ndarray, turn: float) -> None:
    """The row of the map that the contour is made of, every second point as a bar, and its shift."""
    x, y, cell, every = 24, 150, 10, slice(0, None, 2)
    drawing.words(
        x, 96, "a row of the map: radius and colour\nfor each direction around the axis", anchor="start"
    )
    for i, far in enumerate(radius[every]):
        height = 90 * (far - 0.4)
        left, right, top, ground = x + i * cell, x + (i + 1) * cell, y + 50 - height, y + 50
        corners = [(left, ground), (left, top), (right, top), (right, ground)]
        drawing.polygon(corners, "learned learned-line")
    for degrees in (-180, 0, 180):
        drawing.words(x + 16 * cell * (1 + degrees / 180), y + 54, f"{degrees}°", "quiet", size=SMALL)
    middle = x + 16 * cell
    drawing.arrow((middle, y + 92), (middle + 32 * cell * turn / 360, y + 92), kind="gradient")
    drawing.words(middle, y + 98, f"to turn by {turn:g}° is to shift it", "gradient-ink", size=SMALL)
    drawing.arrow((x + 33 * cell, y + 25), (x + 33 * cell + 36, y + 25))


def straight_path(time: float = 0.6) -> Diagram:
    """From noise to faces along straight lines, and the velocity on the way, as flow matching learns it.

    Args:
        time: of the point that is shown on the way, 0 at the noise, 1 at the face.

    Example:
        >>> "at t = 0.25:" in straight_path(time=0.25).svg
        True
    """
    says = (
        "Left a cloud of noise, at time 0; right faces, at time 1. From each dot of noise a straight line "
        f"leads to a face. On one of them a point is marked at time {time:g}: (1 - t) times the noise and "
        "t times the face. Its velocity, an arrow along the line, is the face minus the noise, the same "
        "all the way."
    )
    drawing = Drawing(760, 286, "A straight path from noise to a face", says)
    random = np.random.default_rng(4)
    start = random.normal([130, 170], [34, 30], (12, 2))
    end = random.normal([616, 170], [24, 9], (12, 2)) + np.where(np.arange(12) % 2, 46, -46)[:, None] * [0, 1]
    for a, b in zip(start, end, strict=True):
        drawing.line(a, b, kind="faint", thick=1)
        drawing.dot(*a, 4, "quiet")
        drawing.dot(*b, 5, "picture-ink")
    noise, face = np.array([122, 76]), np.array([624, 88])
    way = (1 - time) * noise + time * face
    drawing.line(noise, way, kind="picture")
    drawing.arrow(way, face - [9, 0], kind="loss", thick=3)
    drawing.dot(*noise, 7, "quiet")
    drawing.dot(*face, 8, "picture-ink")
    drawing.dot(*way, 6, "loss-ink")
    drawing.words(130, 254, "noise, t = 0")
    drawing.words(616, 254, "faces, t = 1")
    drawing.words(way[0] - 70, way[1] - 48, f"at t = {time:g}:\n(1 - t) noise + t face", size=SMALL)
    drawing.words(
        way[0] + 140, way[1] - 48, "velocity: face - noise,\nthe same all the way", "loss-ink", size=SMALL
    )
    return drawing.finished()
