"use strict";
// Data comes as scripts that call stackwalk.receive: a page opened from file:// may load nothing else.
var stackwalk = (() => {
  const waiting = new Map();
  const entry = (kind, key) => {
    const name = `${kind}-${key}`;
    if (!waiting.has(name)) {
      const made = { asked: false };
      made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
      made.promise.catch(() => {});
      waiting.set(name, made);
    }
    return waiting.get(name);
  };
  return {
    receive(kind, key, data) {
      const found = entry(kind, key);
      found.asked = true;
      found.resolve(data);
    },
    /** The data of one piece; its script is loaded when it is first asked for, unless the page itself holds it. */
    load(kind, key) {
      const found = entry(kind, key);
      if (!found.asked && kind !== "tree") {
        found.asked = true;
        const held = document.getElementById(`data-${kind}-${key}`);
        if (held) {
          found.resolve(JSON.parse(held.textContent));
          return found.promise;
        }
        const script = document.createElement("script");
        const folder = (kind === "source" && document.documentElement.dataset.sources) || "data";
        script.src = `${folder}/${kind}-${key}.js`;
        script.addEventListener("error", () => found.reject(Object.assign(new Error(`${script.src} is missing`), { file: script.src })));
        document.head.append(script);
      }
      return found.promise;
    },
  };
})();
