"use strict";
// What is known of one call: where it ran, how control got there, values, source, calls it made, who else calls it.
stackwalk.Inspector = class {
  static LIST = 60; // entries of a list before the reader asks for more
  static LONG = 300; // characters of a value before the reader asks for more

  constructor(host, recording) {
    this.host = host;
    this.recording = recording;
    this.notes = null;
    this.shown = -1;
    this.source = new stackwalk.SourceView(recording);
    this.turn = 0;
  }

  async show(span) {
    const turn = ++this.turn;
    this.shown = span;
    const { recording } = this;
    const fn = recording.function(span);
    const article = document.createDocumentFragment();
    article.append(this.path(span), this.head(span, fn), this.facts(span));
    const values = stackwalk.make("section", "values");
    const caller = stackwalk.make("section", "caller");
    const source = stackwalk.make("section", "text");
    if (this.notes) article.append(this.notes.section(span));
    article.append(values, caller, source, this.calls(span), this.others(span));
    const filled = await Promise.allSettled([this.values(span), this.caller(span), this.text(span, fn)]);
    if (turn !== this.turn) return; // another call was selected meanwhile
    [values, caller, source].forEach((part, index) => {
      const { value, reason } = filled[index];
      part.append(...(reason ? [stackwalk.make("p", "note", reason.message)] : value));
    });
    this.host.replaceChildren(article);
    this.host.scrollTop = 0;
    this.host.dataset.span = span + 1;
  }

  /** Shows the same call again, after the reader chose another language. */
  renew() {
    if (this.shown >= 0) this.show(this.shown);
  }

  path(span) {
    const nav = stackwalk.make("nav", "path");
    nav.setAttribute("aria-label", "How the request got here");
    const stations = [];
    for (let at = span; at >= 0; at = this.recording.parent[at])
      if (this.recording.link[at] || this.recording.parent[at] < 0) stations.unshift(at);
    for (const at of stations) {
      const service = this.recording.service(at);
      const link = this.recording.link[at];
      const station = stackwalk.anchor(`#span-${at + 1}`, service);
      station.className = stackwalk.laneStyle(service);
      if (link) nav.append(stackwalk.make("span", "by", `${link} →`));
      nav.append(station);
    }
    return nav;
  }

  head(span, fn) {
    const box = stackwalk.make("header");
    box.append(stackwalk.make("h3", "", fn.name));
    const where = stackwalk.make("p", "module");
    where.append(stackwalk.make("bdi", "", fn.module));
    if (fn.path) where.append(" · ", stackwalk.make("bdi", "", `${fn.path}:${fn.line}`));
    box.append(where);
    return box;
  }

  facts(span) {
    const { recording } = this;
    const process = recording.processes[recording.processOf[span]];
    let inside = 0;
    for (let child = recording.children.first[span]; child >= 0; child = recording.children.next[child])
      if (!recording.link[child]) inside += recording.duration[child];
    const rows = [
      ["call", `no. ${(span + 1).toLocaleString("en")} of ${recording.count.toLocaleString("en")}`],
      ["ran in", `${process.service}, process ${process.pid}, thread ${recording.threads[recording.threadOf[span]]}`],
      ["began", `${stackwalk.duration(recording.start[span])} after the request`],
      ["took", `${stackwalk.duration(recording.duration[span])}, of it ${stackwalk.duration(Math.max(0, recording.duration[span] - inside))} outside recorded calls`],
      ["ended", recording.outcome(span)],
    ];
    if (recording.link[span]) {
      const number = recording.crossings.get(span);
      rows.push(["came by", `${recording.link[span]} ${recording.detail[span]}${number ? ` (no. ${number} in the lanes)` : ""}`]);
    } else if (recording.crossings.has(span)) rows.push(["calls into", `a program that runs no Python (no. ${recording.crossings.get(span)} in the lanes)`]);
    if (recording.activations.has(span)) rows.push(["generator", `resumption ${recording.activations.get(span)}`]);
    if (recording.orphans.has(span)) rows.push(["orphan", recording.orphans.get(span)]);
    for (const lost of recording.unanswered.get(span) ?? [])
      rows.push(["unanswered", `${lost.link} ${lost.detail}: ${lost.reason}`]);
    const list = stackwalk.make("dl", "facts");
    for (const [name, text] of rows) {
      const pair = stackwalk.make("div");
      pair.append(stackwalk.make("dt", "", name), stackwalk.make("dd", "", text));
      list.append(pair);
    }
    return list;
  }

  async values(span) {
    const values = await this.recording.values(span);
    if (!values) return [stackwalk.make("p", "note", "No values were recorded for this call.")];
    const table = stackwalk.make("table");
    table.append(stackwalk.make("caption", "", "What went in and came out"));
    const body = stackwalk.make("tbody");
    for (const [name, value] of values.arguments) body.append(this.value(name, value, ""));
    if (values.result) body.append(this.value("result", values.result, "result"));
    if (values.error) body.append(this.value("exception", values.error, "error"));
    table.append(body);
    return [table];
  }

  value(name, value, kind) {
    const row = stackwalk.make("tr", kind);
    const label = stackwalk.make("th", "", name);
    label.scope = "row";
    const cell = stackwalk.make("td");
    if (value.masked) cell.append(stackwalk.make("span", "masked", "withheld: may be a secret"));
    else if (value.text.length > stackwalk.Inspector.LONG) {
      const text = stackwalk.make("bdi", "text", `${value.text.slice(0, stackwalk.Inspector.LONG)}…`);
      const more = stackwalk.make("button", "more", `all ${value.text.length.toLocaleString("en")} characters`);
      more.type = "button";
      more.addEventListener("click", () => {
        text.textContent = value.text;
        more.remove();
      });
      cell.append(text, " ", more);
    } else if (value.text) cell.append(stackwalk.make("bdi", "text", value.text));
    cell.append(" ", stackwalk.make("span", "type", value.size >= 0 ? `${value.type}, ${value.size.toLocaleString("en")} long` : value.type));
    row.append(label, cell);
    return row;
  }

  async caller(span) {
    const above = this.recording.parent[span];
    const line = this.recording.callLine[span];
    if (above < 0) return [];
    const fn = this.recording.function(above);
    const head = stackwalk.make("p", "from");
    head.append(this.recording.link[span] ? "Sent by " : "Called by ", stackwalk.anchor(`#span-${above + 1}`, fn.name));
    if (line && fn.path) head.append(stackwalk.make("span", "note", ` ${fn.path}:${line}`));
    if (!line || fn.file < 0) return [head];
    return [head, await this.source.excerpt(fn.file, line)];
  }

  async text(span, fn) {
    const head = stackwalk.make("h4", "", "Source");
    if (fn.file < 0)
      return [head, stackwalk.make("p", "note", fn.path ? `The recording does not hold the source of ${fn.path}, line ${fn.line}.` : "This function is native: it has no Python source.")];
    const calls = new Map();
    const seen = new Map();
    for (let child = this.recording.children.first[span]; child >= 0; child = this.recording.children.next[child]) {
      const line = this.recording.callLine[child];
      if (!line) continue;
      const key = `${line} ${this.recording.functionOf[child]} ${this.recording.link[child]}`;
      if (seen.has(key)) {
        seen.get(key)[1]++;
        continue;
      }
      const link = this.recording.link[child];
      const entry = [`${link ? `${link} ` : ""}↳ ${stackwalk.shortName(this.recording.function(child).name)}`, 1, `#span-${child + 1}`];
      seen.set(key, entry);
      if (!calls.has(line)) calls.set(line, []);
      calls.get(line).push(entry);
    }
    return [head, await this.source.whole(fn, calls)];
  }

  calls(span) {
    const children = [];
    for (let child = this.recording.children.first[span]; child >= 0; child = this.recording.children.next[child]) children.push(child);
    const box = stackwalk.make("section", "made");
    if (!children.length) return box;
    box.append(stackwalk.make("h4", "", `Calls it made here (${children.length.toLocaleString("en")})`));
    box.append(
      this.list(children, (child) => {
        const item = stackwalk.make("li");
        if (this.recording.link[child]) item.append(stackwalk.make("span", "kind", this.recording.link[child]), " ");
        item.append(stackwalk.anchor(`#span-${child + 1}`, this.recording.function(child).name), " ");
        item.append(stackwalk.make("span", "note", stackwalk.duration(this.recording.duration[child])));
        return item;
      }),
    );
    return box;
  }

  /** Callers and callees of this function in the whole recording. */
  others(span) {
    const { recording } = this;
    const own = recording.functionOf[span];
    const callers = new Map();
    const callees = new Map();
    const count = (map, fn, at) => {
      if (!map.has(fn)) map.set(fn, [0, at]);
      map.get(fn)[0]++;
    };
    let runs = 0;
    for (let at = 0; at < recording.count; at++) {
      const above = recording.parent[at];
      if (recording.functionOf[at] === own) {
        runs++;
        if (above >= 0) count(callers, recording.functionOf[above], above);
      }
      if (above >= 0 && recording.functionOf[above] === own) count(callees, recording.functionOf[at], at);
    }
    const box = stackwalk.make("section", "others");
    box.append(stackwalk.make("h4", "", `This function in the whole recording: ran ${runs === 1 ? "once" : `${runs.toLocaleString("en")} times`}`));
    const columns = stackwalk.make("div", "two");
    for (const [title, map] of [["Called by", callers], ["Calls", callees]]) {
      const column = stackwalk.make("div");
      const entries = [...map].sort((a, b) => b[1][0] - a[1][0] || a[0] - b[0]);
      column.append(stackwalk.make("h5", "", `${title} (${entries.length})`));
      column.append(
        this.list(entries, ([fn, [times, at]]) => {
          const item = stackwalk.make("li");
          item.append(stackwalk.anchor(`#span-${at + 1}`, recording.functions[fn].name), stackwalk.make("span", "note", ` ×${times.toLocaleString("en")}`));
          return item;
        }),
      );
      columns.append(column);
    }
    box.append(columns);
    return box;
  }

  list(entries, draw) {
    const list = stackwalk.make("ul", "list");
    const add = (from) => {
      const to = Math.min(entries.length, from + stackwalk.Inspector.LIST);
      for (let i = from; i < to; i++) list.append(draw(entries[i]));
      if (to === entries.length) return;
      const item = stackwalk.make("li");
      const more = stackwalk.make("button", "more", `${(entries.length - to).toLocaleString("en")} more`);
      more.type = "button";
      more.addEventListener("click", () => {
        item.remove();
        add(to);
      });
      item.append(more);
      list.append(item);
    };
    add(0);
    return list;
  }
};
