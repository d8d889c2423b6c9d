// Diagrams, and what the theme leaves without: names and keys, and a sign that there is more to the right.
const here = new URL(".", document.currentScript.src);

// Mermaid is loaded where a page has a diagram, from this site.
async function draw() {
  const diagrams = [...document.querySelectorAll("pre.diagram")];
  if (!diagrams.length) return;
  await new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: new URL("mermaid.js", here), onload: done, onerror: failed });
    document.head.append(script);
  });
  for (const diagram of diagrams) diagram.textContent = diagram.textContent; // Mermaid reads text, not <code>
  mermaid.initialize({ startOnLoad: false, theme: "neutral", flowchart: { useMaxWidth: false } });
  await mermaid.run({ nodes: diagrams });
}

// What scrolls can be reached and moved by the keyboard.
function nameWhatScrolls() {
  document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, pre.diagram")) {
    const name = box.matches(".diagram") ? "Diagram" : "Table";
    Object.assign(box, { tabIndex: 0, role: "group", ariaLabel: name });
  }
}

// What goes on to the right fades out there, until it has been scrolled to its end; the style sheet does it.
function noteWhatGoesOn() {
  for (const box of document.querySelectorAll(".md-typeset pre > code, .md-typeset__scrollwrap, pre.diagram")) {
    box.classList.toggle("goes-on", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  }
}

document.addEventListener("DOMContentLoaded", () => draw().then(noteWhatGoesOn));
window.addEventListener("load", () => { nameWhatScrolls(); noteWhatGoesOn(); }); // the theme has wrapped the tables by then
window.addEventListener("resize", noteWhatGoesOn);
document.addEventListener("scroll", noteWhatGoesOn, { capture: true, passive: true });
