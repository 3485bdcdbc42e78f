"use strict";
// What every page of ours needs to build elements and to name lanes and durations.
Object.assign(stackwalk, {
  LANES: ["client", "nova-api", "nova-conductor", "nova-scheduler", "nova-compute", "placement", "keystone", "glance", "neutron", "privsep", "libvirtd", "qemu"],
  laneStyle(service) {
    const at = stackwalk.LANES.indexOf(service);
    return at < 0 ? "lane-other" : `lane${at}`;
  },
  byLane(one, other) {
    const place = (name) => (stackwalk.LANES.indexOf(name) + 100) % 100;
    return place(one) - place(other) || one.localeCompare(other, "en");
  },
  duration(us) {
    if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`;
    if (us >= 1e3) return `${(us / 1e3).toFixed(us >= 1e5 ? 0 : 1)} ms`;
    return us >= 10 ? `${Math.round(us)} µs` : `${us.toFixed(1)} µs`;
  },
  phrases: {}, // in the language of the page, where that is not English
  phrase(key, count, english, englishOne = english) {
    const { phrases } = stackwalk;
    const text = count === 1 ? (phrases[`${key}_one`] ?? phrases[key] ?? englishOne) : (phrases[key] ?? english);
    return text.replace("{n}", count);
  },
  shortName(name) {
    return name.split(".").filter((part) => part !== "<locals>").slice(-2).join(".");
  },
  make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  },
  anchor(href, text) {
    const element = stackwalk.make("a", "", text);
    element.href = href;
    return element;
  },
});
