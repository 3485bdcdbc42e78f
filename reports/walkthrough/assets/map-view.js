"use strict";
// The map: a lane for each service, the whole request from top to bottom, the current step lit.
stackwalk.MapView = class {
  static ROW = 26;
  static LANE = 224;
  static HEAD = 34;
  static MOST = 500; // rows of one view; what does not fit is folded and counted
  static NS = "http://www.w3.org/2000/svg";

  constructor(site, parts) {
    Object.assign(this, { site, parts });
    this.zoom = 1;
    this.closed = new Set(); // lanes that are collapsed
    this.byClass = false;
    this.depth = 0; // 0: as deep as fits
  }

  async build(current) {
    const { site } = this;
    const functions = await site.functions();
    this.data ??= this.read(await stackwalk.load("map", 0), functions);
    const page = document.createDocumentFragment();
    const head = stackwalk.make("header", "step-head");
    const title = stackwalk.make("h1", "", site.t("map"));
    title.tabIndex = -1;
    head.append(stackwalk.make("p", "kicker", site.t("walkthrough")), title, stackwalk.make("p", "lead", site.t("map_lead")));
    this.status = stackwalk.make("output", "note map-status");
    this.host = this.parts.region(stackwalk.make("div", "scroll map"), site.t("map"));
    this.current = current;
    page.append(head, this.controls(), this.status, this.host);
    this.draw();
    this.drag();
    return page;
  }

  read({ lanes, nodes, calls }, functions) {
    const list = nodes.map(([above, fn, lane, folded, step, link, label], number) => {
      const name = functions[fn].name;
      const dot = name.lastIndexOf(".");
      return { number, above, fn: functions[fn], lane, folded, step, link, label: label || stackwalk.shortName(name), owner: `${functions[fn].module}:${dot < 0 ? "" : name.slice(0, dot)}`, depth: above < 0 ? 0 : -1 };
    });
    for (const node of list) if (node.above >= 0) node.depth = list[node.above].depth + 1;
    return { lanes, nodes: list, calls, deepest: Math.max(...list.map(({ depth }) => depth)) };
  }

  controls() {
    const { site, data } = this;
    const form = stackwalk.make("form", "map-controls");
    form.setAttribute("aria-label", site.t("map_controls"));
    form.addEventListener("submit", (event) => event.preventDefault());
    const button = (text, label, act) => {
      const element = stackwalk.make("button", "", text);
      element.type = "button";
      element.setAttribute("aria-label", label);
      element.addEventListener("click", act);
      return element;
    };
    const rescale = (factor) => {
      this.zoom = factor ? Math.min(2.5, Math.max(0.25, this.zoom * factor)) : Math.max(0.25, Math.min(1, this.host.clientWidth / (this.width + 8)));
      this.scale();
    };
    const group = stackwalk.make("span", "group");
    group.append(button("−", site.t("zoom_out"), () => rescale(0.8)), button("+", site.t("zoom_in"), () => rescale(1.25)), button(site.t("fit"), site.t("fit"), () => rescale(0)));
    const depth = stackwalk.make("input");
    Object.assign(depth, { type: "range", min: 1, max: data.deepest, value: this.depth || data.deepest, id: "map-depth" });
    depth.addEventListener("input", () => {
      this.depth = Number(depth.value);
      this.draw();
    });
    const depthLabel = stackwalk.make("label", "", `${site.t("depth")} `);
    depthLabel.append(depth);
    const check = stackwalk.make("input");
    Object.assign(check, { type: "checkbox", checked: this.byClass, id: "map-classes" });
    check.addEventListener("change", () => {
      this.byClass = check.checked;
      this.draw();
    });
    const checkLabel = stackwalk.make("label", "check");
    checkLabel.append(check, ` ${site.t("by_class")}`);
    form.append(group, depthLabel, checkLabel);
    return form;
  }

  /** The nodes that show, each with what is folded into it. */
  rows() {
    const { nodes } = this.data;
    const deepest = this.depth || this.data.deepest;
    const shown = new Map();
    const holder = new Array(nodes.length);
    const rows = [];
    const hide = (node) => {
      const into = holder[node.above] ?? rows[0];
      holder[node.number] = into;
      if (into) into.hidden += node.folded + 1;
    };
    for (const node of nodes) {
      const above = node.above >= 0 ? holder[node.above] : null;
      if (above && (node.depth > deepest || this.closed.has(node.lane) || rows.length >= stackwalk.MapView.MOST)) {
        hide(node);
        continue;
      }
      const last = rows.at(-1);
      if (this.byClass && last && above && last.node.owner === node.owner && last.node.lane === node.lane && (above === last || last.above === above)) {
        last.merged.push(node);
        last.hidden += node.folded;
        holder[node.number] = last;
        continue;
      }
      const row = { node, above, hidden: node.folded, merged: [node], at: rows.length };
      holder[node.number] = row;
      shown.set(node.number, row);
      rows.push(row);
    }
    return rows;
  }

  draw() {
    const { ROW, LANE, HEAD, NS } = stackwalk.MapView;
    const { site, data } = this;
    const rows = this.rows();
    const open = data.lanes.map((_, lane) => lane);
    const wide = (lane) => (this.closed.has(lane) ? 44 : LANE);
    const left = [];
    let x = 8;
    for (const lane of open) {
      left[lane] = x;
      x += wide(lane);
    }
    this.width = x + 8;
    this.height = rows.length * ROW + 8;
    const make = (tag, attributes, text) => {
      const element = document.createElementNS(NS, tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      if (text !== undefined) element.textContent = text;
      return element;
    };
    const heads = make("svg", { class: "lane-heads", viewBox: `0 0 ${this.width} ${HEAD}`, role: "group", "aria-label": site.t("lanes") });
    const svg = make("svg", { viewBox: `0 0 ${this.width} ${this.height}`, role: "group", "aria-label": site.t("map") });
    for (const lane of open) {
      const middle = left[lane] + wide(lane) / 2;
      svg.append(make("path", { class: "rail-line", d: `M${middle} 0V${this.height - 4}` }));
    }
    for (const row of rows) {
      if (!row.above) continue;
      const from = row.above.node.lane;
      const to = row.node.lane;
      const y = row.at * ROW + ROW / 2;
      const start = row.above.at * ROW + ROW - 3;
      if (from === to) {
        const at = left[to] + 10;
        if (row.at - row.above.at < 60) svg.append(make("path", { class: "thread", d: `M${at} ${start}V${y}H${at + 6}` }));
        continue;
      }
      const begin = left[from] + wide(from) / 2;
      const end = to > from ? left[to] + 4 : left[to] + wide(to) - 4;
      svg.append(make("path", { class: `crossing ${row.node.link} ${stackwalk.laneStyle(data.lanes[to])}`, d: `M${begin} ${y}H${end}` }));
      svg.append(make("path", { class: `tip ${stackwalk.laneStyle(data.lanes[to])}`, d: to > from ? `M${end} ${y}l-7 -4v8z` : `M${end} ${y}l7 -4v8z` }));
    }
    let lit = null;
    for (const row of rows) {
      const { node } = row;
      const y = row.at * ROW;
      const step = row.merged.map((one) => one.step).find(Boolean) ?? 0;
      const isCurrent = this.current && row.merged.some((one) => one.step === this.current.number);
      const link = make("a", { href: step ? `#/step/${site.steps[step - 1].id}` : site.functionAddress(node.fn), class: `stop ${step ? "is-step" : ""} ${isCurrent ? "lit" : ""} ${stackwalk.laneStyle(data.lanes[node.lane])}` });
      if (isCurrent) {
        link.setAttribute("aria-current", "step");
        lit = link;
      }
      if (!step) link.setAttribute("tabindex", "-1");
      const name = this.byClass && row.merged.length > 1 ? `${node.owner.split(/[:.]/).at(-1)} ×${row.merged.length}` : node.label;
      const text = step ? `${step}. ${site.steps[step - 1].title}` : name;
      const room = Math.floor((LANE - 40) / (isCurrent ? 7.6 : 6.9)) - (row.hidden ? String(row.hidden).length + 2 : 0);
      const box = { x: left[node.lane] + 14, y: y + 3, width: LANE - 22, height: ROW - 6, rx: 5 };
      if (this.closed.has(node.lane)) Object.assign(box, { x: left[node.lane] + 6, width: 32 });
      link.append(make("title", {}, `${step ? site.steps[step - 1].title : node.label}\n${node.fn.id}\n${site.t("n_folded", { n: site.number(row.hidden) })}`));
      link.append(make("rect", box));
      if (!this.closed.has(node.lane)) link.append(make("text", { x: box.x + 7, y: y + ROW / 2 + 4 }, text.length > room ? `${text.slice(0, room - 1)}…` : text));
      if (row.hidden && !this.closed.has(node.lane)) link.append(make("text", { class: "folded", x: box.x + box.width - 6, y: y + ROW / 2 + 4, "text-anchor": "end" }, `+${site.number(row.hidden)}`));
      svg.append(link);
    }
    for (const lane of open) {
      const count = data.nodes.reduce((sum, node) => sum + (node.lane === lane ? node.folded + 1 : 0), 0);
      const head = make("g", { class: `lane-head ${stackwalk.laneStyle(data.lanes[lane])}`, role: "button", tabindex: "0", "aria-pressed": String(this.closed.has(lane)), "aria-label": `${data.lanes[lane]}: ${site.t(this.closed.has(lane) ? "open_lane" : "close_lane")}, ${site.t("n_calls", { n: site.number(count) })}`, "data-lane": lane });
      head.append(make("rect", { x: left[lane] + 3, y: 3, width: wide(lane) - 6, height: HEAD - 8, rx: 5 }));
      const name = this.closed.has(lane) ? `+${site.number(count)}` : data.lanes[lane];
      head.append(make("text", { x: left[lane] + wide(lane) / 2, y: HEAD / 2 + 3, "text-anchor": "middle" }, name));
      const toggle = () => {
        if (!this.closed.delete(lane)) this.closed.add(lane);
        this.draw();
        this.host.querySelector(`[data-lane="${lane}"]`)?.focus();
      };
      head.addEventListener("click", toggle);
      head.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          toggle();
        }
      });
      heads.append(head);
    }
    const folded = rows.reduce((sum, row) => sum + row.hidden, 0);
    this.status.textContent = site.t("map_status", { rows: site.number(rows.length), folded: site.number(folded), calls: site.number(data.calls) });
    this.drawn = [
      [heads, HEAD],
      [svg, this.height],
    ];
    this.host.replaceChildren(heads, svg);
    this.scale();
    if (lit) requestAnimationFrame(() => lit.isConnected && this.center(lit));
  }

  center(lit) {
    const box = lit.getBoundingClientRect();
    const frame = this.host.getBoundingClientRect();
    this.host.scrollTop += box.top - frame.top - frame.height / 2;
    this.host.scrollLeft += box.left - frame.left - frame.width / 2;
  }

  scale() {
    for (const [svg, height] of this.drawn) {
      svg.setAttribute("width", this.width * this.zoom);
      svg.setAttribute("height", height * this.zoom);
    }
  }

  /** The map follows a hand that drags it. */
  drag() {
    const { host } = this;
    let from = null;
    host.addEventListener("pointerdown", (event) => {
      if (event.button || event.target.closest("a, .lane-head")) return;
      from = { x: event.clientX + host.scrollLeft, y: event.clientY + host.scrollTop };
      host.setPointerCapture(event.pointerId);
    });
    host.addEventListener("pointermove", (event) => {
      if (!from) return;
      host.scrollLeft = from.x - event.clientX;
      host.scrollTop = from.y - event.clientY;
    });
    for (const end of ["pointerup", "pointercancel"]) host.addEventListener(end, () => (from = null));
  }
};
