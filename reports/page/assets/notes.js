"use strict";
// What there is to know of functions and calls, in the language that the reader chose, or not at all.
stackwalk.Notes = class {
  static HEADINGS = {
    en: ["What happens", "Why", "What would go wrong without it"],
    zh: ["做什么", "为什么", "没有它会怎样"],
  };
  static KEY = "stackwalk-notes";

  /** `field` is the reader's choice of a language, or null where the page has no notes. */
  constructor(field, recording, onChange) {
    this.field = field;
    this.recording = recording;
    this.functions = new Map();
    this.calls = new Map();
    if (!field) return;
    const known = [...field.options].map((option) => option.value);
    const remembered = this.remembered();
    field.value = known.includes(remembered) ? remembered : known.find((one) => one && navigator.language.startsWith(one)) ?? "en";
    field.addEventListener("change", () => {
      this.remember(field.value);
      onChange();
    });
    stackwalk.load("notes", 0).then((data) => {
      this.texts = data.notes;
      for (let i = 0; i < data.functions.length; i += 2) this.add(this.functions, data.functions[i], data.functions[i + 1]);
      for (let i = 0; i < data.calls.length; i += 3) this.add(this.calls, data.calls[i + 1], [data.calls[i], data.calls[i + 2]]);
      onChange();
    });
  }

  add(map, key, value) {
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(value);
  }

  remembered() {
    try {
      return localStorage.getItem(stackwalk.Notes.KEY);
    } catch {
      return null; // a browser may refuse storage to a page from file://
    }
  }

  remember(language) {
    try {
      localStorage.setItem(stackwalk.Notes.KEY, language);
    } catch {
      // then the choice lasts as long as the page is open
    }
  }

  /** Numbers of the notes on a call: on its function, and on the way that led to it. */
  of(span) {
    if (!this.field?.value) return [];
    const { functionOf, parent } = this.recording;
    const found = [];
    for (const [caller, note] of this.calls.get(functionOf[span]) ?? []) {
      let above = parent[span];
      while (above >= 0 && functionOf[above] !== caller) above = parent[above];
      if (above >= 0) found.push(note);
    }
    return found.concat(this.functions.get(functionOf[span]) ?? []);
  }

  title(note) {
    return this.text(note).text[0];
  }

  /** The note in the chosen language, else in English, else in the first that it has. */
  text(note) {
    const texts = this.texts[note];
    const language = [this.field.value, "en", ...Object.keys(texts)].find((one) => texts[one]);
    return { language, text: texts[language] };
  }

  section(span) {
    const box = stackwalk.make("section", "notes");
    for (const note of this.of(span)) {
      const { language, text } = this.text(note);
      const article = stackwalk.make("aside", "remark");
      article.lang = language;
      article.append(stackwalk.make("h4", "", text[0]));
      const headings = stackwalk.Notes.HEADINGS[language] ?? stackwalk.Notes.HEADINGS.en;
      headings.forEach((heading, index) => article.append(stackwalk.make("h5", "", heading), ...text[index + 1].map(block)));
      box.append(article);
    }
    return box;
    function block([kind, content]) {
      if (kind !== "ul") return line("p", content);
      const list = stackwalk.make("ul");
      list.append(...content.map((item) => line("li", item)));
      return list;
    }
    function line(tag, pieces) {
      const element = stackwalk.make(tag);
      for (const [kind, words] of pieces) element.append(kind === "t" ? words : stackwalk.make(kind, "", words));
      return element;
    }
  }
};
