"use strict";
// Which calls are shown (service, kind of link, outcome) and which ones a search finds.
stackwalk.Filters = class {
  constructor(form, recording, tree) {
    this.recording = recording;
    this.tree = tree;
    this.field = Object.fromEntries([...form.querySelectorAll("[id]")].map((element) => [element.id, element]));
    this.status = document.getElementById("status");
    this.showAll = document.getElementById("show-all");
    this.matches = null; // mask of spans that the search finds, null without a search
    this.turn = 0;
    const option = (select, value) => this.field[select].append(new Option(value, value));
    [...new Set(recording.processes.map(({ service }) => service))].sort(stackwalk.byLane).forEach((name) => option("service", name));
    [...new Set(recording.link)].filter(Boolean).sort().forEach((name) => option("link", name));
    this.haystack = recording.functions.map(({ id, path }) => `${id} ${path}`.toLowerCase());
    const { field } = this;
    form.addEventListener("submit", (event) => event.preventDefault());
    field.search.addEventListener("input", () => this.search());
    field.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
      if (event.key === "Escape" && field.search.value) {
        field.search.value = "";
        this.search();
      }
    });
    field.next.addEventListener("click", () => this.step(1));
    field.previous.addEventListener("click", () => this.step(-1));
    field["in-values"].addEventListener("change", () => this.search());
    for (const name of ["only-matches", "service", "link", "outcome"]) field[name].addEventListener("change", () => this.apply());
    document.getElementById("unfold").addEventListener("click", () => tree.foldAll(false));
    document.getElementById("fold").addEventListener("click", () => tree.foldAll(true));
    this.showAll.addEventListener("click", () => this.clear());
  }

  clear() {
    for (const name of ["service", "link", "outcome"]) this.field[name].value = "";
    this.field["only-matches"].checked = false;
    this.apply();
  }

  /** Starts with the links alone, the skeleton of the request, where there are any. */
  begin() {
    if (this.recording.link.some(Boolean)) this.field.link.value = "links";
    this.apply();
  }

  apply() {
    const { recording, field } = this;
    const service = field.service.value;
    const link = field.link.value;
    const outcome = field.outcome.value;
    const only = field["only-matches"].checked && this.matches;
    const filtering = Boolean(service || link || outcome || only);
    let mask = null;
    if (filtering) {
      mask = new Uint8Array(recording.count);
      for (let i = 0; i < recording.count; i++) {
        if (service && recording.service(i) !== service) continue;
        if (link === "crossings" ? !recording.crossings.has(i) : link === "links" ? !recording.link[i] && !recording.crossings.has(i) : link && recording.link[i] !== link) continue;
        if (outcome && recording.outcome(i) !== outcome) continue;
        if (only && !this.matches[i]) continue;
        mask[i] = 1;
      }
      if (link === "crossings" || link === "links")
        recording.parent.forEach((above, i) => {
          if (above < 0 && !service && !outcome && !only) mask[i] = 1; // the root holds the skeleton together
        });
    }
    this.tree.show(mask, filtering ? "open" : "folded");
    if (!filtering && this.tree.selected < 0) this.unfoldFirst();
    this.describe();
  }

  /** Opens the outermost calls until about a screenful shows. */
  unfoldFirst() {
    const { tree } = this;
    for (let at = tree.nesting.firstRoot, rows = 1; at >= 0 && rows < 24; at = tree.nesting.first[at]) {
      tree.folded[at] = 0;
      rows += tree.nesting.fanout[at];
    }
    tree.relist();
  }

  describe() {
    const shown = this.tree.nesting.shown;
    const { count } = this.recording;
    const number = (value) => value.toLocaleString("en");
    const hidden = count - shown;
    const skeleton = this.field.link.value === "links" || this.field.link.value === "crossings";
    this.status.textContent = !this.tree.shown
      ? `All ${number(count)} calls; folded ones say how many they hold.`
      : shown
        ? `${number(shown)} of ${number(count)} calls${skeleton ? ", those that a link led to" : ""}; ${number(hidden)} are hidden by the filter.`
        : `No call of ${number(count)} is like this.`;
    this.showAll.hidden = !this.tree.shown;
  }

  async search() {
    const turn = ++this.turn;
    const { recording, field } = this;
    const text = field.search.value.trim().toLowerCase();
    this.matches = null;
    this.found = [];
    if (text) {
      const fits = this.haystack.map((id) => id.includes(text));
      const mask = new Uint8Array(recording.count);
      for (let i = 0; i < recording.count; i++)
        if (fits[recording.functionOf[i]] || (recording.detail[i] && recording.detail[i].toLowerCase().includes(text))) mask[i] = 1;
      if (field["in-values"].checked) {
        field.matches.textContent = "reading values …";
        const spans = await recording.withValue(text);
        if (turn !== this.turn) return;
        for (const span of spans) mask[span] = 1;
      }
      this.matches = mask;
      mask.forEach((hit, span) => hit && this.found.push(span));
    }
    this.tree.mark(this.matches);
    this.count();
    if (field["only-matches"].checked) this.apply();
  }

  count(at) {
    const total = this.found.length.toLocaleString("en");
    this.field.matches.textContent = !this.matches ? "" : at === undefined ? `${total} found` : `${(at + 1).toLocaleString("en")} of ${total}`;
  }

  step(by) {
    if (!this.found?.length) return;
    const from = this.tree.selected;
    let at = by > 0 ? this.found.findIndex((span) => span > from) : this.found.findLastIndex((span) => span < from);
    if (at < 0) at = by > 0 ? 0 : this.found.length - 1;
    this.tree.select(this.found[at], "find");
    this.count(at);
  }
};
