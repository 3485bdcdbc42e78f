"use strict";
// Puts the parts together: addresses and the views they show, the actions behind keys and buttons.
Promise.all([stackwalk.load("overview", 0), stackwalk.load("words", 0)]).then(([overview, words]) => {
  const site = new stackwalk.Site(overview, words);
  const parts = new stackwalk.Parts(site);
  const mine = new stackwalk.Mine(site);
  const views = {
    step: new stackwalk.StepView(site, parts, mine),
    function: new stackwalk.FunctionView(site, parts),
    map: new stackwalk.MapView(site, parts),
    pages: new stackwalk.Pages(site, parts),
  };
  const search = new stackwalk.Search(site);
  const page = document.documentElement;
  const host = document.getElementById("view");
  const bar = document.getElementById("steps-bar");
  const railLinks = [...document.querySelectorAll("#rail li a")];
  const legs = [...document.querySelectorAll("#rail .leg")];
  const title = document.title;
  let turn = 0;
  let shown = { kind: "start" };
  let current = null; // the step that was read last

  let unsay = 0;
  const say = (text) => {
    const said = document.getElementById("said");
    said.textContent = text;
    clearTimeout(unsay);
    unsay = setTimeout(() => (said.textContent = ""), 6000);
  };

  const copyByHand = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  };

  const decode = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  /** What an address asks for: its kind, what it names, and how to build the view. */
  const resolve = () => {
    const [, kind = "", name = ""] = /^#\/([a-z]*)\/?(.*)$/.exec(location.hash) ?? [];
    const step = site.stepById.get(name) ?? site.stepById.get(site.overview.aside[name]);
    const chapter = site.chapters.findIndex(({ key }) => key === decode(name));
    if (kind === "step" && step) return { kind, step, title: step.title, build: () => views.step.build(step) };
    if (kind === "chapter" && chapter >= 0) return { kind, chapter, title: site.chapters[chapter].title, build: () => views.pages.chapter(chapter) };
    if (kind === "function") return { kind, id: decode(name), title: decode(name).split(":").pop(), build: () => views.function.build(decode(name)) };
    if (kind === "map") return { kind, step: step ?? current, title: site.t("map"), build: () => views.map.build(step ?? current) };
    if (kind === "exercises") return { kind, title: site.t("exercises"), build: () => views.pages.exercises() };
    if (kind === "mine") return { kind, title: site.t("mine"), build: async () => mine.page() };
    if ((kind === "hypervisor" || kind === "glossary") && document.getElementById(kind)) return { kind, title: site.t(kind) };
    if (!location.hash || location.hash === "#/") return { kind: "start", title: "" };
    return { kind: "lost", title: site.t("lost") };
  };

  const lost = () => {
    const head = views.pages.head(site.t("walkthrough"), site.t("lost"), site.t("lost_text"));
    const link = stackwalk.make("p");
    link.append(stackwalk.anchor("#/", site.t("start")));
    const part = document.createDocumentFragment();
    part.append(head, link);
    return part;
  };

  const show = async () => {
    if (location.hash && !location.hash.startsWith("#/")) return; // a place in the page, such as the skip link's
    const asked = resolve();
    const mineTurn = ++turn;
    const still = document.getElementById(asked.kind);
    let content = null;
    if (!still || asked.build) {
      try {
        content = (asked.build && (await asked.build())) || lost();
      } catch (error) {
        content = stackwalk.make("p", "warning", error.file ? site.t("data_missing", { file: error.file }) : site.t("broken", { message: error.message }));
      }
      if (mineTurn !== turn) return; // the reader went on meanwhile
    }
    shown = asked;
    if (asked.step) current = asked.step;
    for (const view of document.querySelectorAll("main > .view")) view.hidden = true;
    const visible = content ? host : still;
    if (content) host.replaceChildren(content);
    visible.hidden = false;
    page.dataset.view = asked.kind;
    page.dataset.shown = location.hash || "#/";
    document.title = asked.title ? `${asked.title} – ${title}` : title;
    follow();
    scrollTo(0, 0);
    if (started) visible.querySelector("h1")?.focus({ preventScroll: true });
  };

  /** Lets the list of steps and the bar below agree with what is shown. */
  const follow = () => {
    const at = shown.step?.number ?? 0;
    railLinks.forEach((link, number) => {
      if (number + 1 === at) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    const chapter = shown.step?.chapter ?? shown.chapter ?? -1;
    legs.forEach((leg, number) => leg.classList.toggle("here", number === chapter));
    const mark = at ? railLinks[at - 1] : legs[chapter];
    if (mark) {
      const rail = document.getElementById("rail");
      const top = mark.getBoundingClientRect().top - rail.getBoundingClientRect().top;
      if (top < 40 || top > rail.clientHeight - 80) rail.scrollTop += top - rail.clientHeight / 3;
    }
    bar.hidden = !(shown.step || shown.kind === "chapter");
    document.getElementById("where").textContent = at ? `${site.chapters[chapter].title} · ${at} / ${site.steps.length}` : chapter >= 0 ? site.chapters[chapter].title : "";
    for (const link of document.querySelectorAll(".pages a")) {
      const here = link.hash.split("/")[1] === shown.kind;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };

  const goTo = (step) => {
    if (step) location.hash = shown.kind === "map" ? `#/map/${step.id}` : `#/step/${step.id}`;
  };
  const firstOf = (chapter) => site.steps.find((step) => step.chapter === chapter);
  const move = (by) => {
    if (shown.kind === "chapter") return goTo(by > 0 ? firstOf(shown.chapter) : site.steps[firstOf(shown.chapter).number - 2]);
    const at = shown.step ?? current;
    return goTo(at ? site.steps[at.number - 1 + by] : site.steps[0]);
  };
  const moveChapter = (by) => {
    const at = shown.step?.chapter ?? shown.chapter ?? current?.chapter ?? -1;
    const chapter = Math.max(0, Math.min(site.chapters.length - 1, at + by));
    location.hash = `#/chapter/${encodeURIComponent(site.chapters[chapter].key)}`;
  };
  const ownFunction = async () => {
    const functions = await site.functions();
    if (shown.kind === "function") return site.functionById.get(shown.id);
    if (!shown.step) return null;
    const data = await site.step(shown.step);
    return functions[data.function] ?? null;
  };

  const actions = {
    next: () => move(1),
    previous: () => move(-1),
    nextChapter: () => moveChapter(1),
    previousChapter: () => moveChapter(-1),
    search: () => search.open(),
    outline: async () => {
      const fn = await ownFunction();
      if (fn?.path) search.outline(fn);
      else say(site.t("no_outline"));
    },
    notes: () => {
      const off = document.body.classList.toggle("no-notes");
      document.querySelector("[data-do=notes]").setAttribute("aria-pressed", String(!off));
      say(site.t(off ? "notes_off" : "notes_on"));
    },
    present: () => {
      const on = document.body.classList.toggle("present");
      document.querySelector("[data-do=present]").setAttribute("aria-pressed", String(on));
      if (on && !shown.step) goTo(current ?? site.steps[0]);
      say(site.t(on ? "present_on" : "present_off"));
    },
    map: () => {
      if (shown.kind === "map") goToStep(current ?? site.steps[0]);
      else location.hash = shown.step ? `#/map/${shown.step.id}` : "#/map";
    },
    copy: async () => {
      let copied = true;
      try {
        await navigator.clipboard.writeText(location.href);
      } catch {
        copied = copyByHand(location.href); // a browser may refuse the clipboard to a page from file://
      }
      say(copied ? site.t("copied") : site.t("not_copied", { link: location.href }));
    },
    print: async () => {
      await site.functions();
      await site.holdAll();
      print();
    },
    back: () => history.back(),
    keys: () => document.getElementById("keys-box").showModal(),
    definition: async () => {
      const own = await ownFunction();
      const name = keys.name();
      if (!name) {
        if (shown.kind === "step" && own) location.hash = site.functionAddress(own);
        else say(site.t("no_definition"));
        return;
      }
      const functions = await site.functions();
      const called = own ? (await site.relations(own.number)).callees : [];
      const near = called.filter(({ other }) => functions[other].last === name.word).sort((one, other) => (other.line === name.line) - (one.line === name.line) || other.times - one.times);
      const all = functions.filter(({ last, name: whole }) => last === name.word || whole.split(".").includes(name.word));
      const same = own ? all.filter(({ last, path }) => last === name.word && path === own.path) : [];
      const exact = all.filter(({ last }) => last === name.word);
      const target = near.length ? functions[near[0].other] : same.length === 1 ? same[0] : exact.length === 1 ? exact[0] : null;
      if (target) location.hash = site.functionAddress(target);
      else if (all.length) search.open(name.word);
      else say(site.t("no_definition_of", { name: name.word }));
    },
  };
  const goToStep = (step) => (location.hash = `#/step/${step.id}`);
  const keys = new stackwalk.Keys(actions);

  addEventListener("beforeprint", () => document.getElementById("handout").replaceChildren(views.pages.handout()));
  addEventListener("afterprint", () => document.getElementById("handout").replaceChildren());
  addEventListener("hashchange", show);
  let started = false;
  show().then(() => {
    started = true;
    page.dataset.ready = "yes";
    const later = window.requestIdleCallback ?? ((act) => setTimeout(act, 200));
    later(async () => {
      await search.prepare();
      await site.holdAll();
      page.dataset.held = "yes";
    });
  });
});
