"use strict";
// Finds functions, notes, steps and values, and the functions of one file.
stackwalk.Search = class {
  static MOST = 60; // entries shown; how many more there are is said

  constructor(site) {
    this.site = site;
    this.box = document.getElementById("search-box");
    this.field = document.getElementById("search-field");
    this.found = document.getElementById("search-found");
    this.count = document.getElementById("search-count");
    this.label = document.getElementById("search-label");
    this.at = 0;
    this.hits = [];
    this.field.addEventListener("input", () => this.run());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.found.addEventListener("click", (event) => {
      const entry = event.target.closest("[role=option]");
      if (entry) this.go(Number(entry.dataset.at));
    });
  }

  /** Everything that can be found, in lower case beside what is shown. */
  async prepare() {
    if (this.entries) return;
    const { site } = this;
    const functions = await site.functions();
    const [notes, values] = await Promise.all([stackwalk.load("notes", 0), stackwalk.load("values", 0)]);
    const entries = [];
    const add = (kind, title, detail, href, rest, bonus) => entries.push({ kind, title, detail, href, low: title.toLowerCase(), rest: rest.toLowerCase(), bonus });
    const noted = new Set();
    for (const [title, words, step, fn] of notes) {
      if (step) noted.add(step);
      const place = step ? `${site.t("step")} ${step}` : stackwalk.shortName(functions[fn].name);
      add("note", title, place, step ? `#/step/${site.steps[step - 1].id}` : site.functionAddress(functions[fn]), words, step ? 30 : 20);
    }
    for (const step of site.steps)
      if (!noted.has(step.number)) add("step", step.title, `${site.t("step")} ${step.number} · ${step.service}`, `#/step/${step.id}`, "", 25);
    for (const fn of functions) add("function", stackwalk.shortName(fn.name), fn.id, site.functionAddress(fn), fn.id, fn.ran ? 10 : 0);
    for (const [text, name, fn] of values.values) add("value", text, `${name} · ${stackwalk.shortName(functions[fn].name)}`, site.functionAddress(functions[fn]), "", 5);
    for (const chapter of site.chapters) add("chapter", chapter.title, site.t("chapter"), `#/chapter/${encodeURIComponent(chapter.key)}`, "", 40);
    this.entries = entries;
  }

  async open(text = "") {
    this.scope = null;
    this.label.textContent = this.site.t("search_what");
    await this.prepare();
    this.show(text);
  }

  /** The functions of one file, to be filtered by typing. */
  async outline(fn) {
    const functions = await this.site.functions();
    this.label.textContent = this.site.t("outline_of", { file: fn.path });
    this.scope = functions
      .filter((other) => other.path === fn.path)
      .sort((one, other) => one.line - other.line)
      .map((other) => ({ kind: other.ran ? "function" : "possible", title: other.name, detail: this.site.t("line_n", { n: other.line }), href: this.site.functionAddress(other), low: other.name.toLowerCase(), rest: "", bonus: 0 }));
    this.show("");
  }

  show(text) {
    this.field.value = text;
    if (!this.box.open) this.box.showModal();
    this.field.focus();
    this.field.select();
    this.run();
  }

  /** How well it fits; a name that ends in the word (`Driver.spawn`) fits better than one that goes on (`spawn_on`). */
  static rank(entry, words) {
    let sum = entry.bonus;
    for (const word of words) {
      const at = entry.low.indexOf(word);
      if (at === 0) sum += entry.low === word ? 120 : 100;
      else if (at > 0 && /[\s._:(/"'`]/.test(entry.low[at - 1])) sum += entry.low.endsWith(`.${word}`) ? 105 : 80;
      else if (at > 0) sum += 50;
      else if (entry.rest && entry.rest.includes(word)) sum += 15;
      else return -1;
    }
    return sum;
  }

  /** What fits, best first; only as much is sorted as is shown. */
  static best(entries, words) {
    const byRank = [];
    for (const entry of entries) {
      const rank = stackwalk.Search.rank(entry, words);
      if (rank >= 0) (byRank[rank] ??= []).push(entry);
    }
    const hits = [];
    for (let rank = byRank.length - 1; rank >= 0; rank--) {
      const alike = byRank[rank];
      if (!alike) continue;
      if (hits.length < stackwalk.Search.MOST) alike.sort((one, other) => one.low.length - other.low.length);
      for (const entry of alike) hits.push(entry);
    }
    return hits;
  }

  run() {
    const began = performance.now();
    const { Search } = stackwalk;
    const words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = this.scope ?? this.entries;
    let hits = [];
    if (this.scope) hits = all.filter((entry) => Search.rank(entry, words) >= 0);
    else if (words.length) hits = Search.best(all, words);
    this.hits = hits.slice(0, Search.MOST);
    const rows = this.hits.map((entry, at) => this.row(entry, at));
    this.found.replaceChildren(...rows);
    this.at = 0;
    this.mark();
    const { site } = this;
    this.count.textContent = !words.length && !this.scope ? site.t("search_hint") : site.t(hits.length > Search.MOST ? "found_first" : "found_n", { n: site.number(hits.length), shown: Search.MOST });
    this.box.dataset.ms = (performance.now() - began).toFixed(1);
  }

  row(entry, at) {
    const row = stackwalk.make("div", `hit ${entry.kind}`);
    row.id = `hit-${at}`;
    row.dataset.at = at;
    row.setAttribute("role", "option");
    row.append(stackwalk.make("span", "kind", this.site.t(`kind_${entry.kind}`)), stackwalk.make("bdi", "title", entry.title.slice(0, 160)), stackwalk.make("bdi", "detail", entry.detail.slice(0, 160)));
    return row;
  }

  mark() {
    [...this.found.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.at)));
    const row = this.found.children[this.at];
    if (row) {
      this.field.setAttribute("aria-activedescendant", row.id);
      if (this.at) row.scrollIntoView({ block: "nearest" });
      else this.found.scrollTop = 0;
    } else this.field.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    if (event.key in moves) {
      event.preventDefault();
      this.at = Math.max(0, Math.min(this.hits.length - 1, this.at + moves[event.key]));
      this.mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.go(this.at);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.box.close();
    }
  }

  go(at) {
    const hit = this.hits[at];
    if (!hit) return;
    this.box.close();
    location.hash = hit.href;
  }
};
