"""What all live panels have: a picture, the last faces, a morph between two, a line that says how it went."""

import html
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import ipywidgets as widgets
import numpy as np

from facegen.conditions.base import Kind
from facegen.conditions.kinds import Mixture
from facegen.conditions.latent import latent
from facegen.data.picture import Picture
from facegen.models.base import FaceModel
from facegen.panel import elements, names
from facegen.panel import state as looks
from facegen.panel.fast import FastGenerator
from facegen.panel.pause import Pause
from facegen.panel.state import PanelState, Snapshot
from facegen.panel.upload import upload
from facegen.training.inversion import Inversion, invert
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.viz import video

Change = Callable[[PanelState], PanelState]


class Panel(widgets.VBox):
    """A live panel. Every action of its user changes the look once, draws once, and then brings all widgets
    in step with the look; an action that cannot be done leaves the look as it is and is explained. While a
    slider moves, the strip, the link to the picture and its description wait for a pause.

    Subclasses build their controls, and say what they start from (`first`), how a look is shown by them
    (`shown`) and what the model is given for it (`inputs`).

    Args:
        model: a trained model.
        seed: of the first face.
        side: pixels on the screen, about, of the picture's longer side.

    Attributes:
        look: what is asked for.
        image: its picture, uint8 (height, width, channels).
    """

    def __init__(self, model: FaceModel, seed: int = 0, side: int = elements.SIDE):
        self.model, self.quick, self.silent = model, FastGenerator(model), False
        self.kinds = {name: _positive(kind) for name, kind in model.kinds().items()}
        self.free_kinds = model.kinds(constrained=False)
        self.latent = latent(model.sample_noise) if model.reads_noise else None
        self.strip, self.ends, self.now, self.share = looks.History(), {}, None, 0.0
        self.pause, self.lock = Pause(self._show_kept), threading.RLock()
        self.random = np.random.default_rng()
        self.css = f"facegen-{uuid.uuid4().hex[:8]}"  # two panels may share a page
        self._build_common(side)
        super().__init__([widgets.HTML(names.telling(elements.STYLE)), *self.build(), self._build_last()])
        elements.classed(self, "facegen")
        self.look = self.start = self.first(seed)
        self.act(lambda look: look)
        if self.now is None:
            raise FacegenError(f"The panel cannot draw with this model: {self.said}")

    def build(self) -> list[widgets.Widget]:
        """The rows of the panel above the last faces."""
        raise NotImplementedError

    def first(self, seed: int) -> PanelState:
        """The look to start from, and to come back to."""
        raise NotImplementedError

    def shown(self, look: PanelState) -> None:
        """Bring the controls in step with a look."""
        raise NotImplementedError

    def inputs(self, look: PanelState) -> dict[str, np.ndarray]:
        """What the model is given for a look, each (columns,)."""
        raise NotImplementedError

    def told(self, look: PanelState) -> str:
        """What a look asks for, in words."""
        asked = (f"{name} {kind.decode(look.rows[name])}" for name, kind in self.kinds.items())
        return "; ".join(asked).replace("+", " and ").replace("*", " of ")

    def act(self, change: Change, source: str = "", keep: bool = True) -> None:
        """One action: change the look, draw it once, show it.

        Args:
            change: from the present look to the next; what it raises is told in the status line.
            source: of a stream of changes, such as a moving slider, which is one face in the strip.
            keep: whether the strip gets the face.
        """
        with self.lock:
            if not self.silent:  # otherwise it is a widget that was set by `shown`
                self._act(change, source, keep)

    def _act(self, change: Change, source: str, keep: bool) -> None:
        with self._silently():
            try:
                look, start = change(self.look), time.perf_counter()
                image = self.quick.draw(self.inputs(look))
                png = video.png(image, self.model.title)
            except Exception as error:  # a callback's traceback is shown nowhere
                self.say(error)
            else:
                self.picture.value = png  # before all else: it is what everybody waits for
                milliseconds = 1000 * (time.perf_counter() - start)
                self.look, self.image = look, image
                self.now = self.strip.keep(look, image, source) if keep else self.now
                self.say(f"face {self.now.number}, drawn in {milliseconds:.0f} ms")
                self.pause.wait() if source else self.pause.end()
            self.shown(self.look)
            elements.show(self.morph, self.share)

    def on(
        self, control: widgets.Widget, change: Callable[[PanelState, object], PanelState], source: str = ""
    ) -> None:
        """Make a control's value an action: `change` turns the present look and the value into the next."""
        control.observe(
            lambda event: self.act(lambda look: change(look, event["new"]), source), names="value"
        )

    def say(self, what: str | Exception) -> None:
        """Put a sentence, or what went wrong, into the status line."""
        wrong = isinstance(what, Exception)
        known = isinstance(what, FacegenError)
        self.said = str(what) if known or not wrong else f"{type(what).__name__}: {what}"
        role = 'class="facegen-error" role="alert"' if wrong else ""
        self.status.value = f"<div {role}>{html.escape(self.said)}</div>"

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write the picture as it is, in its own size, to a PNG file.

        Raises:
            FacegenError: the file is there already, or cannot be written.
        """
        path = Path(path)
        if path.exists() and not overwrite:
            raise FacegenError(f"{path} is there already: choose another name, or say overwrite=True.")
        try:
            files.write(path, lambda file: file.write(video.png(self.image, self.model.title)))
        except OSError as error:
            raise FacegenError(f"{path}: cannot be written ({error}).") from error
        return path

    def load(self, picture: Picture) -> Inversion | None:
        """Set the controls to that of which the model draws a picture most nearly; takes some seconds.

        Args:
            picture: a path, a file's bytes, a Pillow image or an array, see `facegen.invert`.

        Returns:
            What was found; None where the status line tells why nothing was.
        """
        found = []

        def change(look: PanelState) -> PanelState:
            found.append(invert(self.model, picture, progress=False, tell=self._telling()))
            rows = {name: row[0] for name, row in found[0].inputs.items()}
            noise = rows.pop("noise", None)
            return PanelState(rows, noise)

        before = self.now
        self.act(change)
        if self.now is before:
            return None
        self.say(f"face {self.now.number}: as near to the picture as the model comes, {found[0].psnr:.1f} dB")
        return found[0]

    def _telling(self) -> Callable[[float, float], None]:
        """What shows in the status line, twice a second, how far a search is."""
        said = time.monotonic()

        def tell(share: float, decibels: float) -> None:
            nonlocal said
            if time.monotonic() - said > 0.5:
                said = time.monotonic()
                self.say(f"looking for what draws the picture: {share:.0%}, {decibels:.1f} dB")

        return tell

    def reset(self) -> None:
        """Back to the look at the beginning, but with the present noise."""
        self.act(lambda look: replace(self.start, noise=look.noise, seed=look.seed))

    def back(self, place: int) -> None:
        """To one of the last faces; 0 is the newest."""
        if place < len(self.strip.faces):
            face = self.strip.faces[place]
            self.now = face
            self.strip.source = ""
            self.act(lambda _: face.look, keep=False)

    def take(self, end: str) -> None:
        """Make the present face one end of the morph, "A" or "B"."""
        self.ends[end] = Snapshot(self.now.number, self.look, self.image)
        with self._silently():
            self.share = self.morph.value = float("AB".index(end))
            self.morph.disabled = len(self.ends) < 2
            self._show_last()

    def _between(self, t: float) -> PanelState:
        if len(self.ends) < 2:
            raise FacegenError("A morph needs two faces: take the present one as A, and another one as B.")
        self.share = looks.number(t, "Morph", 0, 1)
        start, end = self.ends["A"].look, self.ends["B"].look
        kinds = self.free_kinds if start.free or end.free else self.kinds
        return looks.interpolate(start, end, self.share, kinds, self.latent)

    def _show_kept(self) -> None:
        """All that is shown of the present face beside its picture, and costs a browser more than that."""
        with self.lock, self._silently():
            name = f"face-{self.now.number}.png"
            self.link.value = (
                f'<a class="facegen-save" download="{name}" href="{elements.address(self.picture.value)}" '
                f'title="Download the picture in its own size, as {name}">Save PNG</a>'
            )
            self.text.value = html.escape(f"The face that was drawn: {self.told(self.look)}")
            self._show_last()

    def _show_last(self) -> None:
        """The pictures of the strip and of the ends of the morph, as backgrounds of their buttons."""
        faces = dict(enumerate(self.strip.faces)) | self.ends
        rules = (
            f".{self.css}-{place} {{background-image: url({elements.thumbnail(face.image)})}}"
            for place, face in faces.items()
        )
        self.backgrounds.value = f"<style>{' '.join(rules)}</style>"
        for place, thumb in enumerate(self.thumbs):
            face = faces.get(place)
            thumb.layout.display = "flex" if face else "none"
            thumb.description = str(face.number) if face else ""
            (thumb.add_class if face and face is self.now else thumb.remove_class)("facegen-now")

    def _build_common(self, side: int) -> None:
        height, width = elements.screen_size(*self.model.image_shape[:2], side)
        size = widgets.Layout(width=f"{width}px", height=f"{height}px", margin="0")
        self.picture = widgets.Image(format="png", layout=size)  # given a tooltip, ipywidgets 8 shows none
        self.text = elements.classed(widgets.HTML(), "facegen-told")  # what it shows, see names.py
        self.status = elements.classed(widgets.HTML(), "facegen-status")
        self.link, self.backgrounds = widgets.HTML(), widgets.HTML()
        self.said = ""

    def _build_last(self) -> widgets.Widget:
        self.thumbs = [
            self._thumb(i, "", "Back to this face", lambda i=i: self.back(i)) for i in range(looks.STRIP)
        ]
        self.morph = elements.slider("Morph A to B", 0.0, "From face A to face B; take both first")
        self.morph.disabled = True
        self.on(self.morph, lambda _, t: self._between(t), "morph")
        hint = "Take the present face as {} of the morph"
        ends = [self._thumb(end, end, hint.format(end), lambda end=end: self.take(end)) for end in "AB"]
        strip = elements.column(elements.title("last faces"), elements.thumbs(*self.thumbs), flex="0 1 640px")
        row = elements.flow(elements.thumbs(*ends), self.morph)
        morph = elements.column(elements.title("morph between two of them"), row, flex="1 1 400px")
        self.upload = upload(self.load)
        return elements.flow(strip, morph, self.upload, self.backgrounds, self.text)

    def _thumb(self, place: int | str, text: str, hint: str, press) -> widgets.Button:
        made = elements.button(text, hint, press)
        made.layout.width = made.layout.height = f"{elements.THUMB}px"
        return elements.classed(made, "facegen-thumb", f"{self.css}-{place}")

    @contextmanager
    def _silently(self):
        """Set widgets without their observers taking it for an action."""
        before, self.silent = self.silent, True
        try:
            yield
        finally:
            self.silent = before


def _positive(kind: Kind) -> Kind:
    """A panel's mixtures have no weights below zero."""
    return replace(kind, low=0.0, high=1.0) if isinstance(kind, Mixture) else kind
