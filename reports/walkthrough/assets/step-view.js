"use strict";
// One step: where it ran, how control got there, why, what went in and came out, how we know, what else there could be.
stackwalk.StepView = class {
  static AROUND = 3; // lines around the one that calls

  constructor(site, parts, mine) {
    Object.assign(this, { site, parts, mine });
  }

  async build(step) {
    const { site, parts } = this;
    const data = await site.step(step);
    const page = document.createDocumentFragment();
    page.append(this.head(step, data));
    if (data.kind === "event") {
      page.append(this.event(data), this.mine.field(step));
      return page;
    }
    const functions = await site.functions();
    const fn = functions[data.function];
    const relations = await site.relations(data.function);
    const columns = stackwalk.make("div", "columns");
    const main = stackwalk.make("div", "main");
    const side = stackwalk.make("div", "side");
    if (data.notes.length) {
      const notes = stackwalk.make("section", "notes");
      notes.setAttribute("aria-label", site.t("why_here"));
      data.notes.forEach((note, number) => notes.append(parts.note(note, number > 0)));
      main.append(notes);
    }
    if (data.caller) main.append(await this.caller(data, functions));
    const source = parts.section("own-source", site.t("source"));
    const name = stackwalk.make("p", "from");
    name.append(parts.functionLink(fn), stackwalk.make("span", "note", ` ${fn.path ? `${fn.path}:${fn.line}` : ""}`));
    source.append(name, await parts.source(fn, relations.callees, functions));
    main.append(source);
    side.append(this.where(data, functions));
    side.append(this.valuesOf(data), this.evidence(data));
    const possible = this.possible(data, functions);
    if (possible) side.append(possible);
    side.append(...this.around(data, functions), this.mine.field(step));
    columns.append(main, side);
    page.append(columns);
    return page;
  }

  head(step, data) {
    const { site, parts } = this;
    const head = stackwalk.make("header", "step-head");
    const kicker = stackwalk.make("p", "kicker");
    const chapter = site.chapters[step.chapter];
    kicker.append(stackwalk.anchor(`#/chapter/${encodeURIComponent(chapter.key)}`, chapter.title), ` · ${site.t("step_n_of", { n: step.number, of: site.steps.length })}`);
    const title = stackwalk.make("h1", "", step.title);
    title.tabIndex = -1;
    const way = stackwalk.make("p", "way");
    if (data.crossing) {
      way.append(parts.lane(data.crossing.source), stackwalk.make("span", "arrow", " → "), parts.lane(data.service), " ");
      way.append(stackwalk.make("span", "kind", site.name("call", data.crossing.link)), " ", stackwalk.make("bdi", "mono", data.crossing.what));
    } else way.append(parts.lane(data.service));
    head.append(kicker, title, way);
    return head;
  }

  where(data, functions) {
    const { site } = this;
    const fn = functions[data.entered];
    const section = this.parts.section("place", site.t("where"));
    const [service, pid, thread] = data.process;
    section.append(
      this.parts.facts([
        [site.t("service"), service],
        [site.t("process"), String(pid)],
        [site.t("thread"), thread || "–"],
        [site.t("module"), stackwalk.make("bdi", "mono", fn.module)],
        [site.t("function"), stackwalk.make("bdi", "mono", fn.name)],
        [site.t("began"), site.t("after_request", { time: stackwalk.duration(data.start) })],
        [site.t("took"), stackwalk.duration(data.duration)],
        [site.t("ended"), site.t(data.outcome)],
        [site.t("inside"), site.t("n_calls", { n: site.number(data.inside) })],
      ]),
    );
    return section;
  }

  valuesOf(data) {
    const section = this.parts.section("values", this.site.t("values"));
    const { values } = data;
    const any = values && (values.arguments.length || values.result || values.error);
    section.append(any ? this.parts.values(values) : stackwalk.make("p", "note", this.site.t("no_values")));
    return section;
  }

  async caller(data, functions) {
    const { site, parts } = this;
    const [number, line, service] = data.caller;
    const fn = functions[number];
    const section = parts.section("called-from", site.t(data.crossing ? "sent_from" : "called_from"));
    const head = stackwalk.make("p", "from");
    head.append(parts.functionLink(fn), stackwalk.make("span", "note", ` ${fn.path}:${line} · ${service}`));
    section.append(head);
    if (fn.file >= 0) section.append(parts.region(await site.files.excerpt(fn.file, line, stackwalk.StepView.AROUND), site.t("source_of", { name: fn.name })));
    return section;
  }

  evidence(data) {
    const { site, parts } = this;
    const section = parts.section("evidence", site.t("how_we_know"));
    const rows = [[site.t("seen"), site.t("seen_text", { span: site.number(data.span), times: site.number(data.evidence?.times ?? 1) })]];
    if (data.crossing) rows.push([site.t("link"), site.t("link_text", { link: site.name("call", data.crossing.link) })]);
    const { line, rule, certainty, cause } = data.evidence?.static ? site.call(data.evidence.static) : {};
    if (rule) rows.push([site.t("foretold"), site.t("foretold_text", { rule: site.name("rule", rule), certainty: site.t(certainty), line })]);
    else if (site.graph) rows.push([site.t("foretold"), site.t("not_foretold") + (cause ? `: ${site.t(`cause_${cause}`)}` : "")]);
    section.append(parts.facts(rows));
    return section;
  }

  /** The paths that the function did not take: where each would have gone, and what decided. */
  possible(data, functions) {
    const { site, parts } = this;
    const branches = (data.possible ?? []).filter(([, , , ways]) => ways.length);
    if (!branches.length) return null;
    const section = parts.section("possible", site.t("what_else"));
    const details = stackwalk.make("details");
    const count = branches.reduce((sum, [, , , ways]) => sum + ways.length, 0);
    details.append(stackwalk.make("summary", "", site.t("n_not_taken", { n: site.number(count) })));
    const one = ([why, head, line, ways]) => {
      const box = document.createDocumentFragment();
      const reason = stackwalk.make("p", "decides", `${site.t(`why_${why}`)} `);
      if (head) reason.append(stackwalk.make("code", "", head));
      reason.append(stackwalk.make("span", "note", ` ${site.t("line_n", { n: line })}`));
      const calls = ways.map((way) => site.call(way));
      box.append(reason, parts.list(calls, (way) => parts.relation(way, functions)));
      return box;
    };
    details.append(parts.list(branches, one, "plain branches"));
    section.append(details);
    return section;
  }

  around(data, functions) {
    const { site, parts } = this;
    const sections = [];
    const { frames, more, from } = data.frames;
    if (from || frames.length) {
      const section = parts.section("frames", site.t("how_it_got_here"));
      const list = stackwalk.make("ol", "plain");
      const entry = (...content) => {
        const item = stackwalk.make("li");
        item.append(...content);
        list.append(item);
      };
      if (from) entry(stackwalk.anchor(`#/step/${site.steps[from - 1].id}`, `${from}. ${site.steps[from - 1].title}`));
      if (more) entry(stackwalk.make("span", "note", site.t("n_frames_more", { n: more })));
      for (const [number, service, link] of frames) {
        const badge = link ? stackwalk.make("span", "kind", site.name("call", link)) : "";
        entry(badge, badge ? " " : "", parts.functionLink(functions[number]), stackwalk.make("span", "note", ` ${service}`));
      }
      section.append(list);
      sections.push(section);
    }
    if (data.aside.length) {
      const section = parts.section("aside", site.t("beside"));
      section.append(
        parts.list(data.aside, ([title, number]) => stackwalk.anchor(site.functionAddress(functions[number]), title)),
      );
      sections.push(section);
    }
    if (data.crossing?.repeated) {
      const section = parts.section("repeats", site.t("again"));
      section.append(stackwalk.make("p", "note", site.t("again_text", { n: site.number(data.crossing.repeated) })));
      section.append(parts.list(data.crossing.repeats, ([time, what]) => `${stackwalk.duration(time)} · ${what}`));
      sections.push(section);
    }
    return sections;
  }

  event(data) {
    const { site, parts } = this;
    const box = stackwalk.make("section", "event-box");
    if (data.event.length) {
      const [event, detail, domain] = data.event;
      const rows = [[site.t("event"), site.name("event", event)], [site.t("detail"), site.name("detail", detail) || "–"], [site.t("domain"), domain || "–"], [site.t("began"), site.t("after_request", { time: stackwalk.duration(data.start) })]];
      box.append(parts.facts(rows), stackwalk.make("p", "note", site.t("event_evidence")));
    } else {
      box.append(parts.region(stackwalk.make("pre", "scroll console", data.text), site.t("console")), stackwalk.make("p", "note", site.t("console_evidence")));
    }
    const more = stackwalk.make("p");
    more.append(stackwalk.anchor("#/hypervisor", site.t("to_hypervisor")));
    box.append(more);
    return box;
  }
};
