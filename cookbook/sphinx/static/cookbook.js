// Copy buttons, the switch between a diff and the lines that it leaves, and what tabs and code need beyond a mouse.

const say = (button, text) => {
  // A second click within the time must not take "Copied" for the button's own text.
  button.textContent = text;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = "Copy"; }, 1500);
};

for (const button of document.querySelectorAll(".cookbook-copy")) {
  // Read out when it changes: the label would hide "Copied" from a screen reader.
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  told.className = "cookbook-told";
  button.after(told);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(button, "Copied");
    } catch {
      // The clipboard is closed to pages that are not served by https or from this machine.
      say(button, "Not allowed");
    }
    told.textContent = button.textContent;
  });
}

for (const step of document.querySelectorAll(".cookbook-edit")) {
  const blocks = step.querySelectorAll(":scope > .cookbook-block");
  const copies = step.querySelectorAll(".cookbook-copy");
  const views = document.createElement("span");
  views.className = "cookbook-views";
  views.setAttribute("role", "group");
  views.setAttribute("aria-label", "Show");
  const buttons = ["Diff", "Result"].map((label, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => show(index));
    views.append(button);
    return button;
  });
  const show = (chosen) => {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-pressed", String(index === chosen));
      blocks[index].hidden = index !== chosen;
      copies[index].hidden = index !== chosen;
    });
    mark();
  };
  step.querySelector(".cookbook-badge").before(views);
  buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === 0)));
  blocks[1].hidden = true;
  copies[1].hidden = true;
}

// Code that is wider than its frame must be reachable by keyboard, or nobody could scroll it without a mouse.
function mark() {
  for (const code of document.querySelectorAll("div.highlight pre")) {
    if (code.scrollWidth > code.clientWidth) {
      code.tabIndex = 0;
    } else {
      code.removeAttribute("tabindex");
    }
  }
}

// Only the chosen tab of a set is a stop of the Tab key; sphinx-tabs forgets that for the sets that follow along.
const settle = () => {
  for (const tab of document.querySelectorAll(".sphinx-tabs-tab")) {
    tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1;
  }
  mark();
};

// A link to a step in a tab that is not chosen chooses that tab.
const reveal = () => {
  const step = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const panel = step?.closest(".sphinx-tabs-panel[hidden]");
  if (panel) {
    document.querySelector(`[aria-controls="${panel.id}"]`).click();
    step.scrollIntoView();
  }
};

document.addEventListener("click", (event) => {
  if (event.target.closest(".sphinx-tabs-tab")) {
    settle();
  }
});
window.addEventListener("hashchange", reveal);
window.addEventListener("resize", mark);
// After sphinx-tabs, which restores the last choice at DOMContentLoaded.
window.addEventListener("load", () => { settle(); reveal(); });
