"use strict";
// The pages around the steps: chapters, exercises, the handout that is printed.
stackwalk.Pages = class {
  constructor(site, parts) {
    Object.assign(this, { site, parts });
  }

  head(kicker, title, lead) {
    const head = stackwalk.make("header", "step-head");
    const heading = stackwalk.make("h1", "", title);
    heading.tabIndex = -1;
    head.append(stackwalk.make("p", "kicker", kicker), heading);
    if (lead) head.append(stackwalk.make("p", "lead", lead));
    return head;
  }

  async chapter(number) {
    const { site, parts } = this;
    const chapter = site.chapters[number];
    const data = await site.chapter(number);
    const page = document.createDocumentFragment();
    page.append(this.head(site.t("chapter_n_of", { n: number + 1, of: site.chapters.length }), chapter.title));
    const opening = stackwalk.make("div", "opening");
    opening.append(parts.prose(chapter.opening));
    page.append(opening);
    const steps = parts.section("", site.t("steps"));
    const list = stackwalk.make("ol", "step-list");
    const first = site.steps.find((step) => step.chapter === number);
    list.start = first.number;
    for (const step of site.steps.filter((one) => one.chapter === number)) {
      const entry = stackwalk.make("li");
      entry.append(stackwalk.anchor(`#/step/${step.id}`, step.title), " ", parts.lane(step.service));
      list.append(entry);
    }
    steps.append(list);
    page.append(steps);
    if (data.diagram) {
      const section = parts.section("", site.t("diagram"));
      section.append(parts.diagram(data.diagram), stackwalk.make("p", "note", site.t("diagram_note")));
      page.append(section);
    }
    const exercises = (await stackwalk.load("exercises", 0)).exercises.filter(({ chapter: key }) => key === chapter.key);
    if (exercises.length) {
      const section = parts.section("", site.t("exercises"));
      for (const exercise of exercises) section.append(this.exercise(exercise));
      page.append(section);
    }
    return page;
  }

  exercise(exercise) {
    const { site, parts } = this;
    const box = stackwalk.make("article", "exercise");
    box.id = `exercise-${exercise.id}`;
    const question = stackwalk.make("div", "question");
    question.append(parts.prose(exercise.question));
    box.append(question);
    for (const name of ["hint", "answer"]) {
      const details = stackwalk.make("details", name);
      details.append(stackwalk.make("summary", "", site.t(name)), parts.prose(exercise[name]));
      box.append(details);
    }
    return box;
  }

  async exercises() {
    const { site, parts } = this;
    const { exercises, leftOut } = await stackwalk.load("exercises", 0);
    const page = document.createDocumentFragment();
    page.append(this.head(site.t("walkthrough"), site.t("exercises"), site.t("exercises_lead", { n: exercises.length })));
    for (const chapter of site.chapters) {
      const own = exercises.filter(({ chapter: key }) => key === chapter.key);
      if (!own.length) continue;
      const section = parts.section("", chapter.title);
      for (const exercise of own) section.append(this.exercise(exercise));
      page.append(section);
    }
    if (leftOut) page.append(stackwalk.make("p", "note", site.t("exercises_left_out", { n: leftOut })));
    return page;
  }

  /** All chapters and steps that are here, on paper. */
  handout() {
    const { site, parts } = this;
    const page = document.createDocumentFragment();
    page.append(stackwalk.make("h1", "", document.getElementById("start-title").textContent));
    site.chapters.forEach((chapter, number) => {
      const data = site.held.get(number);
      const section = parts.section("chapter", `${number + 1}. ${chapter.title}`);
      section.append(parts.prose(chapter.opening));
      if (data?.diagram) section.append(parts.diagram(data.diagram));
      for (const step of data?.steps ?? []) section.append(this.onPaper(step));
      page.append(section);
    });
    return page;
  }

  onPaper(data) {
    const { site, parts } = this;
    const step = site.steps[data.number - 1];
    const box = stackwalk.make("article", "paper-step");
    box.append(parts.heading(3, `${step.number}. ${step.title}`));
    const fn = site.table?.[data.function];
    const where = stackwalk.make("p", "note");
    where.append(step.link ? `${step.source} → ${step.service} (${site.name("call", step.link)})` : step.service);
    if (fn) where.append(" · ", stackwalk.make("bdi", "mono", fn.id));
    if (data.duration !== undefined) where.append(` · ${stackwalk.duration(data.duration)}`);
    box.append(where);
    if (data.code) box.append(stackwalk.make("pre", "", data.code));
    for (const note of data.notes ?? []) box.append(parts.note(note, false));
    if (data.text) box.append(stackwalk.make("pre", "", data.text));
    return box;
  }
};
