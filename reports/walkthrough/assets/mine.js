"use strict";
// The reader's own notes: kept by the browser, written out when the reader asks.
stackwalk.Mine = class {
  constructor(site) {
    this.site = site;
    this.key = `stackwalk-notes-${site.overview.trace}`;
    this.notes = this.read();
  }

  read() {
    try {
      const notes = JSON.parse(localStorage.getItem(this.key));
      return notes && typeof notes === "object" ? notes : {};
    } catch {
      return {}; // no storage, or not ours: begin anew
    }
  }

  write() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.notes));
    } catch {
      // then the notes last as long as the page is open
    }
  }

  field(step) {
    const { site } = this;
    const section = stackwalk.make("section", "own-note");
    const label = stackwalk.make("label", "", site.t("own_note"));
    const field = stackwalk.make("textarea");
    field.rows = 3;
    field.value = this.notes[step.id] ?? "";
    field.addEventListener("input", () => {
      if (field.value) this.notes[step.id] = field.value;
      else delete this.notes[step.id];
      this.write();
    });
    label.append(field);
    section.append(label);
    return section;
  }

  page() {
    const { site } = this;
    const page = document.createDocumentFragment();
    const head = stackwalk.make("header", "step-head");
    const title = stackwalk.make("h1", "", site.t("mine"));
    title.tabIndex = -1;
    head.append(stackwalk.make("p", "kicker", site.t("walkthrough")), title, stackwalk.make("p", "lead", site.t("mine_lead")));
    page.append(head);
    const steps = site.steps.filter(({ id }) => this.notes[id]);
    if (!steps.length) page.append(stackwalk.make("p", "note", site.t("mine_none")));
    for (const step of steps) {
      const section = stackwalk.make("section");
      const heading = stackwalk.make("h2");
      heading.append(stackwalk.anchor(`#/step/${step.id}`, `${step.number}. ${step.title}`));
      section.append(heading, stackwalk.make("p", "own-text", this.notes[step.id]));
      page.append(section);
    }
    if (steps.length) {
      const save = stackwalk.make("button", "button", site.t("export"));
      save.type = "button";
      save.addEventListener("click", () => this.export(steps));
      page.append(save);
    }
    return page;
  }

  text(steps) {
    const { site } = this;
    const parts = steps.map((step) => `## ${step.number}. ${step.title}\n\n<!-- ${step.id} -->\n\n${this.notes[step.id]}\n`);
    return `# ${site.t("mine")}\n\n${parts.join("\n")}`;
  }

  export(steps) {
    const link = stackwalk.anchor(URL.createObjectURL(new Blob([this.text(steps)], { type: "text/markdown" })), "");
    link.download = "notes.md";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
};
