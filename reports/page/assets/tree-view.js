"use strict";
// The tree of calls: only the rows in sight are in the document, however many spans there are.
stackwalk.TreeView = class {
  static ROW = 26;
  static STEP = 14; // pixels of indent per level, less where the rows in sight are many levels deep
  static LEVELS = 2; // levels kept free to the left of the outermost row in sight
  static INDENT = 0.3; // of a row's width may be indent

  constructor(host, recording, onSelect) {
    this.host = host;
    this.recording = recording;
    this.onSelect = onSelect;
    this.nesting = recording.children;
    this.shown = null;
    this.folded = new Uint8Array(recording.count);
    this.selected = -1;
    this.marked = null;
    this.notes = null;
    this.spacer = document.createElement("div");
    this.spacer.className = "spacer";
    this.spacer.setAttribute("role", "presentation");
    host.replaceChildren(this.spacer);
    host.addEventListener("scroll", () => this.paint(), { passive: true });
    host.addEventListener("keydown", (event) => this.key(event));
    host.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.paint()).observe(host);
    this.relist();
  }

  /** Shows only spans whose mask is set (null: all), everything unfolded where folding is "open", else folded. */
  show(mask, folding) {
    this.shown = mask;
    this.nesting = mask ? new stackwalk.Nesting(this.recording.parent, mask) : this.recording.children;
    this.folded.fill(folding === "open" ? 0 : 1);
    if (this.selected >= 0) this.reveal(this.selected);
    else this.relist();
  }

  /** Marks the spans that a search found. */
  mark(mask) {
    this.marked = mask;
    this.paint();
  }

  repaint() {
    this.painted = "";
    this.paint();
  }

  foldAll(folded) {
    this.folded.fill(folded ? 1 : 0);
    this.relist();
    this.scrollTo(this.selected);
  }

  relist() {
    const { first, next } = this.nesting;
    const rows = [];
    const stack = [];
    for (let i = this.nesting.firstRoot; i >= 0 || stack.length; ) {
      if (i < 0) {
        i = next[stack.pop()];
        continue;
      }
      rows.push(i);
      if (first[i] >= 0 && !this.folded[i]) {
        stack.push(i);
        i = first[i];
      } else i = next[i];
    }
    this.rows = Int32Array.from(rows);
    this.place = new Int32Array(this.recording.count).fill(-1);
    rows.forEach((span, row) => (this.place[span] = row));
    this.spacer.style.height = `${rows.length * stackwalk.TreeView.ROW}px`;
    this.painted = "";
    this.paint();
  }

  /** Unfolds what hides a span and scrolls to it; a span that a filter hides is shown all the same. */
  reveal(span) {
    if (this.shown && !this.shown[span]) {
      this.shown[span] = 1;
      this.nesting = new stackwalk.Nesting(this.recording.parent, this.shown);
    }
    for (let above = this.nesting.parent[span]; above >= 0; above = this.nesting.parent[above]) this.folded[above] = 0;
    this.relist();
    this.scrollTo(span);
  }

  /** Shows the calls that a filter hides between a span and the shown one above it. */
  revealBetween(span) {
    for (let above = this.recording.parent[span]; above >= 0 && !this.shown[above]; above = this.recording.parent[above])
      this.shown[above] = 1;
    this.nesting = new stackwalk.Nesting(this.recording.parent, this.shown);
    this.reveal(span);
  }

  select(span, how) {
    this.selected = span;
    if (this.place[span] < 0) this.reveal(span);
    else {
      this.painted = "";
      this.scrollTo(span);
    }
    this.onSelect(span, how);
  }

  scrollTo(span) {
    const row = this.place[span] ?? -1;
    if (row < 0) return this.paint();
    const { ROW } = stackwalk.TreeView;
    const top = row * ROW;
    const { scrollTop, clientHeight } = this.host;
    if (top < scrollTop + ROW || top > scrollTop + clientHeight - 2 * ROW)
      this.host.scrollTop = Math.max(0, top - clientHeight / 3);
    this.paint();
  }

  paint() {
    const { ROW, STEP, LEVELS, INDENT } = stackwalk.TreeView;
    const from = Math.max(0, Math.floor(this.host.scrollTop / ROW) - 8);
    const to = Math.min(this.rows.length, Math.ceil((this.host.scrollTop + this.host.clientHeight) / ROW) + 8);
    let shallowest = Infinity;
    let deepest = 0;
    const firstInSight = Math.ceil(this.host.scrollTop / ROW);
    const afterSight = firstInSight + Math.floor(this.host.clientHeight / ROW);
    for (let row = firstInSight; row < Math.min(afterSight, this.rows.length); row++) {
      shallowest = Math.min(shallowest, this.nesting.depth[this.rows[row]]);
      deepest = Math.max(deepest, this.nesting.depth[this.rows[row]]);
    }
    const shift = Math.max(0, shallowest - LEVELS);
    const room = INDENT * Math.max(160, this.host.clientWidth - 250);
    const step = Math.min(STEP, room / Math.max(1, deepest - shift));
    const state = `${from} ${to} ${shift} ${step}`;
    if (state === this.painted && this.paintedMark === this.marked) return;
    this.painted = state;
    this.paintedMark = this.marked;
    const parts = document.createDocumentFragment();
    for (let row = from; row < to; row++) parts.append(this.row(row, shift, step));
    this.spacer.replaceChildren(parts);
    if (this.place[this.selected] >= from && this.place[this.selected] < to)
      this.host.setAttribute("aria-activedescendant", `row-${this.selected + 1}`);
    else this.host.removeAttribute("aria-activedescendant");
  }

  row(row, shift, step) {
    const { recording, nesting } = this;
    const { ROW } = stackwalk.TreeView;
    const span = this.rows[row];
    const fn = recording.function(span);
    const depth = Math.max(0, nesting.depth[span] - shift);
    const element = make("div", "call");
    element.id = `row-${span + 1}`;
    element.dataset.span = span;
    element.style.top = `${row * ROW}px`;
    element.setAttribute("role", "treeitem");
    element.setAttribute("aria-level", nesting.depth[span] + 1);
    element.setAttribute("aria-selected", span === this.selected);
    if (nesting.first[span] >= 0) element.setAttribute("aria-expanded", !this.folded[span]);
    if (this.marked?.[span]) element.classList.add("match");
    const service = recording.service(span);
    const lane = make("span", `lane ${stackwalk.laneStyle(service)}`, service);
    if (row > 0 && recording.service(this.rows[row - 1]) === service) lane.classList.add("same");
    const what = make("span", "what");
    what.style.paddingLeft = `${depth * step}px`;
    what.append(make("span", nesting.first[span] < 0 ? "twist none" : this.folded[span] ? "twist folded" : "twist"));
    const hidden = recording.depth[span] - (nesting.parent[span] < 0 ? 0 : recording.depth[nesting.parent[span]] + 1);
    if (this.shown && hidden > 0) {
      const between = make("span", "between", `⋯${hidden}`);
      between.title = `${hidden} calls between this one and the one above are hidden: show them`;
      what.append(between);
    }
    const number = recording.crossings.get(span);
    if (recording.link[span] || number) {
      what.append(make("span", "kind", (number ? `${number} ` : "") + (recording.link[span] || "native")));
      if (recording.detail[span]) what.append(make("span", "detail", recording.detail[span]));
    }
    const name = make("bdi", "name", stackwalk.shortName(fn.name));
    name.title = fn.id;
    what.append(name);
    const [note] = this.notes?.of(span) ?? [];
    if (note !== undefined) {
      const mark = make("span", "noted", "✎");
      mark.title = this.notes.title(note);
      what.append(mark);
    }
    if (recording.activations.has(span)) what.append(make("span", "flag", `resumed ×${recording.activations.get(span)}`));
    const outcome = recording.outcome(span);
    if (outcome !== "returned" && outcome !== "yielded") what.append(make("span", `flag ${outcome}`, outcome));
    if (recording.orphans.has(span)) what.append(make("span", "flag raised", "orphan"));
    if (recording.unanswered.has(span)) what.append(make("span", "flag unfinished", "unanswered"));
    what.append(make("bdi", "module", fn.module));
    const below = recording.children.inside[span];
    if (nesting.first[span] >= 0 && this.folded[span]) what.append(make("span", "count", `${(nesting.inside[span]).toLocaleString("en")} inside`));
    else if (this.shown && below > nesting.inside[span])
      what.append(make("span", "count", `+${(below - nesting.inside[span]).toLocaleString("en")}`));
    const time = make("span", "time", stackwalk.duration(recording.duration[span]));
    const scale = make("span", "scale");
    const bar = make("span", `length ${stackwalk.laneStyle(service)}`);
    bar.style.left = `${(100 * recording.start[span]) / (recording.end || 1)}%`;
    bar.style.width = `${(100 * recording.duration[span]) / (recording.end || 1)}%`;
    scale.append(bar);
    element.append(lane, what, time, scale);
    return element;
    function make(tag, name, text) {
      return stackwalk.make(tag, name, text);
    }
  }

  click(event) {
    const element = event.target.closest(".call");
    if (!element) return;
    const span = Number(element.dataset.span);
    if (event.target.closest(".twist")) this.fold(span, !this.folded[span]);
    else if (event.target.closest(".between")) this.revealBetween(span);
    else this.select(span, "click");
  }

  fold(span, folded) {
    if (this.nesting.first[span] < 0) return;
    this.folded[span] = folded ? 1 : 0;
    this.relist();
  }

  unfoldBelow(span) {
    const stack = [span];
    while (stack.length) {
      const top = stack.pop();
      this.folded[top] = 0;
      for (let child = this.nesting.first[top]; child >= 0; child = this.nesting.next[child]) stack.push(child);
    }
    this.relist();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.rows.length) return;
    const span = this.selected;
    const row = this.place[span] ?? -1;
    const page = Math.max(1, Math.floor(this.host.clientHeight / stackwalk.TreeView.ROW) - 1);
    const go = (target) => this.select(this.rows[Math.max(0, Math.min(this.rows.length - 1, target))], "move");
    const keys = {
      ArrowDown: () => go(row + 1),
      ArrowUp: () => go(row < 0 ? 0 : row - 1),
      PageDown: () => go(row + page),
      PageUp: () => go(row - page),
      Home: () => go(0),
      End: () => go(this.rows.length - 1),
      ArrowRight: () => {
        if (row < 0) go(0);
        else if (this.nesting.first[span] >= 0 && this.folded[span]) this.fold(span, false);
        else if (this.nesting.first[span] >= 0) go(row + 1);
      },
      ArrowLeft: () => {
        if (row < 0) go(0);
        else if (this.nesting.first[span] >= 0 && !this.folded[span]) this.fold(span, true);
        else if (this.nesting.parent[span] >= 0) this.select(this.nesting.parent[span], "move");
      },
      "*": () => row >= 0 && this.unfoldBelow(span),
      " ": () => row >= 0 && this.fold(span, !this.folded[span]),
      Enter: () => row >= 0 && this.onSelect(span, "read"),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
};
