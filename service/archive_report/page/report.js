// Draws the plots, whose specifications stand in the page as data, and switches between light and dark.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.hidden = false;
  system.addEventListener("change", show);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  show();

  const refuse = () => Promise.reject(new Error("this page loads nothing"));
  const options = {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    ast: true, // the page's policy forbids to make code from text
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    loader: { load: refuse, sanitize: refuse },
  };
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const draw = async ([id, spec]) => {
    const { view } = await vegaEmbed(document.getElementById(id), spec, options);
    // its parts have no names; the element around it has one, and the table below the figures
    view.container().querySelector("svg").setAttribute("aria-hidden", "true");
  };
  const drawn = Object.entries(plots).map(draw);
  Promise.all(drawn).then(
    () => (root.dataset.drawn = "all"),
    (error) => {
      root.dataset.drawn = "failed";
      console.error(error);
    },
  );
})();
