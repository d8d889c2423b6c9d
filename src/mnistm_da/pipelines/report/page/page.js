const pause = () => new Promise((done) => setTimeout(done));

/* Paper has another width than the screen, and gets no new drawing: the style sheet makes this one smaller. */
function noteWidths() {
  for (const drawn of document.querySelectorAll(".plot, .map .canvas")) drawn.style.setProperty("--drawn", drawn.offsetWidth);
}

async function drawCharts() {
  for (const plot of document.querySelectorAll(".plot")) {
    const { data, layout } = JSON.parse(plot.querySelector("script").textContent);
    await Plotly.newPlot(plot, data, layout, config);
    await pause(); // the page stays usable while many are drawn
  }
}

/* A table that is wider than its place says so; the words are in the style sheet. */
function noteScrolling() {
  for (const box of document.querySelectorAll(".scroll")) {
    box.classList.toggle("wide", box.scrollWidth > box.clientWidth + 1);
  }
}

/* A short name shows its entry of the glossary where it stands; without this script, it is a link to it. */
function explainTerms() {
  const tip = document.getElementById("tip");
  if (!tip.showPopover) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.term");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [name, text] = document.querySelector(link.hash).children;
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: name.textContent }), ` ${text.textContent} `,
      Object.assign(document.createElement("a"), { href: "#glossary", textContent: "All terms" }));
    tip.showPopover();
    const at = link.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${at.bottom + tip.offsetHeight + 12 > innerHeight ? Math.max(8, at.top - tip.offsetHeight - 6) : at.bottom + 6}px`;
  });
  addEventListener("scroll", () => tip.hidePopover(), { passive: true });
}

explainTerms();
addEventListener("resize", () => { noteWidths(); noteScrolling(); });
drawMaps().then(drawCharts).then(noteWidths).then(noteScrolling).then(() => { document.documentElement.dataset.drawn = "yes"; });
