"""The colours of every role, on light and on dark ground.

Colour is never needed to tell things apart; each pair of text and ground has a contrast of 4.5 to 1 or more.
"""

from __future__ import annotations

LIGHT = {
    "ground": "#ffffff",
    "ink": "#1a1a1a",
    "muted": "#595959",
    "lifeline": "#9a9a9a",
    "header": "#eef1f4",
    "header-edge": "#5a6572",
    "bar": "#dfe6ee",
    "bar-edge": "#4a5562",
    "bar-failed": "#4a4a4a",
    "note": "#fbf6e3",
    "note-edge": "#a08a3c",
    "line-start": "#1a1a1a",
    "line-http": "#0060a8",
    "line-call": "#b34700",
    "line-cast": "#b34700",
    "line-fanout": "#b34700",
    "line-spawn": "#93316f",
    "line-privsep": "#6a5a00",
    "line-native": "#00694e",
    "line-database": "#4a5562",
    "line-local": "#333333",
    "line-event": "#7a5200",
}
DARK = {
    "ground": "#16181c",
    "ink": "#ececec",
    "muted": "#b4b4b4",
    "lifeline": "#707880",
    "header": "#262b32",
    "header-edge": "#98a4b0",
    "bar": "#39434f",
    "bar-edge": "#b4bfcb",
    "bar-failed": "#d8d8d8",
    "note": "#2e2a1c",
    "note-edge": "#b39a4a",
    "line-start": "#ececec",
    "line-http": "#6cb8f0",
    "line-call": "#f2985a",
    "line-cast": "#f2985a",
    "line-fanout": "#f2985a",
    "line-spawn": "#e39ac6",
    "line-privsep": "#d6c14a",
    "line-native": "#4fcba4",
    "line-database": "#b4bfcb",
    "line-local": "#d0d0d0",
    "line-event": "#e0ad4e",
}
