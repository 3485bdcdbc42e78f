"use strict";
// One function: its source, notes, callers and callees, those that were seen and those that were possible.
stackwalk.FunctionView = class {
  constructor(site, parts) {
    Object.assign(this, { site, parts });
  }

  async build(id) {
    const { site, parts } = this;
    const functions = await site.functions();
    const fn = site.functionById.get(id);
    if (!fn) return null;
    const relations = await site.relations(fn.number);
    const page = document.createDocumentFragment();
    const head = stackwalk.make("header", "step-head");
    const kicker = stackwalk.make("p", "kicker", site.t(fn.ran ? "function_ran" : "function_possible", { n: site.number(fn.times) }));
    const title = stackwalk.make("h1", "code-title", fn.name);
    title.tabIndex = -1;
    head.append(kicker, title, parts.where(fn));
    const columns = stackwalk.make("div", "columns");
    const main = stackwalk.make("div", "main");
    if (relations.notes.length) {
      const notes = stackwalk.make("section", "notes");
      notes.setAttribute("aria-label", site.t("why_here"));
      for (const note of relations.notes) notes.append(parts.note(note, true));
      main.append(notes);
    }
    const source = parts.section("own-source", site.t("source"));
    source.append(await parts.source(fn, relations.callees, functions));
    main.append(source);
    const side = stackwalk.make("div", "side");
    for (const [name, rows, more] of [
      ["callers", relations.callers, relations.more],
      ["callees", relations.callees, 0],
    ]) {
      const seen = rows.filter(({ times }) => times);
      const possible = rows.filter(({ times }) => !times);
      side.append(this.related(name, seen, functions, 0), this.related(`possible_${name}`, possible, functions, more));
    }
    columns.append(main, side);
    page.append(head, columns);
    return page;
  }

  related(name, rows, functions, more) {
    const { site, parts } = this;
    const section = parts.section("related", `${site.t(name)} (${site.number(rows.length + more)})`);
    if (rows.length) section.append(parts.list(rows, (row) => parts.relation(row, functions)));
    else section.append(stackwalk.make("p", "note", site.graph || !name.startsWith("possible") ? site.t("none") : site.t("no_graph")));
    if (more) section.append(stackwalk.make("p", "note", site.t("n_not_held", { n: site.number(more) })));
    return section;
  }
};
