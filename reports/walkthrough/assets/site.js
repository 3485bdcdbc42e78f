"use strict";
// What the site knows: chapters, steps, functions, words; loaded when first asked for.
stackwalk.Site = class {
  static PIECE = 250; // functions whose callers and callees share one script file

  constructor(overview, words) {
    this.overview = overview;
    this.words = words;
    this.chapters = overview.chapters;
    this.steps = [];
    this.chapters.forEach((chapter, number) => {
      for (const [id, title, service, source, link] of chapter.steps)
        this.steps.push({ id, title, service, source, link, chapter: number, number: this.steps.length + 1 });
    });
    this.stepById = new Map(this.steps.map((step) => [step.id, step]));
    this.held = new Map(); // chapters whose steps are here already, for printing
    this.files = new stackwalk.SourceView(null);
    stackwalk.phrases = words;
  }

  t(key, values = {}) {
    const text = (String(values.n) === "1" && this.words[`${key}_one`]) || this.words[key];
    return (text ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  /** A word of a closed vocabulary, such as a kind of call; one that is not known stays as it is. */
  name(vocabulary, word) {
    return this.words[`${vocabulary}_${word}`] ?? word;
  }

  number(value) {
    return value.toLocaleString("en");
  }

  /** Chapter data: {steps, diagram}. */
  async chapter(number) {
    const data = await stackwalk.load("chapter", number);
    this.held.set(number, data);
    return data;
  }

  async step(step) {
    const { steps } = await this.chapter(step.chapter);
    return steps.find(({ number }) => number === step.number);
  }

  /** All functions by number. */
  async functions() {
    if (!this.table) {
      const { rows, paths, ways, ran, graph } = await stackwalk.load("functions", 0);
      this.table = rows.map(([id, file, path, line, end, times], number) => {
        const colon = id.indexOf(":");
        const name = id.slice(colon + 1) || id;
        return { number, id, file, path: paths[path], line, end, times, ran: number < ran, module: id.slice(0, colon), name, last: name.slice(name.lastIndexOf(".") + 1) };
      });
      this.graph = graph;
      this.ways = ways;
      this.functionById = new Map(this.table.map((fn) => [fn.id, fn]));
    }
    return this.table;
  }

  /** Who calls a function and whom it calls: {callers, callees, more, notes}. */
  async relations(number) {
    const { PIECE } = stackwalk.Site;
    await this.functions();
    const piece = await stackwalk.load("calls", Math.floor(number / PIECE));
    const at = number % PIECE;
    const read = (rows) => rows.map((row) => this.call(row));
    return { callees: read(piece.callees[at]), callers: read(piece.callers[at]), more: piece.more[at], notes: piece.notes[at] ?? [] };
  }

  /** A call between two functions: its other end, where, how often, and how it is known. */
  call([other, line, times, way]) {
    const [kind, rule, certainty, cause] = this.ways[way];
    return { other, line, times, kind, rule, certainty, cause };
  }

  functionAddress(fn) {
    return `#/function/${encodeURIComponent(fn.id)}`;
  }

  /** All steps' data, for printing; asked for when the browser has nothing else to do. */
  async holdAll() {
    for (let number = 0; number < this.chapters.length; number++) await this.chapter(number);
  }
};
