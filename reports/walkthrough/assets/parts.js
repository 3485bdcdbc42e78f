"use strict";
// Pieces that several views are made of. All text goes in as text, never as markup.
stackwalk.Parts = class {
  static LIST = 40; // entries of a list before the reader asks for more
  static LONG = 300; // characters of a value before the reader asks for more

  constructor(site) {
    this.site = site;
  }

  inline(pieces) {
    const part = document.createDocumentFragment();
    for (const [kind, text] of pieces) part.append(kind === "t" ? text : stackwalk.make(kind, "", text));
    return part;
  }

  prose(blocks) {
    const part = document.createDocumentFragment();
    for (const [kind, content] of blocks) {
      const element = stackwalk.make(kind);
      if (kind === "ul")
        for (const item of content) {
          const entry = stackwalk.make("li");
          entry.append(this.inline(item));
          element.append(entry);
        }
      else element.append(this.inline(content));
      part.append(element);
    }
    return part;
  }

  heading(level, text, id) {
    const element = stackwalk.make(`h${level}`, "", text);
    if (id) element.id = id;
    return element;
  }

  section(name, title) {
    const section = stackwalk.make("section", name);
    section.append(this.heading(2, title));
    return section;
  }

  note(note, withTitle) {
    const box = stackwalk.make("div", "note-box");
    if (withTitle) box.append(this.heading(2, note.title));
    for (const name of ["what", "why", "without"]) {
      const part = stackwalk.make("div", `said ${name}`);
      part.append(stackwalk.make("p", "label", this.site.t(name)), this.prose(note[name]));
      box.append(part);
    }
    return box;
  }

  lane(service) {
    return stackwalk.make("span", `lane-badge ${stackwalk.laneStyle(service)}`, service);
  }

  functionLink(fn) {
    const link = stackwalk.anchor(this.site.functionAddress(fn), stackwalk.shortName(fn.name));
    link.title = fn.id;
    return link;
  }

  facts(rows) {
    const list = stackwalk.make("dl", "facts");
    for (const [name, value] of rows) {
      const pair = stackwalk.make("div");
      const text = stackwalk.make("dd");
      text.append(value);
      pair.append(stackwalk.make("dt", "", name), text);
      list.append(pair);
    }
    return list;
  }

  values(values) {
    const { site } = this;
    const table = stackwalk.make("table");
    table.append(stackwalk.make("caption", "unseen", site.t("values")));
    const body = stackwalk.make("tbody");
    for (const [name, value] of values.arguments) body.append(this.value(name, value, ""));
    if (values.result) body.append(this.value(site.t("result"), values.result, "result"));
    if (values.error) body.append(this.value(site.t("exception"), values.error, "error"));
    table.append(body);
    return table;
  }

  value(name, [type, text, size, masked], kind) {
    const row = stackwalk.make("tr", kind);
    const label = stackwalk.make("th", "", name);
    label.scope = "row";
    const cell = stackwalk.make("td");
    if (masked) cell.append(stackwalk.make("span", "masked", this.site.t("withheld")));
    else if (text.length > stackwalk.Parts.LONG) {
      const shown = stackwalk.make("bdi", "text", `${text.slice(0, stackwalk.Parts.LONG)}…`);
      const more = stackwalk.make("button", "more", this.site.t("all_characters", { n: this.site.number(text.length) }));
      more.type = "button";
      more.addEventListener("click", () => {
        shown.textContent = text;
        more.remove();
      });
      cell.append(shown, " ", more);
    } else if (text) cell.append(stackwalk.make("bdi", "text", text));
    cell.append(" ", stackwalk.make("span", "type", size >= 0 ? `${type} (${this.site.number(size)})` : type));
    row.append(label, cell);
    return row;
  }

  /** A list of which the first entries show until the reader asks for the next. */
  list(items, makeEntry, name = "plain") {
    const box = stackwalk.make("div");
    const list = stackwalk.make("ul", name);
    let shown = 0;
    const more = stackwalk.make("button", "more");
    more.type = "button";
    const grow = () => {
      for (const item of items.slice(shown, shown + stackwalk.Parts.LIST)) {
        const entry = stackwalk.make("li");
        entry.append(makeEntry(item));
        list.append(entry);
      }
      shown = Math.min(items.length, shown + stackwalk.Parts.LIST);
      more.hidden = shown >= items.length;
      more.textContent = this.site.t("show_more", { n: this.site.number(items.length - shown) });
    };
    more.addEventListener("click", grow);
    grow();
    box.append(list, more);
    return box;
  }

  /** One call to or from another function, with how it is known. */
  relation(relation, functions) {
    const part = document.createDocumentFragment();
    part.append(this.functionLink(functions[relation.other]));
    if (relation.times) part.append(stackwalk.make("span", "times", ` ×${this.site.number(relation.times)}`));
    const words = [this.site.name("call", relation.kind)];
    if (relation.line) words.push(this.site.t("line_n", { n: relation.line }));
    if (relation.rule) words.push(`${this.site.name("rule", relation.rule)} (${this.site.t(relation.certainty)})`);
    else if (this.site.graph) words.push(this.site.t("not_foretold") + (relation.cause ? `: ${this.site.t(`cause_${relation.cause}`)}` : ""));
    part.append(stackwalk.make("span", "note", ` ${words.join(" · ")}`));
    return part;
  }

  /** A function's source with the calls that were seen as links below their lines. */
  async source(fn, callees, functions) {
    const { site } = this;
    if (fn.file < 0) return stackwalk.make("p", "note", fn.path ? site.t("source_not_held", { file: fn.path, line: fn.line }) : site.t("native"));
    const calls = new Map();
    for (const call of callees) {
      if (!call.times || !call.line) continue;
      if (!calls.has(call.line)) calls.set(call.line, []);
      const to = functions[call.other];
      const found = calls.get(call.line).find(([label]) => label === `↳ ${stackwalk.shortName(to.name)}`);
      if (found) found[1] += call.times;
      else calls.get(call.line).push([`↳ ${stackwalk.shortName(to.name)}`, call.times, site.functionAddress(to)]);
    }
    return this.region(await site.files.whole(fn, calls), site.t("source_of", { name: fn.name }));
  }

  /** What may scroll can be reached and scrolled with the keyboard, and says what it is. */
  region(box, label) {
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", label);
    return box;
  }

  where(fn) {
    const text = stackwalk.make("p", "where");
    text.append(stackwalk.make("bdi", "mono", fn.module));
    if (fn.path) text.append(" · ", stackwalk.make("bdi", "mono", `${fn.path}:${fn.line}`));
    return text;
  }

  /** A diagram that was drawn when the site was made. */
  diagram(svg) {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    const box = this.region(stackwalk.make("div", "scroll diagram"), this.site.t("diagram"));
    box.append(document.importNode(parsed, true));
    return box;
  }
};
