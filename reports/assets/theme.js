"use strict";
// Runs before the first paint, so that a chosen theme does not flash.
(() => {
  const order = ["auto", "light", "dark"];
  const english = { colours: "Colours", names: "Auto Light Dark" };
  const key = "stackwalk-theme";
  const remembered = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // a browser may refuse storage to a page from file://
    }
  };
  const remember = (theme) => {
    try {
      localStorage.setItem(key, theme);
    } catch {
      // then the choice lasts as long as the page is open
    }
  };
  let theme = order.includes(remembered()) ? remembered() : "auto";
  const apply = () => {
    document.documentElement.dataset.theme = theme;
  };
  apply();
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => {
      const { colours, names } = { ...english, ...button.dataset };
      const name = names.split(" ")[order.indexOf(theme)];
      button.querySelector("span").textContent = name;
      button.setAttribute("aria-label", `${colours}: ${name}`);
    };
    label();
    button.addEventListener("click", () => {
      theme = order[(order.indexOf(theme) + 1) % order.length];
      remember(theme);
      apply();
      label();
    });
  });
})();
