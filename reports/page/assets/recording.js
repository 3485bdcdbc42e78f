"use strict";
// The request tree in typed arrays, indexed by span id - 1.
stackwalk.Recording = class {
  constructor(data) {
    const { columns } = data;
    const count = columns.parent.length;
    this.count = count;
    this.functions = data.functions.map(([id, file, at, line, end]) => {
      const path = data.paths[at];
      const colon = id.indexOf(":");
      return { id, file, path, line, end, module: id.slice(0, colon), name: id.slice(colon + 1) || id };
    });
    this.services = data.services;
    this.processes = data.processes.map(([service, pid]) => ({ service: data.services[service], pid }));
    this.threads = data.threads.map(([, name]) => name);
    this.spansPerPiece = data.spansPerPiece;
    this.functionOf = Int32Array.from(columns.function);
    this.processOf = new Int32Array(count);
    this.threadOf = new Int32Array(count);
    for (let lane = 0, from = 0; lane < data.lanes.length; from += data.lanes[lane + 1], lane += 2) {
      this.threadOf.fill(data.lanes[lane], from, from + data.lanes[lane + 1]);
      this.processOf.fill(data.threads[data.lanes[lane]][0], from, from + data.lanes[lane + 1]);
    }
    this.duration = Float64Array.from(columns.duration, (tenths) => tenths / 10); // microseconds, as all times here
    this.callLine = Int32Array.from(columns.callLine);
    this.parent = new Int32Array(count);
    this.start = new Float64Array(count);
    this.depth = new Int32Array(count);
    this.end = 0;
    for (let i = 0; i < count; i++) {
      const above = columns.parent[i] ? i - columns.parent[i] : -1;
      this.parent[i] = above;
      this.start[i] = columns.start[i] / 10 + (above < 0 ? 0 : this.start[above]);
      this.depth[i] = above < 0 ? 0 : this.depth[above] + 1;
      this.end = Math.max(this.end, this.start[i] + this.duration[i]);
    }
    this.link = new Array(count).fill("");
    this.detail = new Array(count).fill("");
    for (let i = 0; i < data.links.length; i += 3) {
      this.link[data.links[i]] = data.links[i + 1];
      this.detail[data.links[i]] = data.details[data.links[i + 2]];
    }
    this.outcomes = pairs(data.outcomes);
    this.activations = pairs(data.activations);
    this.crossings = new Map();
    for (let i = 0; i < data.crossings.length; i += 2) this.crossings.set(data.crossings[i] - 1, data.crossings[i + 1]);
    this.orphans = new Map(data.orphans.map(([span, reason]) => [span - 1, reason]));
    this.unanswered = new Map();
    for (const [span, link, detail, reason] of data.unanswered) {
      if (!this.unanswered.has(span - 1)) this.unanswered.set(span - 1, []);
      this.unanswered.get(span - 1).push({ link, detail, reason });
    }
    this.children = new stackwalk.Nesting(this.parent, null);
    function pairs(flat) {
      const map = new Map();
      for (let i = 0; i < flat.length; i += 2) map.set(flat[i], flat[i + 1]);
      return map;
    }
  }

  function(span) {
    return this.functions[this.functionOf[span]];
  }

  service(span) {
    return this.processes[this.processOf[span]].service;
  }

  outcome(span) {
    return this.outcomes.get(span) || "returned";
  }

  /** Values of a span: {arguments: [[name, value]], result, error}, or null when none were recorded. */
  async values(span) {
    const piece = await stackwalk.load("values", Math.floor(span / this.spansPerPiece));
    piece.byOffset ??= new Map(piece.rows.map((row) => [row[0], row]));
    const row = piece.byOffset.get(span % this.spansPerPiece);
    if (!row) return null;
    const value = (coded) =>
      coded ? { type: piece.strings[coded[0]], text: piece.strings[coded[1]], size: coded[2] ?? -1, masked: coded[3] === 1 } : null;
    const given = [];
    for (let i = 0; i < row[1].length; i += 2) given.push([piece.strings[row[1][i]], value(row[1][i + 1])]);
    return { arguments: given, result: value(row[2]), error: value(row[3]) };
  }

  /** Indices of spans in whose values a text occurs (lower case); asks for all pieces. */
  async withValue(text) {
    const found = [];
    const pieces = Math.ceil(this.count / this.spansPerPiece);
    const loaded = await Promise.all(Array.from({ length: pieces }, (_, number) => stackwalk.load("values", number)));
    loaded.forEach((piece, number) => {
      const hits = new Set();
      piece.lower ??= piece.strings.map((string) => string.toLowerCase());
      piece.lower.forEach((string, index) => string.includes(text) && hits.add(index));
      if (!hits.size) return;
      const hit = (coded) => coded && hits.has(coded[1]);
      for (const [offset, given, result, error] of piece.rows) {
        if (given.some((part) => (typeof part === "number" ? hits.has(part) : hit(part))) || hit(result) || hit(error))
          found.push(number * this.spansPerPiece + offset);
      }
    });
    return found;
  }
};

// Which spans are nested in which when only some are shown: a span belongs to its nearest shown ancestor.
stackwalk.Nesting = class {
  constructor(parent, shown) {
    const count = parent.length;
    this.parent = new Int32Array(count).fill(-1);
    this.first = new Int32Array(count).fill(-1);
    this.next = new Int32Array(count).fill(-1);
    this.inside = new Int32Array(count); // shown descendants
    this.fanout = new Int32Array(count); // shown children
    this.depth = new Int32Array(count);
    this.firstRoot = -1;
    this.shown = 0;
    const last = new Int32Array(count).fill(-1);
    let lastRoot = -1;
    for (let i = 0; i < count; i++) {
      let above = parent[i];
      // the parent was visited before: where it is not shown, its own nearest shown ancestor is known
      if (above >= 0 && shown && !shown[above]) above = this.parent[above];
      this.parent[i] = above;
      if (shown && !shown[i]) continue;
      this.shown++;
      if (above < 0) {
        if (lastRoot < 0) this.firstRoot = i;
        else this.next[lastRoot] = i;
        lastRoot = i;
      } else {
        this.depth[i] = this.depth[above] + 1;
        this.fanout[above]++;
        if (last[above] < 0) this.first[above] = i;
        else this.next[last[above]] = i;
        last[above] = i;
      }
    }
    for (let i = count - 1; i >= 0; i--) {
      if (shown && !shown[i]) continue;
      if (this.parent[i] >= 0) this.inside[this.parent[i]] += this.inside[i] + 1;
    }
  }
};
