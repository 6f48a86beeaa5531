"""What a screen reader says of a panel: the names and states of its controls, and a text for its picture.

ipywidgets binds the label of a slider to nothing, and its pictures have no text. A script does both, and does
it again where the panel changes. It is the `onload` of the panel's style, which runs wherever widgets do.
"""

import html

SCRIPT = """
const panel = this.closest('.facegen'), all = what => panel.querySelectorAll(what);
const set = (element, given) => {
  for (const [name, value] of Object.entries(given))
    if (element && element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
};
const tell = () => {
  for (const slider of all('.widget-slider')) {
    const label = slider.querySelector('label'), name = label.textContent.trim() || label.title;
    set(slider.querySelector('[role=slider]'), {'aria-label': name});
    set(slider.querySelector('.widget-readout'), {role: 'textbox', 'aria-label': name + ', as a number'});
  }
  for (const choice of all('select')) set(choice, {'aria-label': choice.title});
  for (const step of all('.facegen-step')) set(step, {'aria-label': step.title});
  for (const face of all('.facegen-step, .facegen-thumb'))
    set(face, {'aria-pressed': face.classList.contains('facegen-now')});
  set(panel.querySelector('img'), {alt: panel.querySelector('.facegen-told')?.textContent});
  set(panel.querySelector('.facegen-status'), {role: 'status'});
};
const changes = {childList: true, characterData: true, attributes: true, attributeFilter: ['class', 'title']};
new MutationObserver(tell).observe(panel, {subtree: true, ...changes});
tell();
"""


def telling(style: str) -> str:
    """A style sheet, `<style>...`, that has the script with it.

    Example:
        >>> telling("<style>p {margin: 0}</style>")[:36]
        '<style onload="\\nconst panel = this.c'
    """
    return style.replace("<style>", f'<style onload="{html.escape(SCRIPT)}">', 1)
