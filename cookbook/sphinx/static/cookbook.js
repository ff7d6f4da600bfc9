// Copy buttons, and the switch between a diff and the lines that it leaves.

const say = (button, text) => {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => { button.textContent = before; }, 1500);
};

for (const button of document.querySelectorAll(".cookbook-copy")) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(button, "Copied");
    } catch {
      // The clipboard is closed to pages that are not served by https or from this machine.
      say(button, "Not allowed");
    }
  });
}

for (const step of document.querySelectorAll(".cookbook-edit")) {
  const [diff, result] = step.querySelectorAll(":scope > .cookbook-block");
  const views = document.createElement("span");
  views.className = "cookbook-views";
  const buttons = [["Diff", diff], ["Result", result]].map(([label, block]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => show(block));
    views.append(button);
    return [button, block];
  });
  const show = (chosen) => {
    for (const [button, block] of buttons) {
      button.setAttribute("aria-pressed", String(block === chosen));
      block.hidden = block !== chosen;
    }
  };
  step.querySelector(".cookbook-badge").before(views);
  show(diff);
}
