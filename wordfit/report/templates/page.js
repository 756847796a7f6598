"use strict";
// Unpack plotly, draw every figure in the colours of the page, and draw again when light turns to dark.
(function () {
  const blocks = Array.from(document.querySelectorAll("figure")).filter((f) => f.querySelector(".plot"));
  const config = { responsive: true, displayModeBar: false, scrollZoom: false };

  async function unpack() {
    const packed = document.getElementById("plotly");
    const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
    packed.remove();
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }

  // "var(--c1)" becomes the colour that the style sheet gives it now.
  function inColour(value, style) {
    if (typeof value === "string" && value.startsWith("var(--")) {
      return style.getPropertyValue(value.slice(4, -1)).trim();
    }
    if (Array.isArray(value)) return value.map((item) => inColour(item, style));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inColour(item, style)]));
    }
    return value;
  }

  async function draw(block) {
    const plot = block.querySelector(".plot");
    const style = getComputedStyle(document.documentElement);
    const { data, layout } = inColour(JSON.parse(block.querySelector("script").textContent), style);
    await Plotly.react(plot, data, layout, config);
    if (!plot.dataset.linked) {
      plot.dataset.linked = "yes";
      plot.on("plotly_click", (event) => {
        const link = event.points[0].customdata;
        if (typeof link === "string" && link) window.location.href = link;
      });
    }
  }

  async function drawAll() {
    for (const block of blocks) if (block.offsetParent !== null) await draw(block);
    document.body.dataset.drawn = String(document.querySelectorAll(".plot .svg-container").length);
  }

  // A menu shows one of several figures or texts; a hidden one is drawn when it is first seen.
  for (const menu of document.querySelectorAll("select[data-shows]")) {
    const choices = Array.from(document.querySelectorAll(`[data-choice="${menu.dataset.shows}"]`));
    const show = () => {
      choices.forEach((choice, i) => { choice.hidden = i !== menu.selectedIndex; });
      const figure = choices[menu.selectedIndex].querySelector("figure");
      if (figure && window.Plotly) draw(figure);
    };
    menu.addEventListener("change", show);
    show();
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  // The contents mark the section being read.
  const links = new Map(Array.from(document.querySelectorAll("nav a"), (a) => [a.hash.slice(1), a]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      links.forEach((link) => link.classList.remove("here"));
      links.get(entry.target.id)?.classList.add("here");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  document.querySelectorAll("main > section").forEach((section) => seen.observe(section));

  if (blocks.length === 0) { document.body.dataset.drawn = "0"; return; }
  unpack().then(drawAll).catch((error) => {
    console.error(error);
    for (const block of blocks) block.querySelector(".plot").textContent = "This browser cannot draw the figure.";
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => blocks.forEach((b) => window.Plotly && Plotly.Plots.resize(b.querySelector(".plot"))));
})();
