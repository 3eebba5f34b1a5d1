// A button beside the command of a verdict card that copies it.
document.addEventListener("DOMContentLoaded", () => {
  for (const line of document.querySelectorAll(".nl-try")) {
    const code = line.querySelector("code");
    if (!code || !navigator.clipboard) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${code.textContent}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    line.append(" ", button);
  }
});
