"use strict";
// Puts the parts together: the tree, the call that is selected, the address of a call, the keys.

// The end of the console is what a reader looks for: there the guest says that it is up.
for (const text of document.querySelectorAll(".console")) text.scrollTop = text.scrollHeight;

stackwalk.load("tree", 0).then((data) => {
  const recording = new stackwalk.Recording(data);
  const inspector = new stackwalk.Inspector(document.getElementById("inspector"), recording);
  let pending = 0;
  const tree = new stackwalk.TreeView(document.getElementById("calls"), recording, (span, how) => {
    const address = `#span-${span + 1}`;
    if (how === "click" && location.hash !== address) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    clearTimeout(pending);
    // held-down arrow keys pass many calls: only the one they stop at is shown
    pending = setTimeout(() => inspector.show(span), how === "move" ? 60 : 0);
    if (how === "read") inspector.host.focus();
  });
  const notes = new stackwalk.Notes(document.getElementById("notes"), recording, () => {
    tree.repaint();
    inspector.renew();
  });
  tree.notes = inspector.notes = notes;
  const filters = new stackwalk.Filters(document.getElementById("filters"), recording, tree);
  const follow = (scroll) => {
    const [, id] = location.hash.match(/^#span-(\d+)$/) ?? [];
    if (!id || id < 1 || id > recording.count) return;
    if (tree.selected !== id - 1) tree.select(id - 1, "address");
    if (scroll) document.getElementById("tree").scrollIntoView();
  };
  filters.begin();
  follow(true);
  addEventListener("hashchange", () => follow(true));
  addEventListener("popstate", () => follow(false));
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select, textarea")) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("tree").scrollIntoView();
      filters.field.search.focus();
    } else if (event.key === "n") filters.step(1);
    else if (event.key === "p") filters.step(-1);
  });
  document.documentElement.dataset.ready = "yes";
});
