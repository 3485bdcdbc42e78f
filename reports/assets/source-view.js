"use strict";
// Source of one function: lines with their highlighting, the lines that made calls marked, the calls below them.
stackwalk.SourceView = class {
  static WHOLE = 500; // functions up to this many lines are shown whole, of longer ones what lies around the calls
  static AROUND = 12;
  static CHIPS = 3;

  constructor(recording) {
    this.recording = recording;
    this.files = new Map();
  }

  /** Text and highlighting of a file's recorded lines, by line number. */
  async lines(file) {
    if (!this.files.has(file)) {
      const blocks = await stackwalk.load("source", file);
      const lines = new Map();
      for (const [start, texts, runs] of blocks) {
        const coded = runs.split("\n");
        texts.split("\n").forEach((text, index) => lines.set(start + index, [text, coded[index]]));
      }
      this.files.set(file, lines);
    }
    return this.files.get(file);
  }

  /** Some lines of a file around one, that one marked. */
  async excerpt(file, line, around = 1) {
    const lines = await this.lines(file);
    const box = stackwalk.make("div", "source excerpt");
    for (let number = line - around; number <= line + around; number++)
      if (lines.has(number)) box.append(this.line(number, lines.get(number), number === line));
    return box;
  }

  /** The function's source; calls: the calls it made, by line: Map(line -> [[label, count, href]]). */
  async whole(fn, calls) {
    const lines = await this.lines(fn.file);
    const box = stackwalk.make("div", "source");
    const keep = (number) => {
      if (fn.end - fn.line < stackwalk.SourceView.WHOLE || number < fn.line + 40) return true;
      for (let near = number - stackwalk.SourceView.AROUND; near <= number + stackwalk.SourceView.AROUND; near++)
        if (calls.has(near)) return true;
      return false;
    };
    let number = fn.line;
    while (number <= fn.end) {
      if (keep(number)) {
        box.append(this.line(number, lines.get(number) ?? ["", ""], calls.has(number)));
        if (calls.has(number)) box.append(this.made(calls.get(number)));
        number++;
        continue;
      }
      const start = number;
      while (number <= fn.end && !keep(number)) number++;
      box.append(this.gap(lines, start, number - 1));
    }
    return box;
  }

  gap(lines, start, end) {
    const button = stackwalk.make("button", "gap", `${end - start + 1} lines without a recorded call: show`);
    button.type = "button";
    button.addEventListener("click", () => {
      const parts = document.createDocumentFragment();
      const stop = Math.min(end, start + stackwalk.SourceView.WHOLE - 1);
      for (let number = start; number <= stop; number++) parts.append(this.line(number, lines.get(number) ?? ["", ""], false));
      if (stop < end) parts.append(this.gap(lines, stop + 1, end));
      button.replaceWith(parts);
    });
    return button;
  }

  /** The calls that a line made, below it. */
  made(calls) {
    const row = stackwalk.make("div", "made-here");
    for (const [label, count, href] of calls.slice(0, stackwalk.SourceView.CHIPS))
      row.append(stackwalk.anchor(href, count > 1 ? `${label} ×${count}` : label));
    const rest = calls.length - stackwalk.SourceView.CHIPS;
    if (rest > 0) row.append(stackwalk.make("span", "note", `and ${rest} more, listed below`));
    return row;
  }

  line(number, [text, runs], marked) {
    const row = stackwalk.make("div", marked ? "line marked" : "line");
    row.append(stackwalk.make("span", "no", String(number)));
    const code = stackwalk.make("code");
    let at = 0;
    for (const [, name, length] of (runs ?? "").matchAll(/([a-z.])(\d+)/g)) {
      const piece = text.slice(at, at + Number(length));
      code.append(name === "." ? piece : stackwalk.make("span", `t-${name}`, piece));
      at += Number(length);
    }
    code.append(text.slice(at));
    row.append(code);
    return row;
  }
};
