"use strict";
// The reading keys, each with a button that does the same; and the name that the pointer or the selection is on.
stackwalk.Keys = class {
  static REMEMBERED = { single: "stackwalk-single-keys", chords: "stackwalk-chord-keys" };

  constructor(actions) {
    this.actions = actions;
    this.pointer = null;
    const box = document.getElementById("keys-box");
    for (const [name, key] of Object.entries(stackwalk.Keys.REMEMBERED)) {
      const choice = document.getElementById(`${name}-keys`);
      choice.checked = this.remembered(key) !== "off";
      choice.addEventListener("change", () => this.remember(key, choice.checked ? "on" : "off"));
      this[name] = choice;
    }
    box.querySelector("button").addEventListener("click", (event) => {
      event.preventDefault();
      box.close();
    });
    document.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("pointermove", (event) => (this.pointer = { x: event.clientX, y: event.clientY }), { passive: true });
    for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => actions[button.dataset.do]());
  }

  remembered(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  remember(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // then the choice lasts as long as the page is open
    }
  }

  press(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const chord = `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.key}`;
    const chords = { F3: "definition", "Ctrl+o": "outline", "Ctrl+O": "outline", "Ctrl+/": "notes", "Alt+ArrowLeft": "back" };
    const plain = { "/": "search", j: "next", ArrowRight: "next", k: "previous", ArrowLeft: "previous", "]": "nextChapter", "[": "previousChapter", "?": "keys", m: "map", p: "present" };
    const typing = event.target.closest("input, textarea, select");
    let name = this.chords.checked ? chords[chord] : undefined;
    if (!name && !typing && this.single.checked) {
      const scrolls = chord.startsWith("Arrow") && event.target.closest(".scroll, .source");
      name = scrolls ? undefined : plain[chord];
    }
    if (!name) return;
    event.preventDefault();
    this.actions[name]();
  }

  /** The name that is selected, or that the pointer is on, with the line it stands in; null where there is none. */
  name() {
    const selection = String(getSelection()).trim();
    if (/^[\w.]+$/.test(selection)) {
      const node = getSelection().anchorNode;
      return { word: selection.split(".").pop(), line: this.line(node) };
    }
    if (!this.pointer || !document.caretPositionFromPoint) return null;
    const caret = document.caretPositionFromPoint(this.pointer.x, this.pointer.y);
    const node = caret?.offsetNode;
    if (!node || node.nodeType !== Node.TEXT_NODE || !node.parentElement.closest(".source code")) return null;
    const before = /\w*$/.exec(node.data.slice(0, caret.offset))[0];
    const after = /^\w*/.exec(node.data.slice(caret.offset))[0];
    return before + after ? { word: before + after, line: this.line(node) } : null;
  }

  line(node) {
    return Number(node?.parentElement?.closest(".line")?.querySelector(".no")?.textContent ?? 0);
  }
};
