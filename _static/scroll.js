// A formula wider than the page scrolls in its own box. A keyboard can
// scroll it only where it can be reached, so it becomes a tab stop there,
// and nowhere else.
(() => {
  const mark = () => {
    for (const box of document.querySelectorAll(
      ".bd-content .math, .bd-content mjx-container",
    )) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  window.addEventListener("load", () => {
    const typeset = window.MathJax?.startup?.promise ?? Promise.resolve();
    typeset.then(mark);
  });
  window.addEventListener("resize", mark);
  document.addEventListener("toggle", mark, true); // a fold that opens
})();
