"use strict";
// Source of one function: lines with their highlighting, the lines that made calls marked, the calls below them.
stackwalk.SourceView = class {
  static WHOLE = 500; // functions up to this many lines are shown whole, of longer ones what lies around the calls
  static AROUND = 12;
  static CHIPS = 3;
  static MOST = 1200; // rows at a time; what follows is a button's press away

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
        texts.split("\n").forEach((packed, index) => {
          const text = packed && " ".repeat(packed.charCodeAt(0) - 48) + packed.slice(1); // "0": no indentation
          lines.set(start + index, [text, coded[index]]);
        });
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
    this.fill(box, { fn, calls, lines }, fn.line);
    return box;
  }

  /** Shows the function from a line on, as much as one view may hold. */
  fill(box, shown, from) {
    const { fn, calls, lines } = shown;
    const keep = (number) => {
      if (fn.end - fn.line < stackwalk.SourceView.WHOLE || number < from + 40) return true;
      for (let near = number - stackwalk.SourceView.AROUND; near <= number + stackwalk.SourceView.AROUND; near++)
        if (calls.has(near)) return true;
      return false;
    };
    const parts = document.createDocumentFragment();
    if (from > fn.line) parts.append(this.gap(box, shown, fn.line, from - 1));
    let number = from;
    while (number <= fn.end && parts.childElementCount < stackwalk.SourceView.MOST) {
      if (keep(number)) {
        parts.append(this.line(number, lines.get(number) ?? ["", ""], calls.has(number)));
        if (calls.has(number)) parts.append(this.made(calls.get(number)));
        number++;
        continue;
      }
      const start = number;
      while (number <= fn.end && !keep(number)) number++;
      parts.append(this.gap(box, shown, start, number - 1));
    }
    if (number <= fn.end) parts.append(this.gap(box, shown, number, fn.end));
    box.replaceChildren(parts);
  }

  /** A button in place of lines; it shows them, or turns to them where they do not fit beside the others. */
  gap(box, shown, start, end) {
    const { calls, lines } = shown;
    let some = false;
    for (let number = start; number <= end && !some; number++) some = calls.has(number);
    const count = end - start + 1;
    const text = some ? stackwalk.phrase("more_lines", count, "{n} more lines: show", "1 more line: show") : stackwalk.phrase("gap", count, "{n} lines without a recorded call: show", "1 line without a recorded call: show");
    const button = stackwalk.make("button", "gap", text);
    button.type = "button";
    button.addEventListener("click", () => {
      const stop = Math.min(end, start + stackwalk.SourceView.WHOLE - 1);
      if (some || box.childElementCount + stop - start > stackwalk.SourceView.MOST) {
        this.fill(box, shown, start);
        box.scrollTop = 0;
        return;
      }
      const parts = document.createDocumentFragment();
      for (let number = start; number <= stop; number++) parts.append(this.line(number, lines.get(number) ?? ["", ""], false));
      if (stop < end) parts.append(this.gap(box, shown, stop + 1, end));
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
    if (rest > 0) row.append(stackwalk.make("span", "note", stackwalk.phrase("more_below", rest, "and {n} more, listed below")));
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
